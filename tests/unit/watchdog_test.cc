// SPDX-License-Identifier: GPL-2.0-only
// The lockup fault and the watchdog that recovers from it, in virtual time.
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

constexpr u64 kMillisecond = 1'000'000;

class WatchdogTest : public PairTest {
 protected:
  u64 watchdog() { return pair().a().watchdog(); }
  // Sends and serves; the frame itself must arrive whatever the fault does.
  void send_and_expect_delivery() {
    ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
    pair().run();
    ASSERT_EQ(pair().received().size(), 1u);
  }
  void expire(u64 timeout) {
    watchdog();
    host.advance(timeout);
    watchdog();
    pair().run();
  }
};

TEST_F(WatchdogTest, RunningQueue_HasNoDeadline) {
  EXPECT_EQ(watchdog(), 0u);
  pair().send();
  EXPECT_EQ(watchdog(), 0u);
  pair().run();
}

TEST_F(WatchdogTest, Lockup_StopsTheQueueAtEveryNthFrameAndDeliversIt) {
  make_pair({.lockup = 3, .timeout_ms = 10});
  for (u64 round = 1; round <= 4; round++) {
    send_and_expect_delivery();
    send_and_expect_delivery();
    EXPECT_FALSE(a().stopped());
    send_and_expect_delivery();
    EXPECT_TRUE(a().stopped());
    EXPECT_EQ(a().stops(), round);
    EXPECT_EQ(a().reg(VNET_REG_TX_STATE), VNET_TX_STOPPED | VNET_TX_HUNG);
    const auto notices = a().take_notices();
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_EQ(notices[0].event, VNET_EVENT_LOCKUP);
    EXPECT_EQ(notices[0].value, 3 * round);
    expire(10 * kMillisecond);
    EXPECT_FALSE(a().stopped());
    a().take_notices();
  }
}

TEST_F(WatchdogTest, LockupOfOne_HangsOnEachFrameAndRecoversEachTime) {
  make_pair({.lockup = 1, .timeout_ms = 10});
  for (u64 i = 1; i <= 5; i++) {
    send_and_expect_delivery();
    EXPECT_TRUE(a().stopped());
    expire(10 * kMillisecond);
    EXPECT_FALSE(a().stopped());
    EXPECT_EQ(a().stats().tx_timeouts, i);
  }
}

TEST_F(WatchdogTest, Lockup_SurvivesPollsWithoutTheWatchdog) {
  make_pair({.lockup = 1, .tx_irq = true});
  send_and_expect_delivery();
  EXPECT_EQ(a().irqs(), 0u) << "the transmit interrupt is to be lost";
  EXPECT_EQ(b().irq_raise(VNET_IRQ_RX | VNET_IRQ_TX), 0);
  EXPECT_EQ(a().irq_raise(VNET_IRQ_RX), 0);
  pair().run();
  EXPECT_TRUE(a().stopped());
}

TEST_F(WatchdogTest, HungQueue_IsBusy) {
  make_pair({.lockup = 1});
  send_and_expect_delivery();
  EXPECT_EQ(pair().send(), VNET_TX_BUSY);
  EXPECT_EQ(a().stats().tx_frames, 1u);
}

TEST_F(WatchdogTest, Timeout_FiresAfterExactlyTimeoutMs) {
  make_pair({.lockup = 1, .timeout_ms = 250});
  send_and_expect_delivery();
  a().take_notices();
  EXPECT_EQ(watchdog(), 250 * kMillisecond);
  host.advance(250 * kMillisecond - 1);
  EXPECT_EQ(watchdog(), 1u);
  EXPECT_EQ(a().stats().tx_timeouts, 0u);
  EXPECT_TRUE(a().take_notices().empty());
  host.advance(1);
  watchdog();
  EXPECT_EQ(a().stats().tx_timeouts, 1u);
  const auto notices = a().take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].event, VNET_EVENT_TX_TIMEOUT);
  EXPECT_EQ(notices[0].value, 1u);
  EXPECT_TRUE(a().raised());
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(watchdog(), 0u);
  send_and_expect_delivery();
}

