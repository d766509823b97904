// SPDX-License-Identifier: GPL-2.0-only
// The generator, and that what should have nothing to do with each other has not.
#include <algorithm>
#include <random>

#include "tests/stat/decisions.h"

namespace vnet::stat {
namespace {

constexpr bool operator==(const Block& a, const Block& b) {
  return std::equal(a.word, a.word + 4, b.word);
}

// The vectors that come with the paper's library (Random123, kat_vectors: philox4x32 10).
static_assert(philox({{0, 0, 0, 0}}, 0) == Block{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
static_assert(philox({{~0u, ~0u, ~0u, ~0u}}, ~0ull) ==
              Block{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
static_assert(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822) ==
              Block{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});

TEST(ScaledTest, Scaled_IsTheHighHalfOfTheProduct) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; i++) {
    const u64 a = random(), b = random() >> (i % 64);
    ASSERT_EQ(scaled(a, b), static_cast<u64>(static_cast<unsigned __int128>(a) * b >> 64));
  }
  EXPECT_EQ(scaled(~0ull, ~0ull), ~0ull - 1);
}

class ChanceTest : public StatTest {
 protected:
  static constexpr u64 kDraws = 100000;
  static std::vector<bool> coins(const Chance& chance, Stream stream = Stream::kLoss) {
    std::vector<bool> all(kDraws);
    for (u64 i = 0; i < kDraws; i++)
      all[i] = happens(chance.draw(stream, i + 1).word[0], kAlways / 2);
    return all;
  }
};

TEST_F(ChanceTest, Seeds_ThatDifferInAnyBitAreIndependent) {
  for (const u64 seed : {0ull, 1ull, 0x0123456789abcdefull, ~0ull}) {
    const std::vector<bool> base = coins({.seed = seed});
    EXPECT_GT(agreement(base, coins({.seed = seed + 1})), kAlpha);
    for (u32 k = 0; k < 64; k++)
      EXPECT_GT(agreement(base, coins({.seed = seed ^ 1ull << k})), kAlpha / 64)
          << seed << " " << k;
  }
}

TEST_F(ChanceTest, StreamsQueuesDirectionsAndLinks_AreIndependent) {
  const std::vector<bool> base = coins({.seed = 5});
  for (u8 stream = 1; stream <= static_cast<u8>(Stream::kDelay); stream++)
    EXPECT_GT(agreement(base, coins({.seed = 5}, static_cast<Stream>(stream))), kAlpha);
  for (u32 queue = 1; queue < VNET_QUEUES_MAX; queue++)
    EXPECT_GT(agreement(base, coins({.seed = 5, .place = queue})), kAlpha / 64);
  EXPECT_GT(agreement(base, coins({.seed = 5, .place = 1 << 15})), kAlpha);
  EXPECT_GT(agreement(base, coins({.seed = 5, .link = 1})), kAlpha);
}

TEST_F(ChanceTest, Ordinals_CountInAll64Bits) {
  const Chance chance{.seed = 5};
  EXPECT_FALSE(chance.draw(Stream::kLoss, 1) == chance.draw(Stream::kLoss, 1 + (1ull << 32)));
  EXPECT_FALSE(chance.draw(Stream::kLoss, 1) == chance.draw(Stream::kLoss, 1 + (1ull << 63)));
}

// Each knob on its own and with all others: the same frames.
TEST_F(ChanceTest, AKnob_ChangesNoOtherStream) {
  vnet_impairment all{};
  all.loss_model = VNET_LOSS_GEMODEL;
  all.loss[0] = percent(1), all.loss[1] = percent(10), all.loss[2] = kAlways;
  all.duplicate = percent(5), all.corrupt = percent(5), all.truncate = percent(5);
  all.truncate_len = 40;
  all.delay = 20000000, all.jitter = 3000000;
  all.distribution = VNET_DISTRIBUTION_NORMAL;
  all.reorder = percent(25), all.reorder_gap = 3;
  const Chance chance{.seed = 23};
  const auto with_all = fates(compile(all), chance, kDraws, [](const Fate& fate) { return fate; });

  const auto alone = [&](auto set) {
    vnet_impairment one{};
    set(one);
    return fates(compile(one), chance, kDraws, [](const Fate& fate) { return fate; });
  };
  const auto loss = alone([&](vnet_impairment& one) {
    one.loss_model = all.loss_model;
    std::copy_n(all.loss, 5, one.loss);
  });
  const auto duplicate = alone([&](vnet_impairment& one) { one.duplicate = all.duplicate; });
  const auto corrupt = alone([&](vnet_impairment& one) { one.corrupt = all.corrupt; });
  const auto truncate = alone([&](vnet_impairment& one) {
    one.truncate = all.truncate;
    one.truncate_len = all.truncate_len;
  });
  const auto reorder = alone([&](vnet_impairment& one) {
    one.reorder = all.reorder;
    one.reorder_gap = all.reorder_gap;
    one.delay = 1;
  });
  const auto delay = alone([&](vnet_impairment& one) {
    one.delay = all.delay;
    one.jitter = all.jitter;
    one.distribution = all.distribution;
  });
  for (u64 i = 0; i < kDraws; i++) {
    ASSERT_EQ(with_all[i].lost, loss[i].lost) << i;
    ASSERT_EQ(with_all[i].duplicate, duplicate[i].duplicate) << i;
    ASSERT_EQ(with_all[i].corrupt, corrupt[i].corrupt) << i;
    ASSERT_EQ(with_all[i].truncate, truncate[i].truncate) << i;
    ASSERT_EQ(with_all[i].early, reorder[i].early) << i;
    if (!with_all[i].early) {
      ASSERT_EQ(with_all[i].delay, delay[i].delay) << i;
    }
  }
}

}  // namespace
}  // namespace vnet::stat
