// SPDX-License-Identifier: GPL-2.0-only
// Wires of limited rate, and wires that change in time.
#include <algorithm>

#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

class RateTest : public ImpairPair {};

// ---- rate: bytes in any window <= rate * t + burst + one frame, with a clock of whole nanoseconds

TEST_F(RateTest, Rate_HoldsInEveryWindow) {
  u32 seed = 1;
  for (const u64 rate : {9600ull, 1000000ull, 123456789ull, 10000000000ull}) {
    for (const u32 burst : {0u, 5000u}) {
      for (const u32 overhead : {0u, 24u}) {
        make_pair({});
        sent_ = 0;
        vnet_impairment config{};
        config.rate = rate;
        config.burst = burst;
        config.overhead = overhead;
        config.limit_frames = 10000;
        impair(config);
        const u64 frame_ns = 800 * 8000000000ull / rate;
        for (int i = 0; i < 300; i++) {
          seed = seed * 1664525 + 1013904223;
          send(1 + (seed >> 28), 60 + (seed >> 8) % 1400);
          pair().run_for(frame_ns * ((seed >> 20) % 40));
        }
        pair().run_for(frame_ns * 10000);
        const auto all = arrivals();
        ASSERT_EQ(all.size(), sent_);
        for (size_t first = 0; first < all.size(); first += 7) {
          long double bytes = 0;
          size_t longest = 0;
          for (size_t i = first; i < all.size() && i < first + 400; i++) {
            bytes += static_cast<long double>(all[i].length + overhead);
            longest = std::max(longest, all[i].length + overhead);
            const long double allowed =
                static_cast<long double>(all[i].time - all[first].time + 1) *
                    static_cast<long double>(rate) / 8e9L +
                burst + static_cast<long double>(longest);
            ASSERT_LE(bytes, allowed) << rate << " " << burst << " " << first << " " << i;
          }
        }
      }
    }
  }
}

TEST_F(RateTest, Rate_IsReachedToOneInAHundredThousand) {
  for (const u64 rate : {1000000ull, 100000000ull, 40000000000ull}) {
    make_pair({.ring_size = VNET_RING_MAX});
    vnet_impairment config{};
    config.rate = rate;
    config.limit_frames = 30000;
    impair(config);
    const u64 start = host.now();
    for (int i = 0; i < 20000; i++) pair().send(ethernet_frame(kMacB, kMacA, 1000));
    pair().run_for(20000 * 8000000000000ull / rate + kMs);
    const auto received = b().take_received();
    ASSERT_EQ(received.size(), 20000u);
    const double seconds = static_cast<double>(received.back().time - start) / 1e9;
    EXPECT_NEAR(20000 * 8000.0 / seconds / static_cast<double>(rate), 1.0, 1e-5);
  }
}

TEST_F(RateTest, SlowestRate_DoesNotOverflow) {
  vnet_impairment config{};
  config.rate = 1;
  config.limit_frames = 1000000;
  impair(config);
  send(20, 1514);
  EXPECT_EQ(stats().held, 20u);
  pair().run_for(12112ull * 1000 * kMs);
  EXPECT_EQ(arrived().size(), 1u);
}

// 2^64 ns at that rate, and 90 bytes.
TEST_F(RateTest, LargestBurst_DoesNotOverflow) {
  vnet_impairment config{};
  config.rate = 1;
  config.burst = 2305843100;
  impair(config);
  send(20, 1514);
  EXPECT_EQ(arrived().size(), 20u);
}

// What was to be sent when the device was stopped is lost, and so takes no time any more.
TEST_F(RateTest, AStop_LeavesNothingToWaitFor) {
  vnet_impairment config{};
  config.rate = 8000;
  impair(config);
  send(30, 1000);
  pair().b().stop();
  ASSERT_EQ(pair().b().open(), 0);
  const u64 begin = host.now();
  send(1, 1000);
  pair().run_for(2000 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].time, begin + 1000 * kMs);
}

// Those sent ahead leave at the rate, and so later than what is not impaired at all.
TEST_F(RateTest, WhatIsNotImpaired_WaitsForNoneThatWasSentAhead) {
  b().may_reorder(true);
  vnet_impairment config = delay(10 * kMs);
  config.reorder = VNET_ALWAYS;
  config.reorder_gap = 1;
  config.rate = 8000;
  impair(config);
  send(20, 1000);
  arrivals();
  impair({});
  const u64 begin = host.now();
  send(3);
  auto all = arrivals();
  ASSERT_EQ(all.size(), 3u);
  for (u64 i = 0; i < 3; i++) {
    EXPECT_EQ(all[i].number, 20 + i);
    EXPECT_EQ(all[i].time, begin);
  }
  pair().run_for(20000 * kMs);
  EXPECT_EQ(arrived().size(), 20u);
}

