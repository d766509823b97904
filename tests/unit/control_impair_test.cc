// SPDX-License-Identifier: GPL-2.0-only
// Impairments by control's attributes: each knob by itself, and shown as it was set.
#include <vnet/control.h>

#include <cstring>

#include "core/control/schema.h"
#include "core/params.h"
#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

class ControlImpair : public ImpairPair {
 protected:
  void SetUp() override {
    vnet_params params = pair().b().params();
    params.seed = 42;
    ASSERT_EQ(pair().b().set_params(params), 0);
  }

  int change(const vnet_impair_values& values) {
    why_ = {};
    return pair().b().change_impairment(values, why_);
  }
  int remove(u32 knobs) { return pair().b().remove_impairment(knobs, why_); }
  vnet_impair_values shown() { return pair().b().impair_values(stats_); }
  vnet_impairment in_force() { return pair().b().impairment().value_or(vnet_impairment{}); }

  static vnet_impair_values delay_values(u64 delay, u64 jitter) {
    vnet_impair_values values{};
    values.has = bit(VNET_A_IMPAIR_DELAY) | bit(VNET_A_IMPAIR_JITTER);
    values.delay = delay;
    values.jitter = jitter;
    return values;
  }
  static vnet_impair_values loss_values(u64 p) {
    vnet_impair_values values{};
    values.has = bit(VNET_A_IMPAIR_LOSS_MODEL) | bit(VNET_A_IMPAIR_LOSS_P1);
    values.loss_model = VNET_LOSS_MODEL_RANDOM;
    values.loss_p1 = p;
    return values;
  }

  vnet_impair_stats stats_;
  vnet_refusal why_{};
};

TEST_F(ControlImpair, Change_LeavesTheOtherKnobs) {
  ASSERT_EQ(change(delay_values(5 * kMs, kMs)), 0);
  ASSERT_EQ(change(loss_values(12345)), 0);
  EXPECT_EQ(in_force().delay, 5 * kMs);
  EXPECT_EQ(in_force().jitter, kMs);
  EXPECT_EQ(in_force().loss[0], 12345u);
}

TEST_F(ControlImpair, Change_OfAKnobReplacesAllOfIt) {
  ASSERT_EQ(change(delay_values(5 * kMs, kMs)), 0);
  vnet_impair_values only_delay = delay_values(7 * kMs, 0);
  only_delay.has &= ~bit(VNET_A_IMPAIR_JITTER);
  ASSERT_EQ(change(only_delay), 0);
  EXPECT_EQ(in_force().delay, 7 * kMs);
  EXPECT_EQ(in_force().jitter, 0u);
}

TEST_F(ControlImpair, Change_OfADetailLeavesItsKnob) {
  ASSERT_EQ(change(delay_values(5 * kMs, kMs)), 0);
  vnet_impair_values only_jitter = delay_values(0, 2 * kMs);
  only_jitter.has &= ~bit(VNET_A_IMPAIR_DELAY);
  ASSERT_EQ(change(only_jitter), 0);
  EXPECT_EQ(in_force().delay, 5 * kMs);
  EXPECT_EQ(in_force().jitter, 2 * kMs);
}

TEST_F(ControlImpair, Remove_OneThenAll) {
  ASSERT_EQ(change(delay_values(5 * kMs, 0)), 0);
  ASSERT_EQ(change(loss_values(12345)), 0);
  ASSERT_EQ(remove(VNET_IMPAIR_KNOB_DELAY), 0);
  EXPECT_EQ(in_force().delay, 0u);
  EXPECT_EQ(in_force().loss_model, u32{VNET_LOSS_RANDOM});
  ASSERT_EQ(remove(~0u), 0);
  EXPECT_FALSE(pair().b().impairment());
}

TEST_F(ControlImpair, Remove_WhatAnotherKnobNeedsIsRefused) {
  vnet_impair_values values = delay_values(5 * kMs, 0);
  values.has |= bit(VNET_A_IMPAIR_REORDER);
  values.reorder = 1;
  ASSERT_EQ(change(values), 0);
  EXPECT_NE(remove(VNET_IMPAIR_KNOB_DELAY), 0);
  EXPECT_STREQ(why_.text, "reorder: needs a delay, which the frames sent ahead do without");
  EXPECT_EQ(in_force().delay, 5 * kMs);
}

