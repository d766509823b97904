// SPDX-License-Identifier: GPL-2.0-only
// An impaired wire's time: delays, order, queues, and frames on the wire when things change.
#include <algorithm>
#include <deque>

#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

class DelayLineTest : public ImpairPair {};

TEST_F(DelayLineTest, Delay_IsExact) {
  impair(delay(20 * kMs));
  const u64 start = host.now();
  send(1);
  pair().run_for(20 * kMs - 1);
  EXPECT_TRUE(arrivals().empty());
  EXPECT_EQ(stats().held, 1u);
  EXPECT_EQ(b().stats().in_flight, 1u);
  pair().run_for(1);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].time, start + 20 * kMs);
  EXPECT_EQ(stats().late[0], 1u);
}

TEST_F(DelayLineTest, Delay_OfAnyLengthBelow2To63) {
  impair(delay((1ull << 63) - 1));
  send(1);
  pair().run_for(1ull << 62);
  EXPECT_EQ(stats().held, 1u);
}

TEST_F(DelayLineTest, Jitter_IsNeverEarlyAndKeepsOrder) {
  impair(delay(10 * kMs, 2 * kMs));
  std::vector<u64> starts;
  for (int i = 0; i < 2000; i++) {
    starts.push_back(host.now());
    send(1);
    pair().run_for(kMs / 10);
  }
  pair().run_for(20 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 2000u);
  for (size_t i = 0; i < all.size(); i++) {
    ASSERT_EQ(all[i].number, i);
    ASSERT_GE(all[i].time, starts[i] + 8 * kMs);
    ASSERT_LE(all[i].time, starts[i] + 12 * kMs);
  }
}

TEST_F(DelayLineTest, JitterReorder_GivesEachFrameItsOwnDelay) {
  b().may_reorder(true);
  impair(delay(10 * kMs, 10 * kMs, true));
  std::vector<u64> starts;
  for (int i = 0; i < 2000; i++) {
    starts.push_back(host.now());
    send(1);
    pair().run_for(kMs / 100);
  }
  pair().run_for(30 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 2000u);
  double sum = 0;
  u64 inversions = 0;
  for (size_t i = 0; i < all.size(); i++) {
    sum += static_cast<double>(all[i].time - starts[all[i].number]);
    if (i) inversions += all[i].number < all[i - 1].number;
  }
  EXPECT_NEAR(sum / 2000, 10e6, 5 * 5.8e6 / 44);
  EXPECT_GT(inversions, 500u);
}

TEST_F(DelayLineTest, Reorder_SendsAheadOfWhatIsOnTheWire) {
  b().may_reorder(true);
  vnet_impairment config = delay(10 * kMs);
  config.reorder = VNET_ALWAYS;
  config.reorder_gap = 4;
  impair(config);
  send(8);
  EXPECT_EQ(arrived(), (Numbers{3, 7}));
  EXPECT_EQ(stats().reordered, 2u);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived(), (Numbers{0, 1, 2, 4, 5, 6}));
}

TEST_F(DelayLineTest, ShorterDelay_OvertakesNobody) {
  impair(delay(10 * kMs));
  send(3);
  impair(delay(kMs));
  send(3);
  pair().run_for(5 * kMs);
  EXPECT_TRUE(arrived().empty());
  pair().run_for(5 * kMs);
  EXPECT_EQ(arrived(), (Numbers{0, 1, 2, 3, 4, 5}));
}

TEST_F(DelayLineTest, NoImpairmentAnyMore_WhatIsOnTheWireComesWhenDue) {
  b().may_reorder(true);
  impair(delay(10 * kMs));
  send(2);
  settle();
  impair({});
  send(2);
  EXPECT_EQ(arrived(), (Numbers{2, 3}));
  pair().run_for(10 * kMs - kGather - 1);
  EXPECT_TRUE(arrived().empty());
  pair().run_for(1);
  EXPECT_EQ(arrived(), (Numbers{0, 1}));
}

// ---- frames that gather in the ring

TEST_F(DelayLineTest, DenseFrames_TakeOnePollEachAndAreExact) {
  constexpr u64 kApart = 10000, kFrames = 1000;
  impair(delay(kMs));
  std::vector<u64> starts;
  const u64 before = b().stats().polls;
  for (u64 i = 0; i < kFrames; i++) {
    starts.push_back(host.now());
    send(1);
    pair().run_for(kApart);
  }
  pair().run_for(kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), kFrames);
  for (size_t i = 0; i < all.size(); i++) ASSERT_EQ(all[i].time, starts[i] + kMs) << i;
  EXPECT_LE(b().stats().polls - before, kFrames + kFrames / 10);
}

