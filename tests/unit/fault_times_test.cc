// SPDX-License-Identifier: GPL-2.0-only
// When faults begin and for how long, on frames that are lost. All kinds: fault_matrix_test.cc.
#include <algorithm>

#include "tests/unit/fault_pair.h"

namespace vnet::fake {
namespace {

constexpr u64 kTick = 1000000;  // between two frames

struct Case {
  const char* name;
  vnet_fault_start when;
  u64 when_value;
  vnet_fault_for duration;
  u64 for_value;
  Numbers lost;  // of 12 frames, the i-th at i - 1 ticks after the fault was added
  vnet_fault_progress state;
  u64 fired;
};

// Times are between two frames.
constexpr u64 at(u64 frame) {
  return frame * kTick - kTick / 2;
}

const Case kCases[] = {
    {"now", VNET_FAULT_NOW, 0, VNET_FAULT_FOR_DEFAULT, 0, {1}, VNET_FAULT_DONE, 1},
    {"now_once", VNET_FAULT_NOW, 0, VNET_FAULT_FOR_ONCE, 0, {1}, VNET_FAULT_DONE, 1},
    {"now_count", VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 3, {1, 2, 3}, VNET_FAULT_DONE, 3},
    {"now_time", VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, at(4), {1, 2, 3, 4}, VNET_FAULT_DONE, 1},
    {"at", VNET_FAULT_AT, at(3), VNET_FAULT_FOR_DEFAULT, 0, {4}, VNET_FAULT_DONE, 1},
    {"at_count", VNET_FAULT_AT, at(3), VNET_FAULT_FOR_COUNT, 2, {4, 5}, VNET_FAULT_DONE, 2},
    {"at_time", VNET_FAULT_AT, at(3), VNET_FAULT_FOR_TIME, at(2), {4, 5}, VNET_FAULT_DONE, 1},
    {"after", VNET_FAULT_AFTER, 5, VNET_FAULT_FOR_DEFAULT, 0, {6}, VNET_FAULT_DONE, 1},
    {"after_count", VNET_FAULT_AFTER, 5, VNET_FAULT_FOR_COUNT, 2, {6, 7}, VNET_FAULT_DONE, 2},
    {"after_time", VNET_FAULT_AFTER, 5, VNET_FAULT_FOR_TIME, at(3), {6, 7, 8}, VNET_FAULT_DONE, 1},
    {"nth", VNET_FAULT_NTH, 5, VNET_FAULT_FOR_DEFAULT, 0, {5}, VNET_FAULT_DONE, 1},
    {"nth_count", VNET_FAULT_NTH, 5, VNET_FAULT_FOR_COUNT, 2, {5, 6}, VNET_FAULT_DONE, 2},
    {"nth_time", VNET_FAULT_NTH, 5, VNET_FAULT_FOR_TIME, at(2), {5, 6}, VNET_FAULT_DONE, 1},
    {"every",
     VNET_FAULT_EVERY_FRAMES,
     4,
     VNET_FAULT_FOR_DEFAULT,
     0,
     {4, 8, 12},
     VNET_FAULT_ARMED,
     3},
    {"every_once", VNET_FAULT_EVERY_FRAMES, 4, VNET_FAULT_FOR_ONCE, 0, {4}, VNET_FAULT_DONE, 1},
    {"every_count",
     VNET_FAULT_EVERY_FRAMES,
     4,
     VNET_FAULT_FOR_COUNT,
     2,
     {4, 8},
     VNET_FAULT_DONE,
     2},
    {"every_time_window",
     VNET_FAULT_EVERY_FRAMES,
     4,
     VNET_FAULT_FOR_TIME,
     at(2),
     {4, 5, 8, 9, 12},
     VNET_FAULT_ACTIVE,
     3},
    {"period",
     VNET_FAULT_EVERY_TIME,
     at(4),
     VNET_FAULT_FOR_DEFAULT,
     0,
     {5, 8, 12},
     VNET_FAULT_ARMED,
     3},
    {"period_count",
     VNET_FAULT_EVERY_TIME,
     at(4),
     VNET_FAULT_FOR_COUNT,
     2,
     {5, 8},
     VNET_FAULT_DONE,
     2},
    {"period_time",
     VNET_FAULT_EVERY_TIME,
     at(4),
     VNET_FAULT_FOR_TIME,
     at(2),
     {5, 6, 8, 9, 12},
     VNET_FAULT_ACTIVE,
     3},
    {"prob_always",
     VNET_FAULT_PROB,
     VNET_ALWAYS,
     VNET_FAULT_FOR_COUNT,
     3,
     {1, 2, 3},
     VNET_FAULT_DONE,
     3},
};

class FaultTimes : public FaultPair {
 protected:
  Numbers lost_of_12() {
    Numbers missing;
    for (u64 i = 1; i <= 12; i++) {
      if (!lost(1).empty()) missing.push_back(i);
      pair().run_for(kTick);
    }
    return missing;
  }
};

TEST_F(FaultTimes, EveryWhenAndEveryFor) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    make_pair({});
    const vnet_fault config =
        fault(VNET_FAULT_RX_OVERRUN, each.when, each.when_value, each.duration, each.for_value);
    const u32 id = add(pair().b(), config);
    EXPECT_EQ(lost_of_12(), each.lost);
    const vnet_fault_info seen = info(pair().b(), id);
    if (each.state != VNET_FAULT_ACTIVE) {
      EXPECT_EQ(seen.state, u32{each.state});
    }
    EXPECT_EQ(seen.fired, each.fired);
    EXPECT_EQ(seen.hits, each.lost.size());
    EXPECT_EQ(b().stats().rx_drops[VNET_DROP_RX_OVERRUN], each.lost.size());
    check_account(pair().b(), id);
    host.check();
  }
}