TEST_F(WatchdogTest, Timeout_LimitsAreExactAsWell) {
  for (const u32 timeout_ms : {VNET_TIMEOUT_MIN_MS, VNET_TIMEOUT_MAX_MS}) {
    make_pair({.lockup = 1, .timeout_ms = timeout_ms});
    send_and_expect_delivery();
    EXPECT_EQ(watchdog(), timeout_ms * kMillisecond);
    host.advance(timeout_ms * kMillisecond - 1);
    watchdog();
    EXPECT_EQ(a().stats().tx_timeouts, 0u);
    host.advance(1);
    watchdog();
    EXPECT_EQ(a().stats().tx_timeouts, 1u);
    pair().run();
  }
}

TEST_F(WatchdogTest, EachStop_StartsTheTimeAnew) {
  make_pair({.lockup = 1, .timeout_ms = 100});
  send_and_expect_delivery();
  watchdog();
  host.advance(60 * kMillisecond);
  a().tx_timeout();  // the host's own watchdog was faster
  pair().run();
  EXPECT_FALSE(a().stopped());
  send_and_expect_delivery();
  EXPECT_EQ(watchdog(), 100 * kMillisecond);
  host.advance(60 * kMillisecond);
  EXPECT_EQ(watchdog(), 40 * kMillisecond);
  EXPECT_EQ(a().stats().tx_timeouts, 1u);
}

TEST_F(WatchdogTest, StuckReceiver_TimesOutAgainAndAgain) {
  make_pair({.ring_size = VNET_RING_MIN, .timeout_ms = 10});
  while (!a().stopped()) pair().send();
  watchdog();
  for (u64 i = 1; i <= 3; i++) {
    host.advance(10 * kMillisecond);
    EXPECT_EQ(watchdog(), 10 * kMillisecond);
    EXPECT_EQ(a().stats().tx_timeouts, i);
    a().serve();  // b is not served: the ring stays full
    EXPECT_TRUE(a().stopped());
  }
  pair().run();
  EXPECT_FALSE(a().stopped());
}

TEST_F(WatchdogTest, NearestDeadline_IsThatOfTheQueueStoppedFirst) {
  make_pair({.queues = 3, .lockup = 1, .timeout_ms = 100});
  pair().send(ethernet_frame(kMacB, kMacA), 2);
  EXPECT_EQ(watchdog(), 100 * kMillisecond);
  host.advance(30 * kMillisecond);
  pair().send(ethernet_frame(kMacB, kMacA), 0);
  EXPECT_EQ(watchdog(), 70 * kMillisecond);
  host.advance(70 * kMillisecond);
  EXPECT_EQ(watchdog(), 30 * kMillisecond);
  EXPECT_EQ(pair().a().queue(2).stats().tx_timeouts, 1u);
  EXPECT_EQ(pair().a().queue(0).stats().tx_timeouts, 0u);
  pair().run();
  EXPECT_FALSE(pair().a().queue(2).stopped());
  EXPECT_TRUE(pair().a().queue(0).stopped());
}

TEST_F(WatchdogTest, Lockup_CountsAcceptedFramesOnly) {
  make_pair({.lockup = 2});
  pair().send(Bytes(5));  // a runt
  pair().send();
  EXPECT_FALSE(a().stopped());
  pair().send(Bytes(5));
  pair().send();
  EXPECT_TRUE(a().stopped());
  pair().run();
}

TEST_F(WatchdogTest, Lockup_SetLaterCountsFromTheFirstFrame) {
  pair().send();
  vnet_params params = pair().a().params();
  params.lockup = 2;
  EXPECT_EQ(pair().a().set_params(params), 0);
  pair().send();
  EXPECT_TRUE(a().stopped());
  pair().run();
}

TEST_F(WatchdogTest, HungQueue_OfALostLinkRecoversByTheWatchdog) {
  make_pair({.lockup = 1, .timeout_ms = 10});
  send_and_expect_delivery();
  pair().a().detach();
  expire(10 * kMillisecond);
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
}

TEST_F(WatchdogTest, Reopen_ClearsTheHang) {
  make_pair({.lockup = 1});
  send_and_expect_delivery();
  pair().a().stop();
  EXPECT_EQ(watchdog(), 0u);
  pair().a().open();
  EXPECT_EQ(a().reg(VNET_REG_TX_STATE), 0u);
  send_and_expect_delivery();
}

TEST_F(WatchdogTest, TxTimeout_OfARunningQueueIsCountedAndHarmless) {
  a().tx_timeout();
  EXPECT_EQ(a().stats().tx_timeouts, 1u);
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(a().wakes(), 0u);
}

}  // namespace
}  // namespace vnet::fake
