// SPDX-License-Identifier: GPL-2.0-only
// Interrupt moderation at the boundary, exact in virtual time.
#include "core/moderation.h"

#include <array>
#include <functional>

#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

constexpr u64 kUs = 1000, kMs = 1000000;

class ModerationTest : public PairTest {
 protected:
  // b is moderated, a is not.
  void moderate(u32 usecs, u32 frames, bool adaptive = false, u32 ring_size = VNET_RING_DEFAULT) {
    make_pair({.ring_size = ring_size});
    ASSERT_EQ(set(usecs, frames, adaptive), 0);
  }
  int set(u32 usecs, u32 frames, bool adaptive = false) {
    vnet_params params = pair().b().params();
    params.rx_usecs = usecs;
    params.rx_frames = frames;
    params.adaptive_rx = adaptive;
    return pair().b().set_params(params);
  }
  void send(u32 count) {
    for (u32 i = 0; i < count; i++) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
  }
  // A timer that was on its way when its deadline was over.
  void late_deadline() {
    const Call call(Context::kTimer, &b());
    vnet_core_deadline(b().core());
  }
  std::array<u32, 2> in_force() {
    std::array<u32, 2> wait{};
    const Call call(Context::kControl, nullptr);
    vnet_core_queue_moderation(pair().b().core(), 0, &wait[0], &wait[1]);
    return wait;
  }
};

TEST_F(ModerationTest, Off_InterruptsAtOnceAndAsksForNoDeadline) {
  send(1);
  EXPECT_TRUE(b().raised());
  EXPECT_EQ(b().deadline(), 0u);
  pair().run();
  EXPECT_EQ(host.clock_calls, 0u);
}

TEST_F(ModerationTest, RxUsecs_TheInterruptComesThatLongAfterTheFirstFrame) {
  moderate(100, 0);
  send(1);
  host.advance(60 * kUs);
  send(1);
  host.advance(40 * kUs - 1);
  EXPECT_FALSE(b().raised());
  EXPECT_EQ(b().reg(VNET_REG_IRQ_STATUS), VNET_IRQ_RX);
  EXPECT_EQ(b().reg(VNET_REG_IRQ_MASK), 0u);
  host.advance(1);
  EXPECT_TRUE(b().raised());
  EXPECT_EQ(b().serve(), 2u);
  EXPECT_EQ(b().irqs(), 1u);
  host.advance(1000 * kMs);
  EXPECT_EQ(b().irqs(), 1u) << "a deadline without a frame";
}

TEST_F(ModerationTest, RxFrames_ThatManyInterruptAtOnce) {
  moderate(100, 8);
  send(7);
  EXPECT_FALSE(b().raised());
  send(1);
  EXPECT_TRUE(b().raised());
  EXPECT_EQ(b().serve(), 8u);
  host.advance(100 * kUs);
  EXPECT_EQ(b().irqs(), 1u) << "the deadline of what was served";
}

TEST_F(ModerationTest, RxFrames_CountsWhatOneDoorbellBrings) {
  moderate(100, 8);
  for (u32 i = 0; i < 10; i++) a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA)));
  EXPECT_FALSE(b().raised());
  a().doorbell();
  EXPECT_TRUE(b().raised());
  pair().run();
}

TEST_F(ModerationTest, RxFramesOne_InterruptsAtOnce) {
  moderate(100, 1);
  send(1);
  EXPECT_TRUE(b().raised());
  pair().run();
}

// Else the sender would stand still for up to the whole wait.
TEST_F(ModerationTest, HalfARing_InterruptsAtOnceWhateverTheSettings) {
  moderate(VNET_RX_USECS_MAX, VNET_RX_FRAMES_MAX, false, VNET_RING_MIN);
  send(VNET_RING_MIN / 2 - 1);
  EXPECT_FALSE(b().raised());
  send(1);
  EXPECT_TRUE(b().raised());
  pair().run();
}

TEST_F(ModerationTest, FullRing_TheSenderIsWokenWithoutADeadline) {
  moderate(VNET_RX_USECS_MAX, VNET_RX_FRAMES_MAX, false, VNET_RING_MIN);
  for (u32 i = 0; i < VNET_RING_MIN; i++) a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA)));
  EXPECT_TRUE(a().stopped());
  a().doorbell();
  pair().run();
  EXPECT_FALSE(a().stopped());
}

TEST_F(ModerationTest, PollDone_WhatCameMeanwhileWaitsAnew) {
  moderate(100, 0);
  send(1);
  host.advance(100 * kUs);
  EXPECT_EQ(b().poll(), 1u);
  send(1);
  EXPECT_FALSE(b().poll_done()) << "poll again, instead of a wait";
  host.advance(100 * kUs - 1);
  EXPECT_FALSE(b().raised());
  host.advance(1);
  EXPECT_TRUE(b().raised());
  pair().run();
  EXPECT_EQ(b().irqs(), 2u);
}

