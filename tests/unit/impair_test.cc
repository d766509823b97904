// SPDX-License-Identifier: GPL-2.0-only
// What an impaired wire does to frames, in virtual time: losses, copies, bits, lengths, order.
#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

class ImpairTest : public ImpairPair {};

TEST_F(ImpairTest, Loss_OfAllAndOfNone) {
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_RANDOM;
  config.loss[0] = VNET_ALWAYS;
  impair(config);
  send(100);
  EXPECT_EQ(arrived(), Numbers());
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_LOSS], 100u);
  EXPECT_EQ(a().stats().tx_frames, 100u) << "the wire lost them, not the sender";
  config.loss[0] = 0;
  impair(config);
  send(100);
  EXPECT_EQ(arrived().size(), 100u);
}

TEST_F(ImpairTest, OtherDirection_IsUntouched) {
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_RANDOM;
  config.loss[0] = VNET_ALWAYS;
  impair(config);
  for (int i = 0; i < 10; i++) b().send(ethernet_frame(kMacA, kMacB));
  pair().run();
  EXPECT_EQ(a().take_received().size(), 10u);
}

// Ordinals are those of the ring since the device was made, whatever came of the frames.
TEST_F(ImpairTest, Ordinals_CountAlsoBeforeThereIsAnImpairment) {
  send(5);
  EXPECT_EQ(arrived().size(), 5u);
  b().send(ethernet_frame(kMacA, kMacB));
  impair(pattern({7, 9}));
  send(5);  // 6 to 10
  EXPECT_EQ(arrived(), (Numbers{5, 7, 9}));
  impair({});
  send(3);  // 11 to 13
  impair(pattern({14}));
  send(2);
  EXPECT_EQ(arrived(), (Numbers{10, 11, 12, 14}));
}

TEST_F(ImpairTest, Ordinals_CountWhatFiltersAndStopsTook) {
  pair().send(ethernet_frame({2, 9, 9, 9, 9, 9}, kMacA));  // 1: not for b
  pair().run();
  pair().send();  // 2: in the ring when b stops
  pair().b().stop();
  ASSERT_EQ(pair().b().open(), 0);
  impair(pattern({3}));
  send(2);
  EXPECT_EQ(arrived(), (Numbers{1}));
}

TEST_F(ImpairTest, NewRun_CountsFromOne) {
  impair(pattern({1, 3}));
  send(4);
  EXPECT_EQ(arrived(), (Numbers{1, 3}));
  pair().b().begin_run();
  send(4);
  EXPECT_EQ(arrived(), (Numbers{5, 7}));
  vnet_params params = pair().b().params();
  params.seed = 99;
  ASSERT_EQ(pair().b().set_params(params), 0);
  send(4);
  EXPECT_EQ(arrived(), (Numbers{9, 11}));
}

TEST_F(ImpairTest, SameSeed_LosesTheSameFrames) {
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_RANDOM;
  config.loss[0] = VNET_ALWAYS / 4;
  std::vector<Numbers> runs;
  for (const u64 seed : {1ull, 1ull, 1ull + (1ull << 32)}) {
    make_pair({});
    sent_ = 0;
    vnet_params params = pair().b().params();
    params.seed = seed;
    ASSERT_EQ(pair().b().set_params(params), 0);
    impair(config);
    send(200);
    runs.push_back(arrived());
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]) << "all 64 bits of a seed count";
}

TEST_F(ImpairTest, Duplicate_ArrivesTwiceAndIsCounted) {
  vnet_impairment config{};
  config.duplicate = VNET_ALWAYS;
  impair(config);
  send(50);
  const Numbers numbers = arrived();
  ASSERT_EQ(numbers.size(), 100u);
  for (u64 i = 0; i < 100; i++) EXPECT_EQ(numbers[i], i / 2);
  EXPECT_EQ(stats().duplicated, 50u);
  EXPECT_EQ(b().stats().rx_frames, 100u);
  impair(pattern({51}));  // a copy has no ordinal
  send(2);
  EXPECT_EQ(arrived(), (Numbers{51}));
}