TEST_F(FaultTimes, ExpireEndsIt_AndByDefaultAfterAMinute) {
  vnet_fault config = fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_EVERY_FRAMES, 1);
  config.expire = 3 * kTick + kTick / 2;
  const u32 first = add(pair().b(), config);
  EXPECT_EQ(lost_of_12(), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(info(pair().b(), first).state, u32{VNET_FAULT_EXPIRED});
  check_account(pair().b(), first);
  config.expire = 0;
  const u32 second = add(pair().b(), config);
  pair().run_for(59999 * kTick);
  EXPECT_EQ(lost(1), (Numbers{1}));
  pair().run_for(2 * kTick);
  EXPECT_EQ(lost(1), (Numbers{}));
  EXPECT_EQ(info(pair().b(), second).state, u32{VNET_FAULT_EXPIRED});
  config.expire = VNET_FAULT_NEVER;
  const u32 third = add(pair().b(), config);
  pair().run_for(1ull << 50);
  EXPECT_EQ(lost(1), (Numbers{1}));
  EXPECT_EQ(info(pair().b(), third).expires_in, VNET_FAULT_NEVER);
}

TEST_F(FaultTimes, UntilReset_EndsWithAStop) {
  const u32 id =
      add(pair().b(), fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 3, VNET_FAULT_FOR_RESET));
  EXPECT_EQ(lost(5), (Numbers{3, 4, 5}));
  pair().b().stop();
  ASSERT_EQ(pair().b().open(), 0);
  EXPECT_EQ(lost(5), (Numbers{}));
  EXPECT_EQ(info(pair().b(), id).state, u32{VNET_FAULT_DONE});
}

TEST_F(FaultTimes, Match_MeetsWhatTheProgramTakes) {
  // The byte behind the type is the frame's number.
  const vnet_bpf_insn program[] = {
      {0x30, 0, 0, 14}, {0x15, 0, 1, 7}, {0x06, 0, 0, 1}, {0x06, 0, 0, 0}};
  vnet_fault config = fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_MATCH);
  config.match = program;
  config.match_count = 4;
  add(pair().b(), config);
  EXPECT_EQ(lost(20), (Numbers{8}));
  pair().b().delete_fault(0);
  config.what = VNET_FAULT_DMA_ERROR;  // the same where it is sent
  add(pair().a(), config);
  sent_ = 5;
  EXPECT_EQ(a().send(ethernet_frame(kMacB, kMacA, 60, 7)), VNET_TX_DROPPED);
}

