// SPDX-License-Identifier: GPL-2.0-only
#include "cli/options.h"

#include <gtest/gtest.h>

namespace vnet::cli {
namespace {

using List = std::vector<std::string>;

struct Taken {
  List rest;
  Options options;
  std::string error;
};

Taken take(List words) {
  Taken taken{std::move(words), {}, {}};
  if (const Failure failure = take_options(taken.rest, taken.options)) taken.error = failure->text;
  return taken;
}

TEST(Options, ShortLongAndDoubleDash) {
  for (const char* word : {"-j", "-json", "--json", "-js"}) EXPECT_TRUE(take({word}).options.json);
  EXPECT_TRUE(take({"-br"}).options.brief);
  EXPECT_TRUE(take({"-V"}).options.version);
  EXPECT_TRUE(take({"--version"}).options.version);
  EXPECT_EQ(take({"--kernel"}).options.host, HostChoice::kKernel);
}

TEST(Options, BIsBatchAndBrIsBrief) {
  const Taken taken = take({"-b", "file", "link"});
  EXPECT_EQ(taken.options.batch, "file");
  EXPECT_FALSE(taken.options.brief);
  EXPECT_EQ(taken.rest, List{"link"});
}

TEST(Options, ValuesFollowOrStandBehindAnEqualsSign) {
  EXPECT_EQ(take({"-n", "blue", "link"}).options.netns, "blue");
  EXPECT_EQ(take({"--netns=blue", "link"}).options.netns, "blue");
  EXPECT_EQ(take({"-n"}).error, "option '-n' needs NETNS");
  EXPECT_EQ(take({"-j=1"}).error, "option '-j=1' takes no value");
}

TEST(Options, FlagsMayStandBehindTheObject) {
  const Taken taken = take({"monitor", "-t", "x", "-j"});
  EXPECT_TRUE(taken.options.timestamp && taken.options.json);
  EXPECT_EQ(taken.rest, (List{"monitor", "x"}));
}

TEST(Options, WhatIsNoneOfOursStaysWithTheCommand) {
  const List words{"up", "--snull",   "--detach", "--mtu", "1500", "--pad",
                   "on", "--timeout", "1s",       "-n",    "x"};
  EXPECT_EQ(take(words).rest, words);
}

TEST(Options, AnUnknownOneIsAnsweredWithTheNearest) {
  EXPECT_EQ(take({"--jsno"}).error, "unknown option '--jsno': did you mean '-json'?");
  EXPECT_EQ(take({"-force"}).error, "");
  EXPECT_EQ(take({"-f"}).error, "unknown option '-f'");
}

TEST(Options, Colors) {
  EXPECT_EQ(take({"-c"}).options.color, ColorChoice::kAlways);
  EXPECT_EQ(take({"-color=auto"}).options.color, ColorChoice::kAuto);
  EXPECT_EQ(take({"-c=never"}).options.color, ColorChoice::kNever);
  EXPECT_NE(take({"-c=blue"}).error, "");
}

TEST(Options, OneHostAtATime) {
  EXPECT_EQ(take({"--kernel", "--user"}).error, "--kernel excludes --user");
}

}  // namespace
}  // namespace vnet::cli
