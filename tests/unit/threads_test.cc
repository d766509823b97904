// SPDX-License-Identifier: GPL-2.0-only
// The boundary under real threads, for TSan above all.
#include <algorithm>

#include "tests/unit/threads_pair.h"

namespace vnet::fake {
namespace {

class ThreadsTest : public ThreadsPair {};

TEST_F(ThreadsTest, Stream_DeliversEveryFrameWithoutALostInterrupt) {
  const auto frames = make_frames(test::scaled(120000));
  b().keep_received(false);
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 1); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 64); });
  run_until([&] {
    return sending_ == 0 && b().stats().in_flight == 0 && a().stats().tx_frames == frames.size();
  });
  EXPECT_EQ(b().received_count(), frames.size());
}

// A small ring and a slow poller: the transmitter is stopped all the time, and must be woken each
// time.
TEST_F(ThreadsTest, SmallRing_NeverLosesAWakeUpNorWakesTooEarly) {
  for (const u32 budget : {1u, 31u, 64u}) {
    make_pair({.ring_size = VNET_RING_MIN});
    const auto frames = make_frames(test::scaled(60000));
    b().keep_received(false);
    ended_ = false;
    sending_ = 1;
    threads_.add([&] { transmit(a(), frames, 100000); });
    threads_.add([&] { poll(a(), 64); });
    threads_.add([&, budget] { poll(b(), budget); });
    run_until([&] { return sending_ == 0 && b().stats().in_flight == 0; });
    EXPECT_EQ(b().received_count(), frames.size());
    EXPECT_EQ(a().stops(), a().wakes());
    EXPECT_GT(a().stops(), 0u);
  }
}

TEST_F(ThreadsTest, BothDirectionsAndTxInterrupts_Agree) {
  make_pair({.ring_size = VNET_RING_MIN, .snull = true, .pad = true, .tx_irq = true});
  const auto to_b = make_frames(test::scaled(40000), 20),
             to_a = make_frames(test::scaled(40000), 100);
  vnet_filter everything{};
  everything.promiscuous = 1;
  pair().a().set_filter(everything);
  for (Queue* queue : {&a(), &b()}) queue->keep_received(false);
  sending_ = 2;
  threads_.add([&] { transmit(a(), to_b, 8); });
  threads_.add([&] { transmit(b(), to_a, 3); });
  threads_.add([&] { poll(a(), 16); });
  threads_.add([&] { poll(b(), 64); });
  run_until(
      [&] { return sending_ == 0 && a().stats().in_flight == 0 && b().stats().in_flight == 0; });
  EXPECT_EQ(a().received_count(), to_a.size());
  EXPECT_EQ(b().received_count(), to_b.size());
}

// Each frame may be the last: its interrupt comes with the deadline or, every third, at once.
TEST_F(ThreadsTest, Moderated_DeliversEveryFrameWithoutALostInterrupt) {
  make_pair({.rx_usecs = 1, .rx_frames = 3});
  const auto frames = make_frames(test::scaled(12000));
  b().keep_received(false);
  sending_ = 1;
  allowed_ = 0;
  threads_.add([&] { transmit(a(), frames, 1); });
  threads_.add([&] { poll(b(), 64); });
  threads_.add([&] { time(b()); });
  run_until([&] {  // lone frames and bursts
    const u64 received = b().stats().rx_frames;
    if (received == allowed_) allowed_ = static_cast<u32>(received + 1 + received % 7);
    return sending_ == 0 && b().stats().in_flight == 0;
  });
  EXPECT_EQ(b().received_count(), frames.size());
}

// While the sender is the faster one, no frame needs a deadline: half a ring interrupts by itself.
TEST_F(ThreadsTest, ModeratedFullRings_AreServedWithoutADeadline) {
  make_pair({.ring_size = VNET_RING_MIN, .rx_usecs = VNET_RX_USECS_MAX});
  const auto frames = make_frames(test::scaled(60000));
  b().keep_received(false);
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 1); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 7); });
  run_until([&] {
    if (sending_ == 0) b().expire();  // the rest
    return sending_ == 0 && b().stats().in_flight == 0;
  });
  EXPECT_EQ(b().received_count(), frames.size());
}