TEST_F(FaultTimes, Prob_IsOfTheSeedAndTheSameEachTime) {
  std::vector<Numbers> runs;
  for (const u64 seed : {1ull, 1ull, 2ull, 1ull + (1ull << 32)}) {
    make_pair({});
    sent_ = 0;
    vnet_params params = pair().b().params();
    params.seed = seed;
    ASSERT_EQ(pair().b().set_params(params), 0);
    add(pair().b(), fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_PROB, VNET_ALWAYS / 4));
    runs.push_back(lost(400));
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
  EXPECT_NE(runs[0], runs[3]) << "all 64 bits of a seed count";
  EXPECT_NEAR(static_cast<double>(runs[0].size()), 100, 30);
}

// A fault draws from a stream of its own.
TEST_F(FaultTimes, Prob_LeavesTheWiresLossesAlone) {
  vnet_impairment loss{};
  loss.loss_model = VNET_LOSS_RANDOM;
  loss.loss[0] = VNET_ALWAYS / 4;
  impair(loss);
  const Numbers without = lost(200);
  make_pair({});
  sent_ = 0;
  impair(loss);
  add(pair().b(), fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_PROB, VNET_ALWAYS / 4));
  const Numbers with = lost(200);
  EXPECT_TRUE(std::includes(with.begin(), with.end(), without.begin(), without.end()));
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_LOSS], without.size());
  EXPECT_GT(b().stats().rx_drops[VNET_DROP_RX_OVERRUN], 0u);
}

TEST_F(FaultTimes, Fire_BeginsWithTheNextFrame) {
  const u32 id = add(pair().b(), fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 100));
  EXPECT_EQ(lost(3), (Numbers{}));
  ASSERT_EQ(pair().b().fire_fault(id), 0);
  EXPECT_EQ(lost(3), (Numbers{1}));
  EXPECT_EQ(pair().b().fire_fault(id), -22) << "it has ended";
  EXPECT_EQ(pair().b().fire_fault(99), -2);
}

TEST_F(FaultTimes, Fire_OfWhatNeedsNoFrame_CountsNone) {
  const u32 id = add(pair().b(), fault(VNET_FAULT_IRQ_SPURIOUS, VNET_FAULT_EVERY_FRAMES, 3));
  EXPECT_EQ(pair().b().fire_fault(id), 0);
  EXPECT_EQ(info(pair().b(), id).fired, 1u);
  send(2);
  EXPECT_EQ(info(pair().b(), id).fired, 1u);
  send(1);
  EXPECT_EQ(info(pair().b(), id).fired, 2u);
}

TEST_F(FaultTimes, OneQueue_AndEachOfThemByItself) {
  FakePair::Options options;
  options.queues = 3;
  make_pair(options);
  vnet_fault config = fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 2);
  config.queue = 1;
  add(pair().b(), config);
  config.queue = VNET_FAULT_ALL_QUEUES;
  const u32 all = add(pair().b(), config);
  for (u32 queue = 0; queue < 3; queue++)
    for (int i = 0; i < 3; i++) pair().send(ethernet_frame(kMacB, kMacA), queue);
  pair().run();
  for (u32 queue = 0; queue < 3; queue++)
    EXPECT_EQ(pair().b().queue(queue).stats().rx_drops[VNET_DROP_RX_OVERRUN], 1u) << queue;
  EXPECT_EQ(info(pair().b(), all).fired, 3u);
  EXPECT_EQ(info(pair().b(), all).state, u32{VNET_FAULT_DONE});
}

TEST_F(FaultTimes, AQueueThatIsMadeLaterHasTheDevicesFaults) {
  const vnet_fault overrun = fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 2);
  FakePair::Options options;
  options.early = &overrun;
  make_pair(options);
  EXPECT_EQ(lost(3), (Numbers{2}));
  check_account(pair().b(), 1);
}

