// SPDX-License-Identifier: GPL-2.0-only
// Delays against the distributions that they are said to have.
#include "tests/stat/decisions.h"

namespace vnet::stat {
namespace {

constexpr double kMean = 20e6, kJitter = 3e6;  // ns
constexpr u64 kDelays = 100000;

class DelayStatTest : public StatTest {
 protected:
  // In units of the jitter, around the delay.
  std::vector<double> delays(u32 distribution, u64 seed, u64 count = kDelays) {
    vnet_impairment config{};
    config.delay = static_cast<u64>(kMean);
    config.jitter = static_cast<u64>(kJitter);
    config.distribution = distribution;
    return fates(compile(config), {.seed = seed}, count, [](const Fate& fate) {
      return (static_cast<double>(fate.delay) - kMean) / kJitter;
    });
  }

  static double deviation(const std::vector<double>& sample) {
    double sum = 0, squares = 0;
    for (const double x : sample) sum += x, squares += x * x;
    const auto n = static_cast<double>(sample.size());
    return std::sqrt(squares / n - sum / n * sum / n);
  }
  static double quantile(std::vector<double> sample, double p) {
    std::ranges::sort(sample);
    return sample[static_cast<size_t>(p * static_cast<double>(sample.size()))];
  }
};

double normal(double x) {
  return std::erfc(-x / std::sqrt(2)) / 2;
}

TEST_F(DelayStatTest, Uniform_IsUniform) {
  const auto uniform = [](double x) { return std::clamp((x + 1) / 2, 1e-9, 1 - 1e-9); };
  const std::vector<double> sample = delays(VNET_DISTRIBUTION_UNIFORM, 1);
  EXPECT_GT(kolmogorov_smirnov(sample, uniform), kAlpha);
  EXPECT_LT(anderson_darling(sample, uniform), kAndersonDarlingLimit);
  EXPECT_GE(*std::ranges::min_element(sample), -1.0);
  EXPECT_LE(*std::ranges::max_element(sample), 1.0);
}

TEST_F(DelayStatTest, Normal_IsNormal) {
  const std::vector<double> sample = delays(VNET_DISTRIBUTION_NORMAL, 2);
  EXPECT_GT(kolmogorov_smirnov(sample, normal), kAlpha);
  EXPECT_LT(anderson_darling(sample, normal), kAndersonDarlingLimit);
}

TEST_F(DelayStatTest, Pareto_IsParetoUpToItsLimit) {
  // Exponent 3, mean 0, and then mean and deviation made right for what is cut off at 4: so against
  // the shape, by its quantiles.
  const std::vector<double> sample = delays(VNET_DISTRIBUTION_PARETO, 3);
  const auto shape = [](double p) { return std::pow(1 - p, -1.0 / 3); };
  const double unit = (quantile(sample, 0.9) - quantile(sample, 0.1)) / (shape(0.9) - shape(0.1));
  for (const double p : {0.2, 0.5, 0.7, 0.8})
    EXPECT_NEAR(quantile(sample, p) - quantile(sample, 0.1), unit * (shape(p) - shape(0.1)), 0.02);
  EXPECT_LE(*std::ranges::max_element(sample), 4.0);
}

TEST_F(DelayStatTest, EachDistribution_HasTheJitterAskedFor) {
  for (const u32 distribution :
       {VNET_DISTRIBUTION_NORMAL, VNET_DISTRIBUTION_PARETO, VNET_DISTRIBUTION_PARETONORMAL}) {
    const std::vector<double> sample = delays(distribution, 4, kFrames);
    EXPECT_NEAR(deviation(sample), 1.0, 0.005) << distribution;
    double sum = 0;
    for (const double x : sample) sum += x;
    EXPECT_NEAR(sum / static_cast<double>(kFrames), 0.0, 0.005) << distribution;
  }
  EXPECT_NEAR(deviation(delays(VNET_DISTRIBUTION_UNIFORM, 4)), 1 / std::sqrt(3.0), 0.005);
}

TEST_F(DelayStatTest, NormalQuantiles_AreWithinTwoPercentOfTheDelay) {
  const std::vector<double> sample = delays(VNET_DISTRIBUTION_NORMAL, 5);
  EXPECT_NEAR(quantile(sample, 0.01), -2.3263, 0.02 * 2.3263);
  EXPECT_NEAR(quantile(sample, 0.99), 2.3263, 0.02 * 2.3263);
}

TEST_F(DelayStatTest, Table_IsTheUsers) {
  const short table[] = {-8192, 0, 8192};  // uniform, from -1 to 1
  vnet_impairment config{};
  config.delay = static_cast<u64>(kMean);
  config.jitter = static_cast<u64>(kJitter);
  config.distribution = VNET_DISTRIBUTION_TABLE;
  config.table = table;
  config.table_count = 3;
  const auto sample = fates(compile(config), {.seed = 6}, kDelays, [](const Fate& fate) {
    return (static_cast<double>(fate.delay) - kMean) / kJitter;
  });
  EXPECT_GT(kolmogorov_smirnov(sample, [](double x) { return std::clamp((x + 1) / 2, 0.0, 1.0); }),
            kAlpha);
}

TEST_F(DelayStatTest, Delays_OfAnySizeAreWhatWasAsked) {
  for (const u64 delay : {1ull, 1000ull, 1ull << 32, 1ull << 40, 1ull << 62}) {
    vnet_impairment config{};
    config.delay = delay;
    config.jitter = delay / 8;
    config.distribution = config.jitter ? VNET_DISTRIBUTION_NORMAL : VNET_DISTRIBUTION_UNIFORM;
    const std::vector<u64> all =
        fates(compile(config), {.seed = 7}, 10000, [](const Fate& fate) { return fate.delay; });
    for (const u64 each : all) {
      ASSERT_GE(each, delay / 2 - delay / 64);
      ASSERT_LE(each, delay + delay / 2 + delay / 64);
    }
  }
}

}  // namespace
}  // namespace vnet::stat
