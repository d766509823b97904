// SPDX-License-Identifier: GPL-2.0-only
// Another thread comes in the middle of a call of the core. The places are the calls out to the
// host: there the interleaving is made, where threads_test.cc can only hope for it.
#include <atomic>
#include <thread>

#include "tests/fake/fixture.h"
#include "tests/unit/threads.h"

namespace vnet::fake {
namespace {

class InterleavingTest : public PairTest {
 protected:
  InterleavingTest() { make_pair({.ring_size = VNET_RING_MIN}); }

  void send_to_the_last_but_one() {
    for (u32 i = 0; i < VNET_RING_MIN - 1; i++) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
  }

  // Begins `control` while a transmit is in its commit. The transmit goes on as soon as control
  // waits for it, or, if it does not, when it has ended.
  void send_while(const std::function<void()>& control) {
    std::atomic<bool> waits{false}, ended{false};
    std::thread thread;
    host.interleave(Point::kQuiesce, [&] { waits = true; });
    host.interleave(Point::kCommit, [&] {
      thread = std::thread([&] {
        control();
        ended = true;
      });
      const test::Deadline deadline;
      while (!waits && !ended && deadline.ahead()) std::this_thread::yield();
    });
    EXPECT_EQ(a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA))), VNET_TX_ADMITTED);
    thread.join();
    a().doorbell();
  }
};

// The receiver makes room before it can see that the sender stops: the sender has to look again.
TEST_F(InterleavingTest, ReceiverDrainsWhileTheQueueStops_TheSenderWakesItself) {
  send_to_the_last_but_one();
  host.interleave(Point::kQueueStop, [&] { b().serve(); });
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  EXPECT_EQ(a().stops(), 1u);
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(pair().received().size(), VNET_RING_MIN);
}

// Whatever both polls do in that moment, the wake comes after the stop, and once.
TEST_F(InterleavingTest, BothPollWhileTheQueueStops_TheWakeDoesNotOvertake) {
  for (const Point point : {Point::kBeforeQueueStop, Point::kQueueStop}) {
    make_pair({.ring_size = VNET_RING_MIN});
    send_to_the_last_but_one();
    host.interleave(point, [&] {
      b().serve();
      if (a().raised()) a().serve();
    });
    EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
    pair().run();
    EXPECT_EQ(a().stops(), 1u);
    EXPECT_EQ(a().wakes(), 1u);
  }
}

// The filter's drop is the place inside a poll, behind its acknowledgement. The frame that comes
// then is taken by the same poll or not; its interrupt is reported all the same, and none after it.
TEST_F(InterleavingTest, InterruptComesInsideAPoll_PollDoneReportsIt) {
  constexpr u8 kForeign[6] = {2, 2, 2, 2, 2, 2};
  pair().send(ethernet_frame(kForeign, kMacA));
  host.interleave(Point::kDrop, [&] { pair().send(); });
  const u32 work = b().poll();
  EXPECT_TRUE(b().poll_done());
  EXPECT_EQ(work + b().poll(), 2u);
  EXPECT_FALSE(b().poll_done());
  EXPECT_EQ(pair().received().size(), 1u);
}

TEST_F(InterleavingTest, ReceiverPollsDuringACommit_TheFrameComesWithTheNextPoll) {
  pair().send();
  host.interleave(Point::kCommit, [&] { b().serve(); });
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  EXPECT_EQ(b().received_count(), 1u);
  EXPECT_TRUE(b().raised());
  pair().run();
  EXPECT_EQ(b().received_count(), 2u);
}

TEST_F(InterleavingTest, ReceiverStopsDuringACommit_TheFrameIsDroppedAsStopped) {
  send_while([&] { pair().b().stop(false); });
  EXPECT_EQ(b().stats().in_flight, 0u) << "a stopped device holds a frame";
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_STOPPED], 1u);
}

TEST_F(InterleavingTest, DetachDuringACommit_TheFrameIsServedToTheReceiver) {
  send_while([&] { pair().a().detach(); });
  pair().run();
  EXPECT_EQ(pair().received().size(), 1u) << "its interrupt was lost with the link";
}

// napi_disable() does not wait for the end of a poll, which asks whether the interrupt storms.
TEST_F(InterleavingTest, AFaultIsDeletedDuringAPollDone_ItIsFreedAfterIt) {
  vnet_fault storm{};
  storm.what = VNET_FAULT_IRQ_STORM;
  ASSERT_EQ(pair().b().add_fault(storm), 0);
  pair().run();
  ASSERT_TRUE(b().expire());
  ASSERT_TRUE(b().raised());
  std::atomic<bool> waits{false}, ended{false};
  bool early = false;
  std::thread thread;
  host.interleave(Point::kQuiesce, [&] { waits = true; });
  host.interleave(Point::kArm, [&] {
    thread = std::thread([&] {
      const Call call(Context::kControl, nullptr);
      EXPECT_EQ(vnet_core_fault_del(pair().b().core(), 0), 0);
      ended = true;
    });
    const test::Deadline deadline;
    while (!waits && !ended && deadline.ahead()) std::this_thread::yield();
    for (int i = 0; i < 1000 && !ended; i++) std::this_thread::yield();
    early = ended;
  });
  b().serve();
  thread.join();
  EXPECT_FALSE(early) << "it was freed under a poll's hands";
  pair().run();
}

TEST_F(InterleavingTest, DetachWhileTheQueueStops_LeavesNobodyStopped) {
  send_to_the_last_but_one();
  std::thread thread;
  std::atomic<bool> waits{false};
  host.interleave(Point::kQuiesce, [&] { waits = true; });
  host.interleave(Point::kQueueStop, [&] {
    thread = std::thread([&] { pair().a().detach(); });
    const test::Deadline deadline;
    while (!waits && deadline.ahead()) std::this_thread::yield();
  });
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  thread.join();
  EXPECT_FALSE(a().stopped());
  pair().run();
  EXPECT_EQ(pair().received().size(), VNET_RING_MIN);
}

// The line waits already and its deadline is not armed yet.
TEST_F(InterleavingTest, ReceiverPollsBeforeTheDeadlineIsArmed_TheNextFrameWaitsAndComes) {
  make_pair({.rx_usecs = 100});
  host.interleave(Point::kArm, [&] { b().serve(); });
  pair().send();
  EXPECT_EQ(b().received_count(), 1u);
  pair().send();
  EXPECT_FALSE(b().raised());
  host.advance(100000);
  EXPECT_EQ(b().serve(), 1u);
}

// The poll has unmasked and is about to arm: what comes then interrupts, and the poll is not to be
// repeated as well.
TEST_F(InterleavingTest, EnoughFramesBeforeThePollHasArmed_InterruptOnce) {
  make_pair({.rx_usecs = 100, .rx_frames = 4});
  b().poll();
  pair().send();
  host.interleave(Point::kArm, [&] {
    for (u32 i = 0; i < 3; i++) pair().send();
  });
  EXPECT_FALSE(b().poll_done());
  EXPECT_TRUE(b().raised());
  EXPECT_EQ(b().serve(), 4u);
}

// The watchdog's recovery meets the hang that has not quite begun: it recovers at its next turn.
TEST_F(InterleavingTest, TimeoutWhileTheQueueHangs_TheNextOneRecovers) {
  make_pair({.lockup = 1, .timeout_ms = 10});
  host.interleave(Point::kQueueStop, [&] { a().tx_timeout(); });
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  pair().run();
  pair().a().watchdog();
  host.advance(10'000'000);
  pair().a().watchdog();
  pair().run();
  EXPECT_FALSE(a().stopped());
}

}  // namespace
}  // namespace vnet::fake
