// SPDX-License-Identifier: GPL-2.0-only
// Knobs that contradict each other or are out of range: refused by name, and nothing has changed.
#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

constexpr int kInvalid = -22, kNoMemory = -12;  // EINVAL, ENOMEM

class ImpairRefusalsTest : public ImpairPair {
 protected:
  void refused(const vnet_impairment& config, const std::string& words) {
    const char* why = nullptr;
    EXPECT_EQ(pair().b().impair(config, &why), kInvalid) << words;
    EXPECT_NE(std::string(why ? why : "").find(words), std::string::npos)
        << (why ? why : "") << words;
  }
};

vnet_impairment loss(u32 model, std::initializer_list<u64> p) {
  vnet_impairment config{};
  config.loss_model = model;
  std::copy(p.begin(), p.end(), config.loss);
  return config;
}

TEST_F(ImpairRefusalsTest, Loss) {
  refused(loss(99, {}), "loss: no such model");
  refused(loss(VNET_LOSS_RANDOM, {VNET_ALWAYS + 1}), "loss: a probability is 0 to 100 %");
  refused(loss(VNET_LOSS_STATE, {VNET_ALWAYS, 0, 0, 0, 1}), "p13 and p14");
  refused(loss(VNET_LOSS_STATE, {0, VNET_ALWAYS, 1}), "p31 and p32");
  vnet_impairment burst = loss(VNET_LOSS_BURST, {VNET_ALWAYS / 2});
  refused(burst, "1 frame or more");
  burst.loss_mean = 1000;
  burst.loss[0] = VNET_ALWAYS / 2 + 1;
  refused(burst, "at most N / (N + 1)");
  burst.loss[0] = VNET_ALWAYS;
  refused(burst, "at most N / (N + 1)");
  burst.loss[0] = 0;
  refused(burst, "more than 0 %");
  refused(pattern({}), "1 to 65536 frame numbers");
  refused(pattern({0, 1}), "numbered from 1");
  refused(pattern({1, 3, 3}), "ascend");
}

TEST_F(ImpairRefusalsTest, WhatAlters) {
  vnet_impairment config{};
  config.duplicate = VNET_ALWAYS + 1;
  refused(config, "duplicate: a probability");
  config = {};
  config.corrupt = VNET_ALWAYS;
  config.corrupt_bits = 33;
  refused(config, "bits are 1 to 32");
  config = {};
  config.truncate = 1;
  config.truncate_len = 13;
  refused(config, "14 to 65535");
  config.truncate_len = 14;
  config.gso_keep = 1;
  refused(config, "truncate: not with gso keep");
  config.truncate = 0;
  config.corrupt = 1;
  refused(config, "corrupt: not with gso keep");
}

TEST_F(ImpairRefusalsTest, Delay) {
  vnet_impairment config{};
  config.delay = 1ull << 63;
  refused(config, "below 2^63");
  config.delay = 10;
  config.jitter = 11;
  refused(config, "at most the delay");
  config.delay = config.jitter = 1ull << 61;
  refused(config, "below 2^63");
  config = {};
  config.jitter = 1;
  refused(config, "at most the delay");
  config = {};
  config.delay = 10;
  config.distribution = VNET_DISTRIBUTION_NORMAL;
  refused(config, "needs a jitter");
  config.distribution = 99;
  refused(config, "no such distribution");
  config = {};
  config.delay = 10;
  config.jitter_reorder = 1;
  refused(config, "needs a jitter");
  config = {};
  config.reorder = 1;
  refused(config, "needs a delay");
  config.delay = 10;
  config.reorder_gap = 1000001;
  refused(config, "gap is 1 to 1000000");
  const short table[] = {2, 1};
  config = {};
  config.delay = config.jitter = 10;
  config.table = table;
  config.table_count = 2;
  refused(config, "without distribution table");
  config.distribution = VNET_DISTRIBUTION_TABLE;
  refused(config, "ascend");
  config.table_count = 1;
  refused(config, "2 to 16384");
}