TEST_F(FaultTimes, AQueueThatIsMadeLaterKnowsOfTheFlap) {
  const vnet_fault flap = fault(VNET_FAULT_LINK_FLAP);
  FakePair::Options options;
  options.early = &flap;
  make_pair(options);
  EXPECT_FALSE(pair().b().carrier());
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
  EXPECT_EQ(b().send(ethernet_frame(kMacA, kMacB)), VNET_TX_DROPPED);
  EXPECT_EQ(a().stats().tx_drops[VNET_DROP_LINK_FLAP], 1u);
  EXPECT_EQ(b().stats().tx_drops[VNET_DROP_LINK_FLAP], 1u);
  pair().run_for(1000 * kMs);
  EXPECT_TRUE(pair().b().carrier());
  EXPECT_EQ(lost(3), (Numbers{}));
}

TEST_F(FaultTimes, WithoutFaultsNothingIsAsked) {
  const u32 id = add(pair().b(), fault(VNET_FAULT_RX_OVERRUN));
  EXPECT_EQ(lost(2), (Numbers{1}));
  pair().run_for(kTick);
  pair().b().delete_fault(id);
  pair().run_for(kTick);
  const u64 before = host.clock_calls;
  EXPECT_EQ(lost(10), (Numbers{}));
  EXPECT_EQ(host.clock_calls, before);
}

TEST_F(FaultTimes, DmaSlow_DeletedLetsGo) {
  vnet_fault config = fault(VNET_FAULT_DMA_SLOW);
  config.value = 10000 * kMs;
  const u32 id = add(pair().b(), config);
  send(2);
  pair().run_for(kMs);
  EXPECT_EQ(arrived(), (Numbers{}));
  EXPECT_EQ(pair().b().delete_fault(id), 0);
  EXPECT_EQ(arrived(), (Numbers{0, 1}));
}

// ---- the end of a fault comes while another context is still at its beginning

class FaultEndsMeanwhile : public FaultTimes {
 protected:
  // Time goes on, and control looks, inside the host's function.
  void end_at(Point point, Device& device) {
    host.interleave(point, [this, &device] {
      host.advance(2 * kMs);
      device.expire();
    });
  }
  u32 tx_state() { return a().reg(VNET_REG_TX_STATE); }
};

TEST_F(FaultEndsMeanwhile, TxStall_BetweenAdmissionAndPut_LetsGo) {
  add(pair().a(), fault(VNET_FAULT_TX_STALL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, kMs));
  end_at(Point::kCommit, pair().a());
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(tx_state(), 0u);
  for (u32 i = 0; i < VNET_RING_DEFAULT; i++) EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  pair().run_for(kMs);
  EXPECT_EQ(tx_state(), 0u) << "a full ring has hung it";
}

TEST_F(FaultEndsMeanwhile, TxStall_BeforeTheQueueStops_LetsGo) {
  add(pair().a(), fault(VNET_FAULT_TX_STALL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, kMs));
  end_at(Point::kBeforeQueueStop, pair().a());
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(tx_state(), 0u);
  send(1);
  EXPECT_EQ(arrived(), (Numbers{0, 1}));
}

TEST_F(FaultEndsMeanwhile, RxStall_BeforeThePollKnows_LetsGo) {
  add(pair().b(), fault(VNET_FAULT_RX_STALL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, kMs));
  end_at(Point::kTimer, pair().b());
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(arrived(), (Numbers{0}));
}

// Control comes between the fault's beginning and the poll's note of it.
TEST_F(FaultEndsMeanwhile, IrqSpurious_BeforeThePollHasNotedIt_IsRaised) {
  add(pair().b(), fault(VNET_FAULT_IRQ_SPURIOUS, VNET_FAULT_EVERY_FRAMES, 1));
  pair().run_for(kMs);
  const vnet_queue_stats before = b().stats();
  end_at(Point::kTimer, pair().b());
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(b().stats().rx_irqs, before.rx_irqs + 1);
  EXPECT_EQ(b().stats().polls, before.polls + 2) << "one of them without work";
}

TEST_F(FaultEndsMeanwhile, IrqLost_BeforeTheSenderKnows_Recovers) {
  add(pair().b(), fault(VNET_FAULT_IRQ_LOST, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, kMs));
  end_at(Point::kTimer, pair().b());
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(arrived(), (Numbers{0}));
}

}  // namespace
}  // namespace vnet::fake
