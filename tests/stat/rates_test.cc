// SPDX-License-Identifier: GPL-2.0-only
// Each decision by itself: how often, at which distances, and with which bit.
#include "tests/stat/decisions.h"

namespace vnet::stat {
namespace {

struct Knob {
  const char* name;
  u64 vnet_impairment::*probability;
  bool Fate::*decided;
};
constexpr Knob kKnobs[] = {{"duplicate", &vnet_impairment::duplicate, &Fate::duplicate},
                           {"corrupt", &vnet_impairment::corrupt, &Fate::corrupt},
                           {"truncate", &vnet_impairment::truncate, &Fate::truncate},
                           {"reorder", &vnet_impairment::reorder, &Fate::early},
                           {"loss", nullptr, &Fate::lost}};

class RatesTest : public StatTest {
 protected:
  std::vector<bool> decide(const Knob& knob, u64 probability, const Chance& chance,
                           u64 count = kFrames) {
    vnet_impairment config{};
    config.delay = 1000000;  // which reorder needs
    if (knob.probability) {
      config.*knob.probability = probability;
      if (knob.decided == &Fate::truncate) config.truncate_len = 40;
    } else {
      config.loss_model = VNET_LOSS_RANDOM;
      config.loss[0] = probability;
    }
    return fates(compile(config), chance, count,
                 [&knob](const Fate& fate) -> bool { return fate.*knob.decided; });
  }
};

TEST_F(RatesTest, EachRate_IsTheOneAskedFor) {
  u64 seed = 1;
  for (const Knob& knob : kKnobs) {
    for (const double rate : {0.0, 0.01, 0.1, 1.0, 10.0, 50.0, 100.0}) {
      const std::vector<bool> hits = decide(knob, percent(rate), {.seed = seed++});
      EXPECT_GT(binomial(count_of(hits), kFrames, rate / 100), kAlpha)
          << knob.name << " " << rate << " %: " << count_of(hits);
    }
  }
}

TEST_F(RatesTest, Probabilities_NextToTheEndsAreNotTheEnds) {
  for (const Knob& knob : kKnobs) {
    EXPECT_EQ(count_of(decide(knob, 0, {.seed = 7})), 0u);
    EXPECT_LE(count_of(decide(knob, 1, {.seed = 7})), 1u);
    EXPECT_EQ(count_of(decide(knob, kAlways, {.seed = 7})), kFrames);
  }
  EXPECT_FALSE(happens(0xffffffff, kAlways - 1));
  EXPECT_TRUE(happens(0xffffffff, kAlways));
  EXPECT_TRUE(happens(0, 1));
  EXPECT_FALSE(happens(0, 0));
}

TEST_F(RatesTest, Gaps_AreGeometric) {
  for (const Knob& knob : kKnobs) {
    for (const double rate : {1.0, 10.0, 50.0}) {
      const std::vector<bool> hits = decide(knob, percent(rate), {.seed = 11});
      const double p = rate / 100;
      std::vector<u64> observed(static_cast<size_t>(20 / p) + 1);
      u64 gap = 0, gaps = 0;
      for (const bool hit : hits) {
        if (!hit) {
          gap++;
          continue;
        }
        observed[std::min<size_t>(gap, observed.size() - 1)]++;
        gap = 0;
        gaps++;
      }
      std::vector<double> expected;
      for (size_t i = 0; i + 1 < observed.size(); i++)
        expected.push_back(static_cast<double>(gaps) * p * std::pow(1 - p, i));
      expected.push_back(static_cast<double>(gaps) * std::pow(1 - p, observed.size() - 1));
      EXPECT_GT(chi_square(observed, expected), kAlpha) << knob.name << " " << rate << " %";
    }
  }
}

TEST_F(RatesTest, Decisions_DoNotDependOnEarlierOnes) {
  for (const Knob& knob : kKnobs) {
    for (const double rate : {1.0, 10.0, 50.0}) {
      const std::vector<bool> hits = decide(knob, percent(rate), {.seed = 13});
      EXPECT_LT(std::fabs(runs(hits)), kSigmas) << knob.name << " " << rate << " %";
      for (u32 lag = 1; lag <= 20; lag++)
        EXPECT_LT(std::fabs(autocorrelation(hits, lag)), kSigmas + 0.3)  // 20 looks, not one
            << knob.name << " " << rate << " %, lag " << lag;
    }
  }
}

TEST_F(RatesTest, CorruptBits_AreUniformOverTheFrame) {
  for (const u64 bits : {8ull * 60, 8ull * 1514, 8ull * 65549}) {
    std::vector<u64> observed(480);
    for (u64 ordinal = 1; ordinal <= kFrames; ordinal++) {
      const Chance chance{.seed = 17};
      const u64 bit = CorruptBits(chance, ordinal, bits).next();
      ASSERT_LT(bit, bits);
      observed[bit * observed.size() / bits]++;
    }
    std::vector<double> expected(observed.size());
    for (size_t i = 0; i < observed.size(); i++) {  // classes of a whole number of bits
      const u64 from = (i * bits + observed.size() - 1) / observed.size();
      const u64 to = ((i + 1) * bits + observed.size() - 1) / observed.size();
      expected[i] =
          static_cast<double>(kFrames) * static_cast<double>(to - from) / static_cast<double>(bits);
    }
    EXPECT_GT(chi_square(observed, expected), kAlpha) << bits << " bits";
  }
}

TEST_F(RatesTest, SeveralCorruptBits_AreDifferentOnes) {
  const Chance chance{.seed = 19};
  for (u64 ordinal = 1; ordinal <= 2000; ordinal++) {
    CorruptBits positions(chance, ordinal, 40);
    std::vector<bool> seen(40);
    for (u32 i = 0; i < VNET_CORRUPT_BITS_MAX; i++) {
      const u64 bit = positions.next();
      ASSERT_LT(bit, 40u);
      ASSERT_FALSE(seen[bit]);
      seen[bit] = true;
    }
  }
}

TEST_F(RatesTest, ReorderGap_SpacesTheFramesSentAhead) {
  vnet_impairment config{};
  config.reorder = kAlways, config.reorder_gap = 5, config.delay = 1000;
  const std::vector<bool> always =
      fates(compile(config), {.seed = 1}, 1000, [](const Fate& fate) { return fate.early; });
  for (size_t i = 0; i < always.size(); i++) ASSERT_EQ(always[i], i % 5 == 4) << i;

  config.reorder = percent(50);
  const std::vector<bool> half =
      fates(compile(config), {.seed = 1}, kFrames, [](const Fate& fate) { return fate.early; });
  u64 since = 0;
  for (const bool early : half) {
    since++;
    if (early) {
      ASSERT_GE(since, 5u);
      since = 0;
    }
  }
  // Four frames without a choice, then a geometric number with one: 6 on average.
  EXPECT_NEAR(static_cast<double>(count_of(half)), kFrames / 6.0, 5 * std::sqrt(kFrames / 6.0));
}

}  // namespace
}  // namespace vnet::stat
