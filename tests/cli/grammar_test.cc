// SPDX-License-Identifier: GPL-2.0-only
#include "cli/grammar.h"

#include <gtest/gtest.h>

namespace vnet::cli {
namespace {

using List = std::vector<std::string>;

constexpr Parameter kParameters[] = {
    {"name|dev", "NAME", "", Parameter::kPositional, true},
    {"name|dev", "NAME", "", Parameter::kPositional, true, Side::kPeer},
    {"mtu", "N", "", Parameter::kKeyword, false, Side::kBoth},
    {"netns", "NETNS", "", Parameter::kKeyword, false, Side::kPeer},
    {"mode", "MODE", ""},
    {"--pair", "A B", ""},
    {"-w|--write", "FILE", ""},
    {"--detach", "", ""},
};
constexpr Verb kAdd{"add", "", kParameters, nullptr, Knobs::kNew, true};
constexpr Parameter kOptional[] = {
    {"dev", "DEV", "", Parameter::kPositional},
    {"queue", "N", ""},
};
constexpr Verb kShow{"show|list", "", kOptional};

Arguments read(const Verb& verb, const List& words) {
  Result<Arguments> arguments = parse_arguments(verb, Words(words));
  EXPECT_TRUE(arguments) << (arguments ? "" : arguments.error().text);
  return arguments ? *arguments : Arguments();
}
std::string error_of(const Verb& verb, const List& words) {
  const Result<Arguments> arguments = parse_arguments(verb, Words(words));
  return arguments ? "" : arguments.error().text;
}

TEST(Grammar, PositionalWithAndWithoutItsKeyword) {
  EXPECT_EQ(read(kShow, {"v0"}).get("dev"), "v0");
  EXPECT_EQ(read(kShow, {"dev", "v0"}).get("dev"), "v0");
  EXPECT_EQ(read(kShow, {"dev", "queue"}).get("dev"), "queue");
  EXPECT_FALSE(read(kShow, {}).has("dev"));
}

TEST(Grammar, AKeywordGoesBeforeAnOptionalPositional) {
  const Arguments arguments = read(kShow, {"queue", "3", "v0"});
  EXPECT_EQ(arguments.get("queue"), "3");
  EXPECT_EQ(arguments.get("dev"), "v0");
}

TEST(Grammar, AValueCanBindTheWordBehindIt) {
  static constexpr Parameter kWords[] = {
      {.keyword = "loss", .value = "P|burst [P] [P]", .help = "", .binds = "burst rate"},
      {.keyword = "trace", .value = "FILE|mahimahi [FILE]", .help = "", .binds = "mahimahi"},
      {"rate", "R", ""}};
  static constexpr Verb kSet{"set", "", kWords};
  EXPECT_EQ(read(kSet, {"loss", "burst", "rate", "1%", "rate", "1mbit"}).own.values.at("loss"),
            (List{"burst", "rate", "1%"}));
  EXPECT_EQ(read(kSet, {"loss", "1%", "rate", "1mbit"}).get("rate"), "1mbit");
  EXPECT_EQ(read(kSet, {"trace", "mahimahi", "rate"}).own.values.at("trace"),
            (List{"mahimahi", "rate"}));
  EXPECT_EQ(read(kSet, {"trace", "file", "rate", "1mbit"}).get("rate"), "1mbit");
}

TEST(Grammar, ValuesThatMayBeLeftOutBeginWithADigit) {
  static constexpr Parameter kWords[] = {{"delay", "TIME [JITTER]", ""}, {"loss", "P [P] [P]", ""}};
  static constexpr Verb kSet{"set", "", kWords};
  EXPECT_EQ(read(kSet, {"delay", "1ms", "loss", "1%"}).own.values.at("delay"), List{"1ms"});
  EXPECT_EQ(read(kSet, {"loss", "1%", "2%", "delay", "1ms", "2ms"}).own.values.at("loss"),
            (List{"1%", "2%"}));
  EXPECT_EQ(read(kSet, {"delay", "1ms", "2ms"}).own.values.at("delay"), (List{"1ms", "2ms"}));
  EXPECT_EQ(error_of(kSet, {"delay", "1ms", "2ms", "3ms"}), "unknown keyword '3ms'");
  EXPECT_EQ(error_of(kSet, {"delay"}), "'delay' needs TIME [JITTER]");
}

TEST(Grammar, KeywordsAreAbbreviated) {
  EXPECT_EQ(read(kShow, {"v0", "que", "3"}).get("queue"), "3");
  EXPECT_EQ(read(kAdd, {"v0", "mod", "auto"}).get("mode"), "auto");
  EXPECT_EQ(error_of(kAdd, {"v0", "m", "1"}), "keyword 'm' is ambiguous: 'mtu' or 'mode'");
}

TEST(Grammar, WhatStandsBehindPeerIsThePeers) {
  const Arguments arguments =
      read(kAdd, {"v0", "mtu", "1500", "rx", "64", "peer", "v1", "mtu", "9000", "rx", "128",
                  "netns", "blue", "mode", "auto", "csum", "wire"});
  EXPECT_TRUE(arguments.has_peer);
  EXPECT_EQ(arguments.own.get("name"), "v0");
  EXPECT_EQ(arguments.own.get("mtu"), "1500");
  EXPECT_EQ(arguments.peer.get("name"), "v1");
  EXPECT_EQ(arguments.peer.get("mtu"), "9000");
  EXPECT_EQ(arguments.peer.get("netns"), "blue");
  EXPECT_EQ(arguments.own.get("mode"), "auto");
  ASSERT_EQ(arguments.own.knobs.size(), 2u);  // csum is the link's
  EXPECT_STREQ(arguments.own.knobs[0].knob->keyword, "rx");
  EXPECT_STREQ(arguments.own.knobs[1].knob->keyword, "csum");
  ASSERT_EQ(arguments.peer.knobs.size(), 1u);
  EXPECT_EQ(arguments.peer.knobs[0].text, "128");
}

TEST(Grammar, WhatIsThePeersDoesNotStandBeforeIt) {
  EXPECT_EQ(error_of(kAdd, {"v0", "netns", "blue"}),
            "'netns' is the peer's: it stands behind 'peer'");
}

TEST(Grammar, EachThingOnce) {
  EXPECT_EQ(error_of(kAdd, {"v0", "mtu", "1", "mtu", "2"}), "'mtu' is given twice");
  EXPECT_EQ(error_of(kAdd, {"v0", "rx", "64", "rx", "64"}), "'rx' is given twice");
  EXPECT_EQ(error_of(kAdd, {"v0", "csum", "wire", "peer", "v1", "csum", "wire"}),
            "'csum' is given twice");
}

TEST(Grammar, WhatIsMissingIsNamed) {
  EXPECT_EQ(error_of(kAdd, {}), "NAME is missing");
  EXPECT_EQ(error_of(kAdd, {"v0", "peer"}), "the peer's NAME is missing");
  EXPECT_EQ(error_of(kAdd, {"v0", "mtu"}), "'mtu' needs N");
  EXPECT_EQ(error_of(kAdd, {"v0", "rx"}), "'rx' needs a value");
  EXPECT_EQ(error_of(kAdd, {"v0", "--pair", "a"}), "'--pair' needs A B");
  EXPECT_EQ(error_of(kAdd, {"v0", "--pair", "a", "--detach"}), "'--pair' needs A B");
}

TEST(Grammar, AWrongWordIsAnsweredWithTheNearest) {
  EXPECT_EQ(error_of(kAdd, {"v0", "quues", "4"}),
            "unknown keyword 'quues': did you mean 'queues'?");
  EXPECT_EQ(error_of(kAdd, {"v0", "--detahc"}),
            "unknown option '--detahc': did you mean '--detach'?");
  EXPECT_EQ(error_of(kShow, {"v0", "v1"}), "unknown keyword 'v1'");
}

TEST(Grammar, OptionsOfACommand) {
  const Arguments arguments = read(kAdd, {"v0", "--pair", "a", "b", "--write=x", "--detach"});
  EXPECT_EQ(arguments.own.values.find("--pair")->second, (List{"a", "b"}));
  EXPECT_EQ(arguments.get("-w"), "x");
  EXPECT_TRUE(arguments.has("--detach"));
  EXPECT_EQ(read(kAdd, {"v0", "-w", "y"}).get("-w"), "y");
  EXPECT_EQ(error_of(kAdd, {"v0", "--detach=1"}), "'--detach' takes no value");
}

TEST(Grammar, NoKnobsWhereThereAreNone) {
  EXPECT_EQ(error_of(kShow, {"v0", "rx", "64"}), "unknown keyword 'rx'");
}

TEST(Grammar, Alternatives) {
  EXPECT_EQ(alternatives("a|bc"), (std::vector<std::string_view>{"a", "bc"}));
  EXPECT_EQ(alternatives("a"), std::vector<std::string_view>{"a"});
  EXPECT_TRUE(alternatives("").empty());
  EXPECT_EQ(first_of("show|list"), "show");
}

}  // namespace
}  // namespace vnet::cli
