// SPDX-License-Identifier: GPL-2.0-only
// Losses with a memory: how often states follow each other, and how long bursts are.
#include "tests/stat/decisions.h"

namespace vnet::stat {
namespace {

class LossModelsTest : public StatTest {
 protected:
  // How often state b followed state a, over a million frames.
  using Transitions = std::array<std::array<u64, 4>, 4>;
  Transitions transitions(const Plan& plan, u64 seed) {
    LossState state;
    Transitions counts{};
    const Chance chance{.seed = seed};
    for (u64 ordinal = 1; ordinal <= kFrames; ordinal++) {
      const u8 from = state.state();
      state.step(plan.loss, chance, ordinal);
      counts[from][state.state()]++;
    }
    return counts;
  }

  static void expect_row(const std::array<u64, 4>& row, const std::array<double, 4>& p) {
    u64 sum = 0;
    for (const u64 each : row) sum += each;
    std::vector<u64> observed;
    std::vector<double> expected;
    for (size_t i = 0; i < 4; i++) {
      if (p[i] == 0) {
        EXPECT_EQ(row[i], 0u);
        continue;
      }
      observed.push_back(row[i]);
      expected.push_back(p[i] * static_cast<double>(sum));
    }
    EXPECT_GT(chi_square(observed, expected), kAlpha);
  }

  static std::vector<u64> bursts(const std::vector<bool>& lost) {
    std::vector<u64> lengths;
    u64 length = 0;
    for (const bool each : lost) {
      if (each) length++;
      if (!each && length) {
        lengths.push_back(length);
        length = 0;
      }
    }
    return lengths;
  }

  // Bursts end with probability `end` after each frame.
  static void expect_geometric(const std::vector<u64>& lengths, double end) {
    std::vector<u64> observed(static_cast<size_t>(15 / end) + 1);
    for (const u64 length : lengths) observed[std::min<size_t>(length - 1, observed.size() - 1)]++;
    std::vector<double> expected;
    const auto count = static_cast<double>(lengths.size());
    for (size_t i = 0; i + 1 < observed.size(); i++)
      expected.push_back(count * end * std::pow(1 - end, i));
    expected.push_back(count * std::pow(1 - end, observed.size() - 1));
    EXPECT_GT(chi_square(observed, expected), kAlpha);
  }

  static double rate(const std::vector<bool>& lost) {
    return static_cast<double>(count_of(lost)) / static_cast<double>(lost.size());
  }
};

vnet_impairment model(u32 which, std::initializer_list<double> percents) {
  vnet_impairment config{};
  config.loss_model = which;
  u32 i = 0;
  for (const double each : percents) config.loss[i++] = percent(each);
  return config;
}

TEST_F(LossModelsTest, GilbertElliott_ChangesItsStateAsAsked) {
  const Plan& plan = compile(model(VNET_LOSS_GEMODEL, {1, 10, 50, 0.1}));
  const Transitions seen = transitions(plan, 3);
  expect_row(seen[0], {0.99, 0.01, 0, 0});
  expect_row(seen[1], {0.10, 0.90, 0, 0});
}

TEST_F(LossModelsTest, GilbertElliott_LosesInEachStateAsAsked) {
  const Plan& plan = compile(model(VNET_LOSS_GEMODEL, {1, 10, 50, 0.1}));
  LossState state;
  u64 frames[2] = {}, lost[2] = {};
  for (u64 ordinal = 1; ordinal <= kFrames; ordinal++) {
    const u8 met = state.state();
    frames[met]++;
    lost[met] += state.step(plan.loss, {.seed = 4}, ordinal);
  }
  EXPECT_GT(binomial(lost[0], frames[0], 0.001), kAlpha);
  EXPECT_GT(binomial(lost[1], frames[1], 0.5), kAlpha);
}

TEST_F(LossModelsTest, Gilbert_HasGeometricBursts) {
  const std::vector<bool> lost =
      losses(compile(model(VNET_LOSS_GEMODEL, {1, 20, 100, 0})), {.seed = 5});
  expect_geometric(bursts(lost), 0.2);
}

TEST_F(LossModelsTest, FourStates_FollowEachOtherAsAsked) {
  // p13, p31, p32, p23, p14
  const Transitions seen = transitions(compile(model(VNET_LOSS_STATE, {1, 25, 50, 10, 2})), 6);
  expect_row(seen[0], {0.97, 0, 0.01, 0.02});
  expect_row(seen[1], {0, 0.90, 0.10, 0});
  expect_row(seen[2], {0.25, 0.50, 0.25, 0});
  expect_row(seen[3], {1, 0, 0, 0});
}

TEST_F(LossModelsTest, FourStates_LoseInTheThirdAndTheFourth) {
  const Plan& plan = compile(model(VNET_LOSS_STATE, {1, 25, 50, 10, 2}));
  LossState state;
  for (u64 ordinal = 1; ordinal <= 10000; ordinal++) {
    const bool lost = state.step(plan.loss, {.seed = 6}, ordinal);
    ASSERT_EQ(lost, state.state() >= 2);
  }
}

// What netem's `loss 5% 25%` was meant to be, and is not: it loses 0.22 %.
TEST_F(LossModelsTest, Burst_HasItsRateAndItsMeanLength) {
  for (const auto& [rate_percent, mean] :
       {std::pair(5.0, 4.0), std::pair(0.3, 1.5), std::pair(1.0, 10.0), std::pair(30.0, 2.0)}) {
    vnet_impairment config = model(VNET_LOSS_BURST, {rate_percent});
    config.loss_mean = static_cast<u32>(mean * 1000);
    const std::vector<bool> lost = losses(compile(config), {.seed = 8}, 4 * kFrames);
    const std::vector<u64> lengths = bursts(lost);
    const auto count = static_cast<double>(lengths.size());
    const double wanted = rate_percent / 100;
    // Each burst brings about `mean` losses, with the deviation of a geometric distribution.
    const double deviation = std::sqrt(mean * (mean - 1)) + 1;
    EXPECT_NEAR(rate(lost), wanted, 4 * wanted * (deviation / mean + 1) / std::sqrt(count));
    double sum = 0;
    for (const u64 length : lengths) sum += static_cast<double>(length);
    EXPECT_NEAR(sum / count, mean, 4 * deviation / std::sqrt(count));
    expect_geometric(lengths, 1 / mean);
  }
}

TEST_F(LossModelsTest, Pattern_IsTheList) {
  const u64 pattern[] = {1, 2, 17, 1000, 1ull << 40};
  vnet_impairment config = model(VNET_LOSS_PATTERN, {});
  config.pattern = pattern;
  config.pattern_count = 5;
  const Plan& plan = compile(config);
  const std::vector<bool> lost = losses(plan, {.seed = 9}, 2000);
  for (u64 i = 0; i < lost.size(); i++)
    ASSERT_EQ(lost[i], std::ranges::count(pattern, i + 1) == 1) << i + 1;
  LossState state;
  EXPECT_TRUE(state.step(plan.loss, {}, 1ull << 40));
  EXPECT_FALSE(state.step(plan.loss, {}, (1ull << 40) + 1));
}

}  // namespace
}  // namespace vnet::stat