TEST_F(ModerationTest, PollDone_EnoughFramesMeanwhileArePolledAgain) {
  moderate(100, 4);
  send(4);
  EXPECT_EQ(b().poll(), 4u);
  send(4);
  EXPECT_TRUE(b().poll_done());
  EXPECT_EQ(b().poll(), 4u);
  EXPECT_FALSE(b().poll_done());
  EXPECT_EQ(b().irqs(), 1u);
}

TEST_F(ModerationTest, BusyPoll_TakesWhatWaitsAndTheDeadlineFindsNothing) {
  moderate(100, 0);
  send(1);
  EXPECT_EQ(b().serve(), 1u);
  host.advance(100 * kUs);
  EXPECT_EQ(b().irqs(), 0u);
  send(1);
  host.advance(100 * kUs);
  EXPECT_EQ(b().irqs(), 1u);
  pair().run();
}

// With snull's transmit interrupts a queue is polled all the time; what waits comes along.
TEST_F(ModerationTest, TransmitInterrupt_DoesNotWaitAndTakesFramesAlong) {
  make_pair({.rx_usecs = 100, .tx_irq = true});
  send(1);
  b().send(ethernet_frame(kMacA, kMacB));
  EXPECT_FALSE(a().raised());
  host.advance(50 * kUs);
  EXPECT_EQ(b().poll(), 1u);
  EXPECT_TRUE(a().raised());
  EXPECT_FALSE(b().poll_done());
  EXPECT_EQ(a().serve(), 1u);
  pair().run();
  host.advance(100 * kUs);
  pair().run();
}

TEST_F(ModerationTest, PollDone_ATransmitInterruptMeanwhileIsServedAtOnce) {
  moderate(100, 0);
  b().poll();
  send(1);
  EXPECT_EQ(b().irq_raise(VNET_IRQ_TX), 0);
  EXPECT_TRUE(b().poll_done());
  pair().b().queue().serve();
}

TEST_F(ModerationTest, RaisedByHand_DoesNotWait) {
  moderate(100, 0);
  send(1);
  EXPECT_EQ(b().irq_raise(VNET_IRQ_RX), 0);
  EXPECT_TRUE(b().raised());
  pair().run();
}

TEST_F(ModerationTest, WhateverRecovers_DoesNotWait) {
  const std::function<void()> events[] = {
      [&] { pair().a().detach(); },
      [&] { a().tx_timeout(); },
      [&] { pair().a().stop(); },
      [&] {
        vnet_params params = pair().a().params();
        params.ring_size *= 2;
        EXPECT_EQ(pair().a().set_params(params), 0);
      },
  };
  for (const auto& event : events) {
    moderate(100, 0);
    send(1);
    EXPECT_FALSE(b().raised());
    event();
    EXPECT_TRUE(b().raised());
    pair().run();
    EXPECT_EQ(pair().received().size(), 1u);
  }
}

TEST_F(ModerationTest, Stop_EndsTheWaitAndALateDeadlineMeansNothing) {
  moderate(100, 0);
  send(3);
  pair().b().stop();
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_STOPPED], 3u);
  host.advance(100 * kUs);
  pair().b().open();
  late_deadline();
  EXPECT_FALSE(b().raised());
  send(1);
  host.advance(100 * kUs);
  EXPECT_EQ(b().serve(), 1u);
}

TEST_F(ModerationTest, RingReplaced_TheWaitBeginsAnew) {
  moderate(100, 0);
  send(3);
  vnet_params params = pair().b().params();
  params.ring_size *= 2;
  EXPECT_EQ(pair().b().set_params(params), 0);
  pair().run();
  send(1);
  EXPECT_FALSE(b().raised());
  host.advance(100 * kUs);
  EXPECT_EQ(b().serve(), 1u);
}

TEST_F(ModerationTest, OtherSettings_EndTheWaitUnderTheOldOnes) {
  moderate(VNET_RX_USECS_MAX, 0);
  send(1);
  EXPECT_EQ(set(10, 0), 0);
  EXPECT_TRUE(b().raised());
  pair().run();
  send(1);
  host.advance(10 * kUs);
  EXPECT_TRUE(b().raised());
  pair().run();
  EXPECT_EQ(set(0, 7), 0);
  send(1);
  EXPECT_TRUE(b().raised()) << "frames alone moderate nothing";
  pair().run();
}