// ---- traces

TEST_F(RateTest, Trace_ChangesTheWireInTime) {
  const vnet_trace_row rows[] = {{0, VNET_TRACE_KEEP, 10 * kMs, VNET_TRACE_KEEP},
                                 {100 * kMs, VNET_TRACE_KEEP, 20 * kMs, VNET_TRACE_KEEP},
                                 {200 * kMs, VNET_TRACE_KEEP, VNET_TRACE_KEEP, VNET_ALWAYS},
                                 {300 * kMs, 8000000, VNET_TRACE_KEEP, VNET_TRACE_KEEP},
                                 {400 * kMs, VNET_TRACE_KEEP, VNET_TRACE_KEEP, VNET_TRACE_KEEP}};
  vnet_impairment config = delay(kMs);
  config.trace = rows;
  config.trace_count = 5;
  config.trace_loop = 1;
  impair(config);
  send(1);  // where the trace begins
  const u64 begin = host.now();
  for (int lap = 0; lap < 3; lap++) {
    arrivals();
    for (int step = 0; step < 4; step++) {
      if (lap || step) send(1, 1000);
      pair().run_for(100 * kMs);
    }
    const auto all = arrivals();
    ASSERT_EQ(all.size(), 3u) << lap;
    const u64 at = begin + static_cast<u64>(lap) * 400 * kMs;
    EXPECT_EQ(all[0].time, at + 10 * kMs);
    EXPECT_EQ(all[1].time, at + 120 * kMs);
    EXPECT_EQ(all[2].time, at + 300 * kMs + kMs + kMs) << "1000 bytes at 8 Mbit/s, and the delay";
  }
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_LOSS], 3u);
}

// A link that stood still sends what has gathered at the rate that it then has.
TEST_F(RateTest, Trace_ASlowRowLastsNoLongerThanItself) {
  for (const bool loop : {false, true}) {
    make_pair({});
    const vnet_trace_row rows[] = {{0, 10000000, VNET_TRACE_KEEP, VNET_TRACE_KEEP},
                                   {500 * kMs, 8000, VNET_TRACE_KEEP, VNET_TRACE_KEEP},
                                   {1000 * kMs, 8000000, VNET_TRACE_KEEP, VNET_TRACE_KEEP},
                                   {2000 * kMs, 8000000, VNET_TRACE_KEEP, VNET_TRACE_KEEP}};
    vnet_impairment config{};
    config.trace = rows;
    config.trace_count = 4;
    config.trace_loop = loop;
    impair(config);
    const u64 lap = loop ? 3 * 2000 * kMs : 0;
    const u64 begin = host.now() + lap;
    pair().run_for(lap + 500 * kMs);
    send(40, 1000);
    pair().run_for(1400 * kMs);
    const auto all = arrivals();
    ASSERT_EQ(all.size(), 40u);
    // Half of the first in 500 ms, the other half and the rest at 1 ms a frame.
    for (u64 i = 0; i < 40; i++) {
      const u64 due = begin + 1000 * kMs + kMs / 2 + i * kMs;
      EXPECT_GE(all[i].time, due) << i;
      EXPECT_LE(all[i].time, due + 10) << i;
    }
  }
}

// However the rows cut the frames up, as many bytes go through as the rates have room for.
TEST_F(RateTest, Trace_SendsWhatItsRatesAddUpTo) {
  constexpr u32 kRows = 200;
  std::vector<vnet_trace_row> rows;
  u64 bits = 0, rate = 1, time = 0;
  for (u32 i = 0; i < kRows; i++) {
    rate = rate * 6364136223846793005ull + 1442695040888963407ull;
    const u64 lasts = (1 + (rate >> 60)) * kMs, row_rate = i % 3 ? 1 + (rate >> 33) % 100000000 : 1;
    rows.push_back({time, row_rate, VNET_TRACE_KEEP, VNET_TRACE_KEEP});
    bits += row_rate * lasts / 1000000000;
    time += lasts;
  }
  rows.push_back({time, 1, VNET_TRACE_KEEP, VNET_TRACE_KEEP});
  vnet_impairment config{};
  config.trace = rows.data();
  config.trace_count = kRows + 1;
  config.limit_frames = 1000000;
  impair(config);
  const u64 begin = host.now();
  const u64 frames = bits / (8 * 1514) + 10;
  send(frames, 1514);
  pair().run_for(begin + time - host.now());
  const u64 sent = arrived().size();
  EXPECT_LE(sent * 8 * 1514, bits + kRows);
  EXPECT_GE(sent + 1, (bits - kRows) / (8 * 1514));
  EXPECT_GT(sent, 500u);
}

}  // namespace
}  // namespace vnet::fake