TEST_F(DelayLineTest, DenseFrames_WaitInTheRingForALimitedTime) {
  impair(delay(1000 * kMs));
  send(3);
  EXPECT_EQ(stats().held, 1u) << "the first does not wait for others";
  EXPECT_EQ(b().stats().in_flight, 3u);
  pair().run_for(kGather - 1);
  EXPECT_EQ(stats().held, 1u);
  pair().run_for(1);
  EXPECT_EQ(stats().held, 3u);
}

TEST_F(DelayLineTest, HalfARing_DoesNotWait) {
  make_pair({.ring_size = VNET_RING_MIN});
  impair(delay(1000 * kMs));
  send(1 + VNET_RING_MIN / 2);
  EXPECT_EQ(stats().held, 1u + VNET_RING_MIN / 2);
}

TEST_F(DelayLineTest, WhatDependsOnWhenAFrameIsPut_DoesNotGather) {
  vnet_impairment limited = delay(kMs), rated = delay(kMs);
  limited.limit_frames = 100;
  rated.rate = 1000000000;
  for (const vnet_impairment& config : {delay(kGather), delay(kMs, kMs / 2), limited, rated}) {
    impair(config);
    send(3);
    EXPECT_EQ(stats().held, 3u);
    pair().run_for(10 * kMs);
  }
}

TEST_F(DelayLineTest, DeadlineThatComesWhenNothingIsImpaired_IsNotWaitedFor) {
  vnet_impairment lost = pattern({1, 2});
  lost.delay = 10 * kMs;
  impair(lost);
  send(2);
  EXPECT_NE(b().deadline(), 0u);
  impair({});
  send(1);
  settle();
  impair(delay(1000 * kMs));
  send(1);
  EXPECT_EQ(stats().held, 1u);
}

TEST_F(DelayLineTest, FrameDueWhileTheHostReceives_NeedsNoDeadline) {
  impair(delay(kMs));
  send(1);
  pair().run_for(10000);
  send(1);
  pair().run_for(kMs - 10000 - 1);
  host.advance(1);
  ASSERT_TRUE(b().raised());
  EXPECT_EQ(b().poll(), 1u);
  host.advance(10000);
  EXPECT_TRUE(b().poll_done());
  EXPECT_EQ(b().poll(), 1u);
  EXPECT_FALSE(b().poll_done());
  EXPECT_EQ(arrived(), (Numbers{0, 1}));
}

TEST_F(DelayLineTest, Duplicate_FollowsItsOriginal) {
  vnet_impairment config = delay(10 * kMs);
  config.duplicate = VNET_ALWAYS;
  impair(config);
  send(2);
  settle();
  EXPECT_EQ(stats().held, 4u);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived(), (Numbers{0, 0, 1, 1}));
}

// Moderation would ask for deadlines of its own.
TEST_F(DelayLineTest, Moderation_DoesNotDelayTheWire) {
  make_pair({.rx_usecs = 50000, .rx_frames = 1000});
  impair(delay(kMs));
  const u64 start = host.now();
  send(1);
  pair().run_for(60 * kMs);
  const auto all = arrivals();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].time, start + kMs);
  impair({});
  pair().send();
  EXPECT_GE(b().deadline(), host.now()) << "it is moderated again";
  pair().run_for(60 * kMs);
}

// ---- limits

TEST_F(DelayLineTest, Queue_HoldsExactlyItsLimit) {
  for (const u32 limit : {1u, 10u, 1000u}) {
    for (const u64 count : {limit - 1, limit, limit + 1}) {
      make_pair({});
      vnet_impairment config = delay(10 * kMs);
      config.limit_frames = limit;
      impair(config);
      send(count);
      EXPECT_EQ(stats().held, std::min<u64>(count, limit));
      EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_QUEUE], count > limit ? count - limit : 0);
      pair().run_for(10 * kMs);
      EXPECT_EQ(arrived().size(), std::min<u64>(count, limit));
    }
  }
}

TEST_F(DelayLineTest, Queue_InBytes) {
  vnet_impairment config = delay(10 * kMs);
  config.limit_bytes = 1000;
  impair(config);
  send(9, 100);
  send(1, 101);  // does not fit
  send(1, 100);  // does
  send(1, 22);   // nothing does
  EXPECT_EQ(stats().held_bytes, 1000u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_QUEUE], 2u);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived().size(), 10u);
}