TEST_F(ModerationTest, InForce_IsWhatWasSet) {
  moderate(100, 8);
  EXPECT_EQ(in_force(), (std::array<u32, 2>{100, 8}));
  EXPECT_EQ(set(VNET_RX_USECS_MAX, VNET_RX_FRAMES_MAX), 0);
  EXPECT_EQ(in_force(), (std::array<u32, 2>{VNET_RX_USECS_MAX, VNET_RX_FRAMES_MAX}));
  EXPECT_EQ(set(0, 0), 0);
  EXPECT_EQ(in_force(), (std::array<u32, 2>{0, 0}));
}

// ---- adaptive

class AdaptiveTest : public ModerationTest {
 protected:
  AdaptiveTest() { moderate(0, 0, true); }

  // One frame each `gap`, for `time`; interrupts are served when they come.
  void stream(u64 gap, u64 time) {
    for (const u64 end = host.now() + time; host.now() < end;) {
      send(1);
      pair().run();
      host.advance(gap);
    }
  }
  // Each frame follows the arrival of the one before after `think`.
  void ping_pong(u64 think, u64 time) {
    for (const u64 end = host.now() + time; host.now() < end;) {
      send(1);
      const u64 sent = host.now();
      if (!b().raised()) host.advance(b().deadline() - sent);
      pair().run();
      host.advance(think);
    }
  }
  void settle_on_bulk() {
    stream(1 * kUs, 10 * kMs);
    ASSERT_EQ(in_force()[0], 128u);
  }
};

TEST_F(AdaptiveTest, BeginsWithoutAWait) {
  EXPECT_EQ(in_force()[0], 0u);
  send(1);
  EXPECT_TRUE(b().raised());
  pair().run();
}

TEST_F(AdaptiveTest, Bulk_StepsUpOnceAMillisecondToTheLongestWait) {
  u32 before = 0;
  for (const u32 usecs : {32u, 64u, 128u}) {
    for (u32 i = 0; i < 3 && in_force()[0] == before; i++) stream(1 * kUs, 1 * kMs);
    EXPECT_EQ(in_force()[0], usecs);
    before = usecs;
  }
  stream(1 * kUs, 10 * kMs);
  EXPECT_EQ(in_force()[0], 128u);
  const u64 irqs = b().irqs(), frames = b().received_count();
  stream(1 * kUs, 10 * kMs);
  EXPECT_NEAR(
      static_cast<double>(b().received_count() - frames) / static_cast<double>(b().irqs() - irqs),
      64, 1)
      << "frames per interrupt";
  host.advance(kMs);
  pair().run();
}

TEST_F(AdaptiveTest, SlowStream_NeverWaits) {
  stream(20 * kUs, 50 * kMs);  // 50,000 frames per second
  EXPECT_EQ(in_force()[0], 0u);
  EXPECT_EQ(b().irqs(), b().received_count());
}

TEST_F(AdaptiveTest, SlowAfterBulk_StepsDownToNoWait) {
  settle_on_bulk();
  stream(1 * kMs, 10 * kMs);
  EXPECT_EQ(in_force()[0], 0u);
}

TEST_F(AdaptiveTest, AWait_MustGatherOneFrameAndAHalf) {
  settle_on_bulk();
  stream(75 * kUs, 10 * kMs);
  EXPECT_EQ(in_force()[0], 128u);
  stream(100 * kUs, 10 * kMs);
  EXPECT_EQ(in_force()[0], 0u);
}

TEST_F(AdaptiveTest, PingPong_StepsDownToNoWait) {
  settle_on_bulk();
  ping_pong(1 * kUs, 10 * kMs);
  EXPECT_EQ(in_force()[0], 0u) << "a full speed that only the wait limits";
}

// 100,000 per second look like bulk; the first wait finds out, and it is rarely tried again.
TEST_F(AdaptiveTest, FastPingPong_IsSeldomDisturbed) {
  const u64 begin = b().received_count();
  ping_pong(10 * kUs, 1000 * kMs);
  EXPECT_GT(b().received_count() - begin, 95000u);
  EXPECT_LE(b().received_count() - begin, 100000u);
}

TEST_F(AdaptiveTest, TheClockIsReadOncePerPollAndPerDeadline) {
  const u64 before = b().stats().polls;
  host.clock_calls = 0;
  stream(1 * kUs, 5 * kMs);
  EXPECT_GE(host.clock_calls, b().stats().polls - before);
  EXPECT_LE(host.clock_calls, 2 * (b().stats().polls - before));
  host.advance(kMs);
  pair().run();
}

TEST_F(AdaptiveTest, SwitchedOffAndOn_BeginsAnew) {
  settle_on_bulk();
  EXPECT_EQ(set(7, 3), 0);
  EXPECT_EQ(in_force(), (std::array<u32, 2>{7, 3}));
  EXPECT_EQ(set(7, 3, true), 0);
  EXPECT_EQ(in_force()[0], 0u) << "what is fixed does not count";
  pair().run();
}

}  // namespace
}  // namespace vnet::fake