TEST_F(ControlImpair, Pattern_NeedNotBeAlignedAndStaysAfterAnotherChange) {
  alignas(8) u8 bytes[4 + 2 * sizeof(u64)];
  const u64 frames[] = {2, 4};
  std::memcpy(bytes + 4, frames, sizeof(frames));
  vnet_impair_values values{};
  values.has = bit(VNET_A_IMPAIR_LOSS_MODEL) | bit(VNET_A_IMPAIR_LOSS_PATTERN);
  values.loss_model = VNET_LOSS_MODEL_PATTERN;
  values.loss_pattern = {bytes + 4, sizeof(frames)};
  ASSERT_EQ(change(values), 0) << why_.text;
  std::memset(bytes, 0xee, sizeof(bytes));
  ASSERT_EQ(change(delay_values(0, 0)), 0);
  const vnet_impair_values now = shown();
  ASSERT_EQ(now.loss_pattern.len, sizeof(frames));
  EXPECT_EQ(std::memcmp(now.loss_pattern.data, frames, sizeof(frames)), 0);
  send(5);
  EXPECT_EQ(arrived(), (Numbers{0, 2, 4}));
  EXPECT_EQ(shown().lost, 2u);
}

TEST_F(ControlImpair, DetailsWithoutTheirKnobAreRefused) {
  for (const u32 id : {VNET_A_IMPAIR_LOSS_P1, VNET_A_IMPAIR_LOSS_MEAN, VNET_A_IMPAIR_LOSS_PATTERN,
                       VNET_A_IMPAIR_TRUNCATE_LEN, VNET_A_IMPAIR_CORRUPT_BITS,
                       VNET_A_IMPAIR_REORDER_GAP, VNET_A_IMPAIR_JITTER, VNET_A_IMPAIR_BURST}) {
    vnet_impair_values values{};
    values.has = bit(id);
    values.jitter = values.burst = 1;
    EXPECT_NE(change(values), 0) << id;
    EXPECT_TRUE(why_.text != nullptr) << id;
    EXPECT_EQ(why_.attribute, id);
    EXPECT_FALSE(pair().b().impairment()) << id;
  }
}

TEST_F(ControlImpair, Values_AreWhatWasSet) {
  vnet_impair_values values = delay_values(5 * kMs, kMs);
  values.distribution = VNET_DELAY_DISTRIBUTION_PARETO;
  values.rate = 1000000;
  values.corrupt = 7;
  values.corrupt_bits = 3;
  values.limit_bytes = 99;
  values.has |= bit(VNET_A_IMPAIR_DISTRIBUTION) | bit(VNET_A_IMPAIR_RATE) |
                bit(VNET_A_IMPAIR_CORRUPT) | bit(VNET_A_IMPAIR_CORRUPT_BITS) |
                bit(VNET_A_IMPAIR_LIMIT_BYTES);
  ASSERT_EQ(change(values), 0) << why_.text;
  const vnet_impair_values now = shown();
  EXPECT_EQ(now.has & values.has, values.has);
  EXPECT_EQ(now.distribution, u32{VNET_DELAY_DISTRIBUTION_PARETO});
  EXPECT_EQ(now.rate, 1000000u);
  EXPECT_EQ(now.corrupt_bits, 3u);
  EXPECT_EQ(now.limit_bytes, 99u);
  EXPECT_EQ(now.seed, 42u);
  EXPECT_FALSE(now.has & bit(VNET_A_IMPAIR_LOSS_MODEL));
  EXPECT_EQ(now.late.len, 0u);
}

TEST_F(ControlImpair, NoMemory_ChangesNothing) {
  ASSERT_EQ(change(loss_values(12345)), 0);
  const u64 frame = 1;
  vnet_impair_values values{};
  values.has = bit(VNET_A_IMPAIR_LOSS_MODEL) | bit(VNET_A_IMPAIR_LOSS_PATTERN);
  values.loss_model = VNET_LOSS_MODEL_PATTERN;
  values.loss_pattern = {&frame, sizeof(frame)};
  host.fail_alloc.fail_nth(1);
  EXPECT_EQ(change(values), kNoMemory);
  host.fail_alloc.fail_nth(0);
  EXPECT_EQ(in_force().loss_model, u32{VNET_LOSS_RANDOM});
}

}  // namespace
}  // namespace vnet::fake
