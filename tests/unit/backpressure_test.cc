// SPDX-License-Identifier: GPL-2.0-only
// A full ring stops the sender's queue; a half-empty one wakes it.
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

constexpr u32 kRing = VNET_RING_MIN;

class BackpressureTest : public PairTest {
 protected:
  BackpressureTest() { make_pair({.ring_size = kRing}); }
  void fill() {
    while (!a().stopped()) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
  }
};

TEST_F(BackpressureTest, Tx_StopsTheQueueWithTheFrameThatFillsTheRing) {
  for (u32 i = 1; i < kRing; i++) {
    ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
    ASSERT_FALSE(a().stopped());
  }
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  EXPECT_TRUE(a().stopped());
  EXPECT_EQ(a().stops(), 1u);
  EXPECT_EQ(a().reg(VNET_REG_TX_STATE), VNET_TX_STOPPED);
  EXPECT_EQ(b().reg(VNET_REG_RX_PENDING), kRing);
  pair().run();
}

TEST_F(BackpressureTest, Tx_AgainstTheStopIsBusyAndLeavesTheFrameWithTheCaller) {
  fill();
  Frame* frame = host.ledger.make(ethernet_frame(kMacB, kMacA, 60, 0x77));
  EXPECT_EQ(a().tx(frame), VNET_TX_BUSY);
  EXPECT_EQ(a().tx(frame), VNET_TX_BUSY);
  pair().run();
  pair().received();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(a().tx(frame), VNET_TX_ADMITTED);
  a().doorbell();
  pair().run();
  const auto received = pair().received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].bytes, ethernet_frame(kMacB, kMacA, 60, 0x77));
}

TEST_F(BackpressureTest, Busy_TouchesNoFrameEvenWithOptionsOn) {
  make_pair({.ring_size = kRing, .snull = true, .pad = true, .noarp = true});
  fill();
  const u64 header_calls = host.header_calls;
  EXPECT_EQ(pair().send(ethernet_frame(kMacB, kMacA, 20)), VNET_TX_BUSY);
  EXPECT_EQ(host.header_calls, header_calls);
  pair().run();
}

TEST_F(BackpressureTest, StopInABatch_IsServedByTheDoorbellThatFollowsIt) {
  for (u32 i = 0; i < kRing; i++) a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA)));
  EXPECT_TRUE(a().stopped());
  a().doorbell();
  EXPECT_TRUE(b().raised());
  pair().run();
  EXPECT_EQ(pair().received().size(), kRing);
  EXPECT_FALSE(a().stopped());
}

TEST_F(BackpressureTest, Wake_ComesAtHalfTheRing) {
  fill();
  EXPECT_EQ(b().poll(kRing / 2 - 1), kRing / 2 - 1);
  EXPECT_FALSE(a().raised());
  EXPECT_EQ(b().poll(1), 1u);
  EXPECT_TRUE(a().raised());
  EXPECT_TRUE(a().stopped());  // it is the sender's own poll that wakes
  a().serve();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(a().wakes(), 1u);
  pair().run();
}

TEST_F(BackpressureTest, RefilledBeforeItsPoll_TheSenderStaysStopped) {
  fill();
  b().poll(kRing);
  b().poll_done();
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(a().wakes(), a().stops());
}

TEST_F(BackpressureTest, ManyLaps_PairEveryStopWithOneWake) {
  for (u32 lap = 1; lap <= 50; lap++) {
    fill();
    pair().run(7);
    ASSERT_EQ(a().stops(), lap);
    ASSERT_EQ(a().wakes(), lap);
    ASSERT_EQ(pair().received().size(), kRing);
  }
}

TEST_F(BackpressureTest, BothDirections_StopAndWakeOnTheirOwn) {
  fill();
  while (!b().stopped()) ASSERT_EQ(b().send(ethernet_frame(kMacA, kMacB)), VNET_TX_ADMITTED);
  pair().run(16);
  EXPECT_FALSE(a().stopped());
  EXPECT_FALSE(b().stopped());
  EXPECT_EQ(pair().received().size(), kRing);
  EXPECT_EQ(a().take_received().size(), kRing);
}

TEST_F(BackpressureTest, Detach_WakesAStoppedSender) {
  fill();
  pair().a().detach();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
  pair().run();
  EXPECT_EQ(pair().received().size(), kRing);
}

TEST_F(BackpressureTest, ReceiverStop_WakesAStoppedSender) {
  fill();
  pair().b().stop();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(host.ledger.dropped(VNET_DROP_STOPPED), kRing);
  pair().run();
}

TEST_F(BackpressureTest, SenderReopened_OntoAFullRingIsStoppedAgainAndWoken) {
  fill();
  pair().a().stop();
  pair().a().open();
  EXPECT_FALSE(a().stopped());
  Frame* frame = host.ledger.make(ethernet_frame(kMacB, kMacA));
  EXPECT_EQ(a().tx(frame), VNET_TX_BUSY);
  EXPECT_TRUE(a().stopped());
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(a().tx(frame), VNET_TX_ADMITTED);
  a().doorbell();
  pair().run();
  EXPECT_EQ(pair().received().size(), kRing + 1);
}

// The frame that fills the ring is also the one whose interrupt is lost: still one stop and one
// wake.
TEST_F(BackpressureTest, LockupOnTheFillingFrame_StopsTheQueueOnce) {
  make_pair({.ring_size = kRing, .lockup = kRing, .timeout_ms = 10});
  for (u32 i = 0; i < kRing; i++) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
  EXPECT_TRUE(a().stopped());
  EXPECT_EQ(a().stops(), 1u);
  pair().run();
  EXPECT_TRUE(a().stopped());
  pair().a().watchdog();
  host.advance(10'000'000);
  pair().a().watchdog();
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(a().wakes(), 1u);
}

}  // namespace
}  // namespace vnet::fake