TEST_F(ImpairRefusalsTest, RateAndQueue) {
  vnet_impairment config{};
  config.rate = VNET_RATE_MAX + 1;
  refused(config, "1 bit/s to 4 Tbit/s");
  config.rate = 0;
  config.burst = 1;
  refused(config, "a burst without a rate");
  config.burst = 0;
  config.overhead = 1;
  refused(config, "an overhead without a rate");
  config.rate = 1;
  config.overhead = 1025;
  refused(config, "0 to 1024");
  config = {};
  config.delay = config.jitter = 10;
  config.jitter_reorder = 1;
  config.limit_frames = VNET_HELD_MAX + 1;
  refused(config, "16777216");
}

TEST_F(ImpairRefusalsTest, Match) {
  const std::vector<std::vector<vnet_bpf_insn>> programs = {
      {{0x28, 0, 0, 12}},                    // no end
      {{0x15, 1, 0, 1}, {0x06, 0, 0, 1}},    // jumps past it
      {{0x05, 0, 0, 5}, {0x06, 0, 0, 1}},    // likewise
      {{0x60, 0, 0, 16}, {0x06, 0, 0, 1}},   // beyond its memory
      {{0x34, 0, 0, 0}, {0x06, 0, 0, 1}},    // divides by 0
      {{0x64, 0, 0, 32}, {0x06, 0, 0, 1}},   // shifts too far
      {{0x38, 0, 0, 0}, {0x06, 0, 0, 1}},    // no such size
      {{0xff, 0, 0, 0}, {0x06, 0, 0, 1}},    // no such instruction
      {{0x8006, 0, 0, 0}, {0x06, 0, 0, 1}},  // likewise
  };
  for (const auto& program : programs) {
    vnet_impairment config{};
    config.match = program.data();
    config.match_count = static_cast<u32>(program.size());
    refused(config, "match: not a valid program");
  }
}

TEST_F(ImpairRefusalsTest, Trace) {
  vnet_trace_row rows[2] = {{0, 1000, 0, 0}, {10, 1000, 0, 0}};
  vnet_impairment config{};
  config.trace_loop = 1;
  refused(config, "a loop without a trace");
  config.trace = rows;
  config.trace_count = 1;
  refused(config, "a loop has two rows");
  config.trace_count = 2;
  rows[0].time = 1;
  refused(config, "the first row's time is 0");
  rows[0].time = rows[1].time = 0;
  refused(config, "times ascend");
  rows[1].time = 10;
  rows[1].rate = 0;
  refused(config, "trace: a rate is");
  rows[1].rate = 1;
  rows[1].loss = VNET_ALWAYS + 1;
  refused(config, "trace: a loss is");
  rows[1].loss = 0;
  rows[1].delay = 1ull << 63;
  refused(config, "trace: a delay is");
}

TEST_F(ImpairRefusalsTest, Refusal_LeavesWhatWasInForce) {
  impair(pattern({1}));
  vnet_impairment wrong{};
  wrong.duplicate = VNET_ALWAYS + 1;
  refused(wrong, "duplicate");
  ASSERT_TRUE(pair().b().impairment());
  EXPECT_EQ(pair().b().impairment()->pattern_count, 1u);
  EXPECT_EQ(pair().b().impairment()->pattern[0], 1u);
  send(2);
  EXPECT_EQ(arrived(), (Numbers{1}));
}

TEST_F(ImpairRefusalsTest, NoMemory_AtAnyStepChangesNothing) {
  vnet_impairment config{};
  config.delay = config.jitter = 10;
  config.jitter_reorder = 1;
  b().may_reorder(true);
  // The wires; the plan, and then the wires stay; the heap.
  for (const u32 nth : {1u, 2u, 2u}) {
    host.fail_alloc.fail_nth(nth);
    EXPECT_EQ(pair().b().impair(config), kNoMemory);
    host.fail_alloc.fail_nth(0);
    EXPECT_EQ(pair().b().impairment(), std::nullopt);
    send(1);
    EXPECT_EQ(arrived().size(), 1u);
  }
  host.fail_alloc.fail_nth(3);
  EXPECT_EQ(pair().b().impair(config), 0) << "there are no more steps";
  host.fail_alloc.fail_nth(0);
}

}  // namespace
}  // namespace vnet::fake