// Settings change, adaptive ones too, beside traffic and deadlines.
TEST_F(ThreadsTest, ModerationChanges_UnderTrafficLoseNoInterrupt) {
  const auto frames = make_frames(test::scaled(50000));
  b().keep_received(false);
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 3); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 64); });
  threads_.add([&] { time(b()); });
  u32 round = 0;
  run_until([&] {
    vnet_params params = pair().b().params();
    params.rx_usecs = round % 3;
    params.rx_frames = round % 5;
    params.adaptive_rx = round++ % 4 == 0;
    EXPECT_EQ(pair().b().set_params(params), 0);
    return sending_ == 0 && b().stats().in_flight == 0;
  });
  EXPECT_EQ(b().received_count(), frames.size());
}

// Control, statistics and interrupts by hand beside the traffic.
TEST_F(ThreadsTest, Control_RunsBesideTraffic) {
  make_pair({.ring_size = VNET_RING_MIN});
  const auto frames = make_frames(test::scaled(50000));
  b().keep_received(false);
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 4); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 64); });
  const u8 groups[2][6] = {{1, 0, 0x5e, 0, 0, 1}, {1, 0, 0x5e, 0, 0, 2}};
  u32 round = 0;
  run_until([&] {
    vnet_params params = pair().b().params();
    params.mtu = 1500 + round++ % 100;
    EXPECT_EQ(pair().b().set_params(params), 0);
    pair().b().set_filter({nullptr, groups, 0, round % 3, 0, 0});
    EXPECT_EQ(b().irq_raise(VNET_IRQ_RX), 0);
    pair().a().watchdog(host.now() + round);
    pair().a().registers();
    return sending_ == 0 && b().stats().in_flight == 0;
  });
  EXPECT_EQ(b().received_count(), frames.size());
}

// What core.h marks "(any)", beside a control thread that changes everything.
TEST_F(ThreadsTest, Views_MayBeTakenWhileControlWrites) {
  std::atomic<u64> looks{0};
  threads_.add([&] {
    for (; !ended_; looks++) {
      if (pair().a().stats().tx_frames != 0) ADD_FAILURE() << "nobody sent anything";
      Device* const peer = pair().a().peer();
      if (peer && peer != &pair().b()) ADD_FAILURE() << "a peer that never was";
    }
  });
  vnet_params params = pair().a().params();
  for (u32 round = 0; looks < test::scaled(20000) && deadline_.ahead(); round++) {
    params.mtu = round % 2 ? 1500 : 9000;
    ASSERT_EQ(pair().a().set_params(params), 0);
    pair().a().detach();
    ASSERT_EQ(pair().a().attach(pair().b()), 0);
  }
  ended_ = true;
  threads_.join();
  pair().run();
}

TEST_F(ThreadsTest, FilterChanges_NeverRefuseAnAddressThatIsAlwaysListed) {
  const auto frames = make_frames(test::scaled(40000));
  const u8 listed[6] = {2, 9, 9, 9, 9, 9};
  for (Frame* frame : frames) frame->payload.assign(ethernet_frame(listed, kMacA));
  u8 macs[100][6] = {};
  for (u8 i = 0; i < 100; i++) macs[i][0] = 2, macs[i][5] = i;
  std::copy_n(listed, 6, macs[50]);
  pair().b().set_filter({macs, nullptr, 100, 0, 0, 0});
  b().keep_received(false);
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 16); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 64); });
  u32 round = 0;
  run_until([&] {
    const u32 count = 51 + round++ % 50;
    pair().b().set_filter({macs, nullptr, count, 0, 0, 0});
    return sending_ == 0 && b().stats().in_flight == 0;
  });
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_UNICAST_FILTER], 0u);
  EXPECT_EQ(b().received_count(), frames.size());
}

TEST_F(ThreadsTest, Lockups_AreAlwaysRecoveredByTheWatchdog) {
  make_pair({.ring_size = VNET_RING_MIN, .lockup = 7, .timeout_ms = VNET_TIMEOUT_MIN_MS});
  const auto frames = make_frames(test::scaled(7000));
  b().keep_received(false);
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 16); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 64); });
  u64 now = 0;
  run_until([&] {
    now += VNET_TIMEOUT_MIN_MS * 1'000'000ull;
    pair().a().watchdog(now);
    return sending_ == 0 && b().stats().in_flight == 0;
  });
  EXPECT_EQ(b().received_count(), frames.size());
  EXPECT_GE(a().stats().tx_timeouts, frames.size() / 7 - 1);
}

