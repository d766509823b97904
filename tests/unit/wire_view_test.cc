// SPDX-License-Identifier: GPL-2.0-only
// What a wire tells of itself: how late frames were, what was decided, how far the jitter is there.
#include <cmath>

#include "core/impair/lateness.h"
#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

TEST(Lateness, Classes_AreFourAnOctaveWithoutGaps) {
  for (u64 late = 0; late < 100000; late++) {
    const u32 bucket = late_bucket(late);
    ASSERT_LE(late_floor(bucket), late);
    ASSERT_LT(late, late_floor(bucket + 1));
  }
  for (u32 bucket = 4; bucket + 1 < VNET_LATE_BUCKETS; bucket++) {
    EXPECT_EQ(late_bucket(late_floor(bucket)), bucket);
    EXPECT_EQ(late_bucket(late_floor(bucket + 1) - 1), bucket);
    EXPECT_LE(late_floor(bucket + 1) * 4, late_floor(bucket) * 5);
  }
  EXPECT_EQ(late_bucket((1ull << 32) - 1), VNET_LATE_BUCKETS - 1);
  EXPECT_EQ(late_bucket(~0ull), VNET_LATE_BUCKETS - 1);
}

class WireViewTest : public ImpairPair {
 protected:
  vnet_wire_view view() { return pair().b().wire_view(0); }
};

TEST_F(WireViewTest, Ordinal_IsThatOfTheLastFrameAlsoBeforeAnyIsImpaired) {
  send(5);
  impair(pattern({7}));
  EXPECT_EQ(view().ordinal, 5u);
  send(3);
  EXPECT_EQ(view().ordinal, 8u);
  EXPECT_EQ(view().queue.rx_drops[VNET_DROP_IMPAIR_LOSS], 1u);
  EXPECT_EQ(view().queue.rx_frames, 7u);
  EXPECT_EQ(arrived().size(), 7u);
}

TEST_F(WireViewTest, NewRun_IsSeenWithTheNextChange) {
  impair(pattern({7}));
  send(3);
  vnet_params params = pair().b().params();
  params.seed = 99;
  ASSERT_EQ(pair().b().set_params(params), 0);
  impair(pattern({8}));
  EXPECT_EQ(view().ordinal, 0u);
  EXPECT_EQ(view().seed, 99u);
  EXPECT_EQ(arrived().size(), 3u);
}

// wire-get and impair-get tell of different moments: now, and when what is in force was set.
TEST_F(WireViewTest, State_IsOfNowAndThatOfTheSettingsIsOfThen) {
  vnet_impairment config{};
  config.delay = kMs;
  config.reorder = VNET_ALWAYS;
  config.reorder_gap = 100;
  impair(config);
  send(3);
  config.delay = 2 * kMs;
  impair(config);
  send(4);
  EXPECT_EQ(view().ordinal, 7u);
  EXPECT_EQ(view().since_early, 7u);
  EXPECT_EQ(pair().b().wire_state().frames, 7u);
  EXPECT_EQ(pair().b().wire_state().after, 3u);
  EXPECT_EQ(pair().b().wire_state().since_early, 3u);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived().size(), 7u);
}

TEST_F(WireViewTest, Lateness_IsCountedByItsClass) {
  impair(delay(kMs));
  send(1);
  host.advance(kMs + 1000);  // nobody polls
  pair().run();
  const vnet_wire_view seen = view();
  EXPECT_EQ(seen.wire.late[late_bucket(1000)], 1u);
  EXPECT_EQ(seen.wire.late_max, 1000u);
  EXPECT_EQ(seen.wire.late_sum, 1000u);
  EXPECT_EQ(arrived().size(), 1u);
}

// In virtual time no frame is late: what was measured is what came.
TEST_F(WireViewTest, Jitter_IsMeasuredAsItCameToBe) {
  b().may_reorder(true);
  impair(delay(10 * kMs, 2 * kMs, true));
  std::vector<u64> starts;
  for (int i = 0; i < 500; i++) {
    starts.push_back(host.now());
    send(1);
    pair().run_for(kMs / 10);
  }
  pair().run_for(20 * kMs);
  double sum = 0, squares = 0;
  for (const Arrival& each : arrivals()) {
    const auto more = static_cast<double>(each.time - starts[each.number]) - 10.0 * kMs;
    sum += more;
    squares += more * more;
  }
  const vnet_impair_stats seen = view().wire;
  EXPECT_EQ(seen.delays, 500u);
  EXPECT_EQ(static_cast<double>(static_cast<s64>(seen.delay_sum)), sum);
  const double unit = std::ldexp(1, static_cast<int>(seen.delay_shift));
  EXPECT_NEAR(static_cast<double>(seen.delay_squares) * unit * unit / squares, 1, 0.001);
}

TEST_F(WireViewTest, NoSuchQueue_HasNone) {
  EXPECT_EQ(pair().b().wire_view(99).ordinal, 0u);
}

TEST_F(WireViewTest, ManyFramesHeld_GoWithPauses) {
  impair(delay(1ull << 62));
  send(5000);
  host.yields = 0;
  pair().b().stop();
  EXPECT_GE(host.yields, 5000u / 1024);
  EXPECT_EQ(host.ledger.dropped(VNET_DROP_STOPPED), 5000u);
}

}  // namespace
}  // namespace vnet::fake
