// SPDX-License-Identifier: GPL-2.0-only
#include "cli/batch.h"

#include <gtest/gtest.h>

#include "cli/words.h"

namespace vnet::cli {
namespace {

using List = std::vector<std::string>;

TEST(Batch, LinesAreSplitAtBlanks) {
  EXPECT_EQ(*split_line("  link \t show v0\r"), (List{"link", "show", "v0"}));
  EXPECT_EQ(*split_line(""), List{});
}

TEST(Batch, CommentsEndALine) {
  EXPECT_EQ(*split_line("# all of it"), List{});
  EXPECT_EQ(*split_line("link show # the rest"), (List{"link", "show"}));
  EXPECT_EQ(*split_line("a#b"), List{"a#b"});
}

TEST(Batch, QuotesKeepWordsTogether) {
  EXPECT_EQ(*split_line("up --pair 'a b' \"\" c\"d#\"e"),
            (List{"up", "--pair", "a b", "", "cd#e"}));
  EXPECT_FALSE(split_line("up 'a b"));
}

// A block scalar of a scenario ends in a newline.
TEST(Batch, ANewlineIsABlank) {
  EXPECT_EQ(*split_line("loss 5%\n"), (List{"loss", "5%"}));
}

TEST(Batch, AQuotedWordIsReadBackWhateverIsInIt) {
  for (const std::string word : {"", "plain", "a b", "a'b", "a\"b", "a'\"b", "'\"'", "a\nb"})
    EXPECT_EQ(split_line(quoted(word)) ? *split_line(quoted(word)) : List{"refused"}, List{word});
}

}  // namespace
}  // namespace vnet::cli
