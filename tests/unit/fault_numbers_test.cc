// SPDX-License-Identifier: GPL-2.0-only
// Which frame a fault met, by the number that its wire's decisions have for it.
#include "tests/unit/fault_pair.h"

namespace vnet::fake {
namespace {

class FaultNumbersTest : public FaultPair {
 protected:
  void every(u32 n, vnet_fault_kind what = VNET_FAULT_CSUM_BAD) {
    add(pair().b(), fault(what, VNET_FAULT_EVERY_FRAMES, n));
  }
  Numbers met() { return FaultPair::met(pair().b()); }
  // The numbers that decisions give to the frames that arrived: they were sent from 0 on.
  Numbers arrived_from_1() {
    Numbers numbers = arrived();
    for (u64& number : numbers) number++;
    return numbers;
  }
};

TEST_F(FaultNumbersTest, PlainWire_CountsFromTheRunNotFromTheFault) {
  send(2);
  every(3);
  send(7);
  EXPECT_EQ(met(), (Numbers{5, 8}));
  EXPECT_EQ(arrived().size(), 9u);
}

TEST_F(FaultNumbersTest, Burst_HasEachFramesOwn) {
  every(1);
  for (int i = 0; i < 5; i++) pair().send();
  pair().run();
  EXPECT_EQ(met(), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(b().take_received().size(), 5u);
}

TEST_F(FaultNumbersTest, LostOnTheWire_AreCounted) {
  impair(pattern({2, 3}));
  every(1);
  send(5);
  EXPECT_EQ(met(), (Numbers{1, 4, 5}));
  EXPECT_EQ(arrived_from_1(), (Numbers{1, 4, 5}));
}

TEST_F(FaultNumbersTest, Reordered_KeepTheirNumbers) {
  b().may_reorder(true);
  impair(delay(10 * kMs, 9 * kMs, true));
  every(1);
  send(50);
  pair().run_for(30 * kMs);
  const Numbers numbers = met();
  EXPECT_EQ(numbers, arrived_from_1());
  EXPECT_EQ(numbers.size(), 50u);
  EXPECT_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_F(FaultNumbersTest, Duplicate_IsTheSameFrameTwice) {
  vnet_impairment config{};
  config.duplicate = VNET_ALWAYS;
  impair(config);
  every(1);
  send(2);
  EXPECT_EQ(met(), (Numbers{1, 1, 2, 2}));
  EXPECT_EQ(b().take_received().size(), 4u);
}

// What is on the wire when a run begins is of the one before, which is not told of any more.
TEST_F(FaultNumbersTest, NewRun_CountsAnew) {
  impair(delay(10 * kMs));
  every(1);
  send(3);
  vnet_params params = pair().b().params();
  params.seed = 99;
  ASSERT_EQ(pair().b().set_params(params), 0);
  send(2);
  pair().run_for(20 * kMs);
  EXPECT_EQ(met(), (Numbers{0, 0, 0, 1, 2}));
  EXPECT_EQ(arrived().size(), 5u);
}

// Also of frames that come while no plan is in force any more, and overtake what is held.
TEST_F(FaultNumbersTest, PlanTakenAway_FramesThatOvertakeWhatIsHeldHaveTheirs) {
  b().may_reorder(true);
  impair(delay(10 * kMs));
  every(1);
  send(2);
  impair({});
  send(2);
  pair().run_for(20 * kMs);
  send(1);
  EXPECT_EQ(met(), (Numbers{3, 4, 1, 2, 5}));
  EXPECT_EQ(arrived_from_1(), (Numbers{3, 4, 1, 2, 5}));
}

TEST_F(FaultNumbersTest, SuperFrame_HasANumberForEachOfItsFrames) {
  send(1);
  every(2);
  Frame* const super = host.ledger.make(ethernet_frame(kMacB, kMacA, 4014));
  super->wire_frames = 4;
  super->wire_len = 4014 + 3 * 14;
  ASSERT_EQ(a().tx(super, false), VNET_TX_ADMITTED);
  pair().run();
  send(1);
  EXPECT_EQ(met(), (Numbers{3, 5}));
  EXPECT_EQ(b().take_received().size(), 6u);
}

// ---- chance is of the frame's number in its run, whenever the fault was added

class FaultChanceTest : public FaultNumbersTest {
 protected:
  void begin_run(u64 seed) {
    pair().run_for(100 * kMs);  // nothing is on the wire
    vnet_params params = pair().b().params();
    params.seed = seed;
    ASSERT_EQ(pair().b().set_params(params), 0);
    pair().b().begin_run();  // also with the seed of before
    met();
  }
  void by_chance(vnet_fault_kind what = VNET_FAULT_CSUM_BAD) {
    add(pair().b(), fault(what, VNET_FAULT_PROB, VNET_ALWAYS / 4));
  }
  Numbers met_of(u64 count) {
    send(count);
    pair().run_for(100 * kMs);
    return met();
  }
  static Numbers behind(u64 first, const Numbers& all) {
    Numbers rest;
    for (const u64 number : all)
      if (number > first) rest.push_back(number);
    return rest;
  }
};

TEST_F(FaultChanceTest, ARunWithTheSameSeedMeetsTheSameFrames) {
  by_chance();
  begin_run(42);
  const Numbers first = met_of(100);
  EXPECT_GT(first.size(), 10u);
  begin_run(43);
  EXPECT_NE(met_of(100), first);
  begin_run(42);
  EXPECT_EQ(met_of(100), first);
  begin_run(42);
  EXPECT_EQ(met_of(100), first);
}

TEST_F(FaultChanceTest, AddedBeforeTheRunOrInIt) {
  by_chance();
  begin_run(42);
  const Numbers before = met_of(100);
  make_pair({});
  begin_run(42);
  send(30);
  by_chance();
  EXPECT_EQ(met_of(70), behind(30, before));
}

// What the wire does is no part of it, nor in which order frames come off it.
TEST_F(FaultChanceTest, BehindAWireThatReorders) {
  by_chance();
  begin_run(42);
  const Numbers plain = met_of(100);
  b().may_reorder(true);
  impair(delay(10 * kMs, 9 * kMs, true));
  begin_run(42);
  Numbers numbers = met_of(100);
  EXPECT_FALSE(std::is_sorted(numbers.begin(), numbers.end()));
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers, plain);
}

TEST_F(FaultChanceTest, ACopyHasAChanceOfItsOwn) {
  by_chance();
  begin_run(42);
  const Numbers plain = met_of(400);
  vnet_impairment config{};
  config.duplicate = VNET_ALWAYS;
  impair(config);
  begin_run(42);
  const Numbers all = met_of(400);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), plain.begin(), plain.end()));
  EXPECT_NEAR(static_cast<double>(all.size() - plain.size()), 100, 30);
  u64 both = 0;
  for (size_t i = 1; i < all.size(); i++) both += all[i] == all[i - 1];
  EXPECT_NEAR(static_cast<double>(both), 25, 15);
}

