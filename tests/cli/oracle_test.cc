// SPDX-License-Identifier: GPL-2.0-only
// The wire's decisions made again: asked one by one, gone through, or taken up in the middle, they
// are the same.
#include "cli/oracle.h"

#include <gtest/gtest.h>

#include <set>

namespace vnet::cli {
namespace {

constexpr vnet_u64 kSeed = 42;
constexpr vnet_u32 kPlace = 1 << 15 | 3;
constexpr vnet_u64 kFrames = 2000;

std::unique_ptr<Oracle> oracle(const std::string& words, const WireStart& start) {
  Impairment impairment;
  EXPECT_FALSE(read_settings(words, impairment)) << words;
  Result<std::unique_ptr<Oracle>> made = Oracle::make(impairment.values, start);
  EXPECT_TRUE(made) << words;
  return std::move(*made);
}

std::string text(const Fate& fate) {
  return std::to_string(fate.delay) + (fate.lost ? " lost" : "") +
         (fate.duplicate ? " twice" : "") + (fate.corrupt ? " corrupt" : "") +
         (fate.truncate ? " cut" : "") + (fate.early ? " early" : "");
}

class OracleTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr WireStart kBeginning{kSeed, kPlace, 0, 0, 0};
};

TEST_P(OracleTest, EachFrame_IsWhatGoingThroughAllGives) {
  const auto walked = oracle(GetParam(), kBeginning), asked = oracle(GetParam(), kBeginning);
  vnet_u64 hit = 0;
  for (vnet_u64 frame = 1; frame <= kFrames; frame++) {
    const std::string fate = text(walked->next());
    hit += fate != "0";
    if (frame % 7) continue;  // those in between are gone through unasked
    Result<FrameVerdict> verdict = asked->decide(frame);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(text(verdict->fate), fate) << frame;
  }
  EXPECT_GT(hit, 50u);
}

// By draw and threshold.
TEST_P(OracleTest, Streams_SayWhatTheFateIs) {
  const auto asked = oracle(GetParam(), kBeginning);
  for (vnet_u64 frame = 1; frame <= kFrames; frame++) {
    Result<FrameVerdict> verdict = asked->decide(frame);
    ASSERT_TRUE(verdict);
    for (const StreamVerdict& stream : verdict->streams) {
      if (stream.threshold && stream.draw) {
        EXPECT_EQ(stream.happens, *stream.draw < *stream.threshold) << frame;
      }
      if (stream.stream == Stream::kLoss) {
        EXPECT_EQ(stream.happens, verdict->fate.lost) << frame;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, OracleTest,
                         testing::Values("loss 5%", "loss gemodel 5% 30% 90% 1%",
                                         "loss burst rate 5% mean 4",
                                         "loss state 5% 60% 10% 40% 1%",
                                         "delay 1ms reorder 40% gap 5",
                                         "delay 2ms 1ms distribution normal duplicate 3%",
                                         "corrupt 5% bits 3 truncate 10% to 60"));

TEST(Oracle, Middle_ContinuesByWhatTheModelRemembered) {
  const auto whole = oracle("loss state 5% 60% 10% 40% 1%", {kSeed, kPlace, 0, 0, 0});
  StageState state;
  const Chance chance{kSeed, 0, kPlace};
  for (vnet_u64 frame = 1; frame <= 500; frame++) {
    (void)Pipeline::decide(whole->plan(), chance, state, frame);
    (void)whole->next();
  }
  const auto middle = oracle("loss state 5% 60% 10% 40% 1%",
                             {kSeed, kPlace, 500, state.loss.state(), state.since_early});
  for (vnet_u64 frame = 501; frame <= 1000; frame++)
    ASSERT_EQ(text(middle->next()), text(whole->next())) << frame;
}

// Of several bits each is another one, and all are within the frame.
TEST(Oracle, Length_SaysWhichBitsTurn) {
  const auto with = oracle("corrupt 100% bits 32", {kSeed, kPlace, 0, 0, 0});
  const auto without = oracle("corrupt 100% bits 32", {kSeed, kPlace, 0, 0, 0});
  Result<FrameVerdict> known = with->decide(1, 14), unknown = without->decide(1);
  ASSERT_TRUE(known && unknown);
  ASSERT_EQ(known->streams.size(), unknown->streams.size());
  std::set<vnet_u64> bits;
  for (size_t i = 0; i < known->streams.size(); i++) {
    EXPECT_EQ(known->streams[i].draw, unknown->streams[i].draw);
    EXPECT_FALSE(unknown->streams[i].value);
    if (known->streams[i].value) bits.insert(*known->streams[i].value);
  }
  EXPECT_EQ(bits.size(), 32u);
  EXPECT_LT(*bits.rbegin(), 8u * 14);
}

TEST(Oracle, ShortFrame_IsNotCut) {
  const auto both = oracle("truncate 100% to 60", {kSeed, kPlace, 0, 0, 0});
  EXPECT_FALSE(both->decide(1, 60)->fate.truncate);
  EXPECT_TRUE(both->decide(2, 61)->fate.truncate);
  EXPECT_TRUE(both->decide(3)->fate.truncate);
}

TEST(Oracle, FrameBefore_IsRefused) {
  const auto behind = oracle("loss 5%", {kSeed, kPlace, 100, 0, 0});
  EXPECT_FALSE(behind->decide(100));
  EXPECT_TRUE(behind->decide(101));
  EXPECT_FALSE(behind->decide(101));
}

}  // namespace
}  // namespace vnet::cli
