// SPDX-License-Identifier: GPL-2.0-only
#include "cli/words.h"

#include <gtest/gtest.h>

#include <array>

namespace vnet::cli {
namespace {

constexpr std::array<std::string_view, 6> kObjects{"link",    "stats",   "seed",
                                                   "monitor", "metrics", "rx"};

std::string error_of(std::string_view word) {
  const Result<size_t> found = match("object", word, kObjects);
  return found ? "found" : found.error().text;
}

TEST(Words, AnUnambiguousBeginningIsTheWord) {
  EXPECT_EQ(*match("object", "l", kObjects), 0u);
  EXPECT_EQ(*match("object", "st", kObjects), 1u);
  EXPECT_EQ(*match("object", "mon", kObjects), 3u);
}

TEST(Words, AnAmbiguousOneIsRefusedWithItsCandidates) {
  EXPECT_EQ(error_of("s"), "object 's' is ambiguous: 'stats' or 'seed'");
  EXPECT_EQ(error_of("m"), "object 'm' is ambiguous: 'monitor' or 'metrics'");
}

TEST(Words, AWholeWordWinsOverLongerOnes) {
  constexpr std::array<std::string_view, 3> kKeywords{"rx-usecs", "rx", "rx-frames"};
  EXPECT_EQ(*match("keyword", "rx", kKeywords), 1u);
  EXPECT_FALSE(match("keyword", "r", kKeywords));
}

TEST(Words, AnUnknownOneIsAnsweredWithTheNearest) {
  EXPECT_EQ(error_of("lnik"), "unknown object 'lnik': did you mean 'link'?");
  EXPECT_EQ(error_of("statz"), "unknown object 'statz': did you mean 'stats'?");
  EXPECT_EQ(error_of("monitr"), "unknown object 'monitr': did you mean 'monitor'?");
  EXPECT_EQ(error_of("frobnicate"), "unknown object 'frobnicate'");
  EXPECT_EQ(match("object", "x", kObjects).error().code, kUnknownWord);
  EXPECT_NE(match("object", "s", kObjects).error().code, kUnknownWord);
}

TEST(Words, TheEmptyWordIsNone) {
  EXPECT_EQ(match("object", "", kObjects).error().code, kUnknownWord);
}

TEST(Words, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("queue", "queue"), 0u);
  EXPECT_EQ(edit_distance("quues", "queues"), 1u);
  EXPECT_EQ(edit_distance("shwo", "show"), 1u);  // neighbours swapped
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Words, AreReadInOrder) {
  const std::vector<std::string> list{"a", "b"};
  Words words(list);
  EXPECT_EQ(words.size(), 2u);
  EXPECT_EQ(words.next(), "a");
  EXPECT_EQ(words.peek(), "b");
  EXPECT_EQ(words.next(), "b");
  EXPECT_TRUE(words.empty());
}

}  // namespace
}  // namespace vnet::cli