// The MAC filter comes behind what holds the frame up.
TEST_F(FaultChanceTest, OfTheFilter_BehindAFaultThatHoldsUp) {
  Numbers by_turns[2];
  for (Numbers& numbers : by_turns) {
    const bool held = &numbers != by_turns;
    make_pair({});
    by_chance(VNET_FAULT_MAC_FILTER_LEAK);
    if (held) add(pair().b(), fault(VNET_FAULT_RX_STALL));
    begin_run(42);
    for (int i = 0; i < 100; i++) pair().send(ethernet_frame({2, 9, 9, 9, 9, 9}, kMacA));
    pair().run_for(2000 * kMs);
    numbers = met();
    if (held) {
      ASSERT_FALSE(numbers.empty());
      EXPECT_EQ(numbers[0], 1u) << "the stall";
      numbers.erase(numbers.begin());
    }
    b().take_received();
  }
  EXPECT_GT(by_turns[0].size(), 10u);
  EXPECT_EQ(by_turns[0], by_turns[1]);
}

// It is of another run than the one in which it is delivered.
TEST_F(FaultChanceTest, HeldUpWhileARunBegins_HasNoNumber) {
  add(pair().b(), fault(VNET_FAULT_RX_STALL));
  add(pair().b(), fault(VNET_FAULT_MAC_FILTER_LEAK, VNET_FAULT_EVERY_FRAMES, 1));
  for (int i = 0; i < 3; i++) pair().send(ethernet_frame({2, 9, 9, 9, 9, 9}, kMacA));
  pair().run();
  begin_run(9);
  pair().run_for(1000 * kMs);
  EXPECT_EQ(met(), (Numbers{0, 0, 0}));
  b().take_received();
}

// Replay asks for the numbers of then, which may be any.
TEST_F(FaultChanceTest, IdsThatDifferByTheirUpperBitsOnly) {
  std::vector<Numbers> all;
  for (const u32 id : {7u, 7u + 0x100, 7u + 0x10000, VNET_FAULT_ID_MAX - 0xf8}) {
    make_pair({});
    vnet_fault config = fault(VNET_FAULT_CSUM_BAD, VNET_FAULT_PROB, VNET_ALWAYS / 4);
    config.id = id;
    add(pair().b(), config);
    begin_run(42);
    all.push_back(met_of(100));
    EXPECT_EQ(std::count(all.begin(), all.end(), all.back()), 1) << id;
  }
}

// It is lost before it has a number.
TEST_F(FaultNumbersTest, Transmit_HasNone) {
  add(pair().a(), fault(VNET_FAULT_DMA_ERROR, VNET_FAULT_NTH, 2));
  for (int i = 1; i <= 3; i++)
    EXPECT_EQ(pair().send(), i == 2 ? VNET_TX_DROPPED : VNET_TX_ADMITTED);
  pair().run();
  EXPECT_EQ(b().take_received().size(), 2u);
  EXPECT_EQ(FaultPair::met(pair().a()), Numbers{0});
}

TEST_F(FaultNumbersTest, Fire_IsToldBeforeItsFiring) {
  const u32 id =
      add(pair().b(), fault(VNET_FAULT_ALLOC_FAIL, VNET_FAULT_NTH, 100, VNET_FAULT_FOR_COUNT, 2));
  send(1);
  ASSERT_EQ(pair().b().fire_fault(id), 0);
  EXPECT_EQ(lost(2), Numbers{1});
  std::vector<u32> news;
  for (const vnet_fault_event& event : pair().b().take_fault_events()) {
    news.push_back(event.news);
    EXPECT_EQ(event.frame, event.news == VNET_FAULT_NEWS_FIRED ? 2u : 0u);
    EXPECT_EQ(event.value, event.news == VNET_FAULT_NEWS_FIRED ? 2u : 0u);
    EXPECT_EQ(event.fired, event.news == VNET_FAULT_NEWS_FIRED ? 1u : 0u);
  }
  EXPECT_EQ(news, (std::vector<u32>{VNET_FAULT_NEWS_ARMED, VNET_FAULT_NEWS_FORCED,
                                    VNET_FAULT_NEWS_FIRED}));
}

}  // namespace
}  // namespace vnet::fake