TEST_F(ImpairTest, Duplicate_WithoutMemoryIsCountedAndNothingIsLost) {
  vnet_impairment config{};
  config.duplicate = VNET_ALWAYS;
  impair(config);
  host.fail_copy.fail_nth(2);
  send(3);
  EXPECT_EQ(arrived().size(), 5u);
  EXPECT_EQ(stats().copies_failed, 1u);
}

TEST_F(ImpairTest, Corrupt_TurnsAsManyBitsAsAsked) {
  for (const u32 bits : {0u, 1u, 2u, 7u, 32u}) {
    vnet_impairment config{};
    config.corrupt = VNET_ALWAYS;
    config.corrupt_bits = bits;
    impair(config);
    pair().b().set_filter(promiscuous());
    for (int i = 0; i < 20; i++) {
      const Bytes sent = ethernet_frame(kMacB, kMacA, 200, static_cast<u8>(i));
      pair().send(sent);
      pair().run();
      const auto received = b().take_received();
      ASSERT_EQ(received.size(), 1u);
      u32 turned = 0;
      for (size_t byte = 0; byte < sent.size(); byte++)
        turned += static_cast<u32>(__builtin_popcount(sent[byte] ^ received[0].bytes[byte]));
      EXPECT_EQ(turned, bits ? bits : 1u);
    }
  }
  EXPECT_EQ(stats().corrupted, 100u);
}

// What was turned is what the port's filter sees.
TEST_F(ImpairTest, Corrupt_DestinationIsFilteredAsItArrives) {
  vnet_impairment config{};
  config.corrupt = VNET_ALWAYS;
  impair(config);
  u64 refused = 0;
  for (int i = 0; i < 2000; i++) {
    pair().send(ethernet_frame(kMacB, kMacA, 14));
    pair().run();
    for (const Received& received : b().take_received())
      EXPECT_EQ(Bytes(received.bytes.begin(), received.bytes.begin() + 6), Bytes(kMacB, kMacB + 6));
  }
  refused = b().stats().rx_drops[VNET_DROP_UNICAST_FILTER] +
            b().stats().rx_drops[VNET_DROP_MULTICAST_FILTER];
  EXPECT_NEAR(static_cast<double>(refused), 2000.0 * 6 / 14, 100);
}

TEST_F(ImpairTest, Corrupt_WithoutMemoryIsADrop) {
  vnet_impairment config{};
  config.corrupt = VNET_ALWAYS;
  impair(config);
  host.fail_alter.fail_nth(1);
  pair().send(ethernet_frame(kMacB, kMacA, 1514));
  pair().run();
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_NO_MEMORY], 1u);
}

TEST_F(ImpairTest, Truncate_CutsToTheLength) {
  vnet_impairment config{};
  config.truncate = VNET_ALWAYS;
  config.truncate_len = 20;
  impair(config);
  for (const size_t length : {14u, 20u, 21u, 1514u})
    pair().send(ethernet_frame(kMacB, kMacA, length));
  pair().run();
  std::vector<size_t> lengths;
  for (const Received& received : b().take_received()) lengths.push_back(received.bytes.size());
  EXPECT_EQ(lengths, (std::vector<size_t>{14, 20, 20, 20}));
  EXPECT_EQ(stats().truncated, 2u);
}

TEST_F(ImpairTest, Match_SparesWhatItDoesNotTake) {
  // libpcap's `ether[14] = 1`.
  const vnet_bpf_insn program[] = {
      {0x30, 0, 0, 14}, {0x15, 0, 1, 1}, {0x06, 0, 0, 262144}, {0x06, 0, 0, 0}};
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_RANDOM;
  config.loss[0] = VNET_ALWAYS;
  config.match = program;
  config.match_count = 4;
  impair(config);
  for (const u8 fill : Bytes{0, 1, 2, 1}) pair().send(ethernet_frame(kMacB, kMacA, 60, fill));
  pair().send(ethernet_frame(kMacB, kMacA, 14));  // too short to say
  pair().run();
  EXPECT_EQ(b().take_received().size(), 3u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_LOSS], 2u);
}

