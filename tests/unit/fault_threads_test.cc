// SPDX-License-Identifier: GPL-2.0-only
// Faults under real threads: they are added, fire, last, end and are deleted beside transmissions,
// polls and timers.
#include <span>

#include "tests/unit/threads_pair.h"

namespace vnet::fake {
namespace {

constexpr u64 kPercent = VNET_ALWAYS / 100;

struct Ask {
  vnet_fault_kind what;
  vnet_fault_start when;
  u64 value;
  vnet_fault_for duration = VNET_FAULT_FOR_DEFAULT;
};

constexpr Ask kOfSender[] = {
    {VNET_FAULT_TX_STALL, VNET_FAULT_EVERY_FRAMES, 40},
    {VNET_FAULT_DMA_ERROR, VNET_FAULT_PROB, 10 * kPercent},
    {VNET_FAULT_RESET_FAIL, VNET_FAULT_PROB, 50 * kPercent},
    {VNET_FAULT_LINK_FLAP, VNET_FAULT_EVERY_FRAMES, 100, VNET_FAULT_FOR_RESET},
    {VNET_FAULT_LINK_FLAP, VNET_FAULT_AFTER, 20},
};
constexpr Ask kOfReceiver[] = {
    {VNET_FAULT_IRQ_LOST, VNET_FAULT_PROB, 20 * kPercent},
    {VNET_FAULT_IRQ_SPURIOUS, VNET_FAULT_EVERY_FRAMES, 10},
    {VNET_FAULT_RX_STALL, VNET_FAULT_EVERY_FRAMES, 50},
    {VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 10, VNET_FAULT_FOR_ONCE},
    {VNET_FAULT_CSUM_GOOD, VNET_FAULT_EVERY_FRAMES, 2},
    {VNET_FAULT_TRUNCATE, VNET_FAULT_EVERY_FRAMES, 7},
    {VNET_FAULT_MAC_FILTER_LEAK, VNET_FAULT_NOW, 0},
    {VNET_FAULT_DMA_SLOW, VNET_FAULT_EVERY_FRAMES, 500},
    {VNET_FAULT_RING_CORRUPT, VNET_FAULT_EVERY_FRAMES, 30},
    {VNET_FAULT_RESET_FAIL, VNET_FAULT_PROB, 50 * kPercent},
    {VNET_FAULT_ALLOC_FAIL, VNET_FAULT_PROB, 10 * kPercent},
    {VNET_FAULT_IRQ_STORM, VNET_FAULT_EVERY_FRAMES, 60},
};

class FaultThreadsTest : public ThreadsPair {
 protected:
  // The next of what can be asked of this end; what excludes what is there is refused.
  void add(Device& device, std::span<const Ask> asks, u32 round, std::mutex& napi) {
    const Ask& ask = asks[round % asks.size()];
    vnet_fault fault{};
    fault.what = ask.what;
    fault.queue = VNET_FAULT_ALL_QUEUES;
    fault.when = ask.when;
    fault.when_value = ask.value;
    fault.duration = ask.duration;
    const std::lock_guard lock(napi);
    const int error = device.add_fault(fault);
    added_ += error == 0;
    EXPECT_TRUE(error == 0 || error == -EBUSY) << error;
  }

  void come_and_go(const vnet_impairment& wire);

  u32 added_ = 0;
};

// Faults of both ends, before and behind the wire, while frames cross it.
void FaultThreadsTest::come_and_go(const vnet_impairment& wire) {
  make_pair({.ring_size = VNET_RING_MIN, .timeout_ms = VNET_TIMEOUT_MIN_MS});
  const auto frames = make_frames(test::scaled(60000));
  b().keep_received(false);
  ASSERT_EQ(pair().b().impair(wire), 0);
  std::mutex napi_a, napi_b;
  sending_ = 1;
  threads_.add([&] { transmit(a(), frames, 5); });
  threads_.add([&] { poll(a(), 64, napi_a); });
  threads_.add([&] { poll(b(), 16, napi_b); });
  threads_.add([&] { time(b()); });
  u64 now = 0;
  u32 round = 0;
  const auto delete_all = [&](Device& device, std::mutex& napi) {
    const std::lock_guard lock(napi);
    EXPECT_EQ(device.delete_fault(0), 0);
  };
  run_until([&] {
    add(pair().a(), kOfSender, round, napi_a);
    add(pair().b(), kOfReceiver, round, napi_b);
    pair().a().expire();
    pair().b().expire();
    now += VNET_TIMEOUT_MIN_MS * 1'000'000ull;
    pair().a().watchdog(now);
    if (++round % 5 == 0) delete_all(pair().a(), napi_a);
    if (round % 7 == 0) delete_all(pair().b(), napi_b);
    EXPECT_LE(pair().b().faults().size(), size_t{VNET_FAULTS_MAX});
    std::this_thread::yield();
    return sending_ == 0 && added_ > 20;  // on a busy machine the frames may be the faster ones
  });
  delete_all(pair().a(), napi_a);
  delete_all(pair().b(), napi_b);
  pair().run_for(20'000'000'000);
  EXPECT_EQ(b().stats().in_flight, 0u);
  host.check();
}

TEST_F(FaultThreadsTest, FaultsComeAndGo_UnderTrafficLoseNothingUncounted) {
  come_and_go({});
}

TEST_F(FaultThreadsTest, FaultsComeAndGo_BehindAnImpairedWireToo) {
  vnet_impairment wire{};  // what a fault holds up waits on it
  wire.duplicate = VNET_ALWAYS / 8;
  come_and_go(wire);
}

}  // namespace
}  // namespace vnet::fake