// netem's limit of 1000 loses two thirds of such a burst.
TEST_F(DelayLineTest, DelayAlone_LosesNothing) {
  impair(delay(1000 * kMs));
  send(3000);
  pair().run_for(1000 * kMs);
  EXPECT_EQ(arrived().size(), 3000u);
  vnet_impairment config = delay(1000 * kMs);
  config.rate = 10000000;  // 10,000 frames of 60 bytes take half a second
  impair(config);
  b().keep_received(false);
  const u64 before = b().received_count();
  for (int i = 0; i < 10000; i++) {
    send(1);
    pair().run_for(48000);
  }
  pair().run_for(2000 * kMs);
  EXPECT_EQ(b().received_count() - before, 10000u);
}

TEST_F(DelayLineTest, ReorderingWire_HoldsItsLimitToo) {
  b().may_reorder(true);
  vnet_impairment config = delay(10 * kMs, kMs, true);
  config.limit_frames = 50;
  impair(config);
  send(60);
  EXPECT_EQ(stats().held, 50u);
  config.limit_frames = 20;
  impair(config);
  send(1);
  config.limit_frames = 100;
  impair(config);
  send(60);
  EXPECT_EQ(stats().held, 100u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_QUEUE], 10u + 1 + 10);
  pair().run_for(20 * kMs);
  EXPECT_EQ(arrived().size(), 100u);
}

// ---- life

TEST_F(DelayLineTest, Stop_LosesWhatIsOnTheWire) {
  impair(delay(10 * kMs));
  send(5);
  pair().b().stop();
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_STOPPED], 5u);
  ASSERT_EQ(pair().b().open(), 0);
  send(1);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived(), (Numbers{5}));
}

TEST_F(DelayLineTest, LostLink_LeavesWhatIsOnTheWire) {
  impair(delay(10 * kMs));
  send(5);
  pair().destroy_a();
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived().size(), 5u);
}

TEST_F(DelayLineTest, AnotherRingSize_LeavesWhatIsOnTheWire) {
  impair(delay(10 * kMs));
  send(5);
  vnet_params params = pair().b().params();
  params.ring_size = 4 * VNET_RING_MIN;
  ASSERT_EQ(pair().b().set_params(params), 0);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived().size(), 5u);
}

TEST_F(DelayLineTest, Queues_HaveAWireEach) {
  make_pair({.queues = 3});
  impair(delay(10 * kMs));
  for (u32 queue = 0; queue < 3; queue++)
    for (u32 i = 0; i <= queue; i++) pair().send(ethernet_frame(kMacB, kMacA), queue);
  pair().run();
  EXPECT_EQ(stats().held, 6u);
  pair().run_for(10 * kMs);
  for (u32 queue = 0; queue < 3; queue++) EXPECT_EQ(pair().received(queue).size(), queue + 1);
}

TEST_F(DelayLineTest, NoMemoryToHoldIt_IsADrop) {
  impair(delay(10 * kMs));
  host.fail_hold.fail_nth(2);
  send(3);
  settle();
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_NO_MEMORY], 1u);
  pair().run_for(10 * kMs);
  EXPECT_EQ(arrived(), (Numbers{0, 2}));
}

TEST_F(DelayLineTest, SenderIsNotHeldBackByTheWire) {
  make_pair({.ring_size = VNET_RING_MIN});
  impair(delay(1000 * kMs));
  send(10 * VNET_RING_MIN);
  EXPECT_FALSE(a().stopped());
  settle();
  EXPECT_EQ(stats().held, 10u * VNET_RING_MIN);
}

TEST_F(DelayLineTest, MillionFramesHeld_GoWithTheDevice) {
  make_pair({.ring_size = VNET_RING_MAX});
  impair(delay(1ull << 62));
  for (u32 i = 0; i < 1000000; i++) {
    ASSERT_NE(a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA, 14))), VNET_TX_BUSY);
    if (i % 1000 == 999) {
      a().doorbell();
      pair().run();
    }
  }
  settle();
  EXPECT_EQ(stats().held, 1000000u);
  pair().destroy_b();
  EXPECT_EQ(host.ledger.dropped(VNET_DROP_STOPPED), 1000000u);
}

}  // namespace
}  // namespace vnet::fake