// The receiver goes down and up, the link goes and comes, while the sender sends: nothing is lost
// without a reason, nothing reaches a stopped device, no transmitter sleeps for ever.
TEST_F(ThreadsTest, LinkChanges_UnderTrafficLoseNothingUncounted) {
  make_pair({.ring_size = VNET_RING_MIN});
  constexpr u32 kPerRound = 40;
  const u32 rounds = test::scaled(3000);
  const auto frames = make_frames(rounds * kPerRound);
  b().keep_received(false);
  allowed_ = 0;
  std::mutex napi;  // napi_disable(): the receiver's poll does not run while its device is stopped
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 5); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 16, napi); });
  u32 round = 0;
  run_until([&] {
    if (round++ % 2) {
      const std::lock_guard lock(napi);
      pair().b().stop(false);
      pair().b().open();
    } else {
      pair().a().detach();
      EXPECT_EQ(pair().a().attach(pair().b()), 0);
    }
    allowed_ = round * kPerRound;
    if (round % 4 == 0) std::this_thread::yield();
    return sending_ == 0;
  });
  host.check();
  EXPECT_GE(round, rounds);
}

// The wire changes all the time, while frames are sent, polled for and due, and somebody looks.
TEST_F(ThreadsTest, ImpairmentChanges_UnderTrafficLoseNothingUncounted) {
  make_pair({.ring_size = VNET_RING_MIN});
  const auto frames = make_frames(test::scaled(60000));
  b().keep_received(false);
  b().may_reorder(true);
  std::mutex napi;  // napi_disable()
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 5); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { time(b()); });
  threads_.add([&] { poll(b(), 16, napi); });
  u32 round = 0;
  run_until([&] {
    vnet_impairment config{};
    if (round % 3) config.loss_model = VNET_LOSS_RANDOM;
    if (round % 3) config.loss[0] = VNET_ALWAYS / 4;
    // Time stands still: what is delayed stays until the end.
    if (round % 64 == 1) config.delay = config.jitter = 1000;
    config.jitter_reorder = config.delay != 0;
    config.duplicate = round % 2 * (VNET_ALWAYS / 8);
    round++;
    {
      const std::lock_guard lock(napi);
      EXPECT_EQ(pair().b().impair(config), 0);
    }
    EXPECT_LE(pair().b().impair_stats().duplicated, 2 * frames.size());
    std::this_thread::yield();
    return sending_ == 0;
  });
  pair().b().impair({});
  pair().run_for(10000);
  EXPECT_EQ(b().stats().in_flight, 0u);
  host.check();
}

// Before a wire that holds them frames gather in the ring: somebody always comes for them, for lone
// ones and for bursts, though time stands still and the one deadline is both the wire's and theirs.
TEST_F(ThreadsTest, GatheredFrames_AreAlwaysPolledFor) {
  const auto frames = make_frames(test::scaled(20000));
  b().keep_received(false);
  vnet_impairment config{};
  config.delay = 1000000;
  ASSERT_EQ(pair().b().impair(config), 0);
  sending_ = 1;
  allowed_ = 0;
  threads_.add([&] { transmit(a(), frames, 1); });
  threads_.add([&] { poll(a(), 64); });
  threads_.add([&] { poll(b(), 64); });
  threads_.add([&] { time(b()); });
  run_until([&] {
    const u64 held = pair().b().impair_stats().held;
    if (held == allowed_) allowed_ = static_cast<u32>(held + 1 + held % 7);
    return sending_ == 0 && held == frames.size();
  });
  EXPECT_EQ(b().received_count(), 0u);
  pair().run_for(config.delay);
  EXPECT_EQ(b().received_count(), frames.size());
  host.check();
}

// The sender's own device goes down and up: its poll may raise nothing at it afterwards.
TEST_F(ThreadsTest, SenderStops_UnderTheReceiversPolls) {
  make_pair({.ring_size = VNET_RING_MIN, .tx_irq = true});
  b().keep_received(false);
  const u32 rounds = test::scaled(20000);
  const auto frames = make_frames(rounds * 4);
  threads_.add([&] { poll(b(), 2); });
  for (u32 round = 0; round < rounds; round++) {
    for (u32 i = 0; i < 4; i++) a().tx(frames[round * 4 + i]);
    a().doorbell();
    pair().a().stop(false);
    pair().a().open();
  }
  run_until([&] { return b().stats().in_flight == 0; });
  host.check();
}

}  // namespace
}  // namespace vnet::fake