// 1 % is 1 % of the frames on the wire.
TEST_F(ImpairTest, SuperFrame_IsCutUpFirst) {
  impair(pattern({2, 3, 6}));
  Frame* const super = host.ledger.make(ethernet_frame(kMacB, kMacA, 4014));
  super->wire_frames = 4;
  super->wire_len = 4014 + 3 * 14;
  ASSERT_EQ(a().tx(super, false), VNET_TX_ADMITTED);
  pair().run();
  const auto received = b().take_received();
  ASSERT_EQ(received.size(), 2u);
  for (const Received& each : received) EXPECT_EQ(each.bytes.size(), 1014u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_LOSS], 2u);
  sent_ = 0;
  send(2);  // 5 and 6
  EXPECT_EQ(arrived(), (Numbers{0}));
}

TEST_F(ImpairTest, SuperFrame_IsOneWithGsoKeep) {
  vnet_impairment config = pattern({1});
  config.gso_keep = true;
  impair(config);
  for (int i = 0; i < 2; i++) {
    Frame* const super = host.ledger.make(ethernet_frame(kMacB, kMacA, 4014));
    super->wire_frames = 4;
    super->wire_len = 4014 + 3 * 14;
    ASSERT_EQ(a().tx(super, false), VNET_TX_ADMITTED);
  }
  pair().run();
  EXPECT_EQ(b().take_received().size(), 1u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_IMPAIR_LOSS], 4u);
}

TEST_F(ImpairTest, SuperFrame_WithoutMemoryIsADropOfAllItsFrames) {
  impair(pattern({1000}));
  for (Script* script : {&host.fail_hold, &host.fail_segment}) {
    script->fail_nth(1);
    Frame* const super = host.ledger.make(ethernet_frame(kMacB, kMacA, 4014));
    super->wire_frames = 4;
    super->wire_len = 4014 + 3 * 14;
    ASSERT_EQ(a().tx(super, false), VNET_TX_ADMITTED);
    pair().run();
  }
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_NO_MEMORY], 8u);
}

// More comes off the wire than one poll may deliver.
TEST_F(ImpairTest, Budget_IsKept) {
  vnet_impairment config{};
  config.duplicate = VNET_ALWAYS;
  impair(config);
  for (int i = 0; i < 100; i++) pair().send();
  pair().run(/*budget=*/8);
  EXPECT_EQ(b().take_received().size(), 200u);
}

TEST_F(ImpairTest, UnimpairedAgain_CostsNoClock) {
  impair(pattern({1}));
  send(3);
  impair({});
  send(1);
  EXPECT_GT(host.clock_calls, 0u);
  host.clock_calls = 0;
  send(10);
  EXPECT_EQ(host.clock_calls, 0u);
  EXPECT_EQ(pair().b().impairment(), std::nullopt);
}

// ---- 10,000 changes under load leave the other streams as they are

TEST_F(ImpairTest, ManyChangesOfOtherKnobs_LoseTheSameFrames) {
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_GEMODEL;
  config.loss[0] = VNET_ALWAYS / 50;
  config.loss[1] = VNET_ALWAYS / 5;
  config.loss[2] = VNET_ALWAYS;
  std::vector<std::set<u64>> runs;
  b().may_reorder(true);
  for (const bool change : {false, true}) {
    make_pair({});
    b().may_reorder(true);
    sent_ = 0;
    impair(config);
    std::set<u64> seen;
    for (u32 i = 0; i < 10000; i++) {
      if (change) {
        vnet_impairment other = config;
        other.duplicate = i % 2 ? VNET_ALWAYS / 3 : 0;
        other.delay = i % 3 * 1000;
        other.jitter = other.delay / 2;
        other.reorder = other.delay ? VNET_ALWAYS / 5 : 0;
        other.rate = i % 5 ? 0 : 1000000000;
        impair(other);
      }
      send(2);
      pair().run_for(500);
      for (const u64 number : arrived()) seen.insert(number);
    }
    pair().run_for(1000000);
    for (const u64 number : arrived()) seen.insert(number);
    runs.push_back(seen);
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_LT(runs[0].size(), 20000u);
}

}  // namespace
}  // namespace vnet::fake
