// SPDX-License-Identifier: GPL-2.0-only
// An impairment's words: what they set, and that what is shown makes it so again.
#include "cli/impair_words.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace vnet::cli {
namespace {

using List = std::vector<std::string>;

constexpr Verb kSet{"set", "", kImpairWords};

std::string error_of(const List& words) {
  const Result<Arguments> arguments = parse_arguments(kSet, Words(words));
  if (!arguments) return arguments.error().text;
  Impairment impairment;
  const Failure failure = read_impairment(*arguments, impairment);
  return failure ? failure->text : "";
}
// As a host shows it.
std::string shown(const List& words) {
  const Result<Arguments> arguments = parse_arguments(kSet, Words(words));
  EXPECT_TRUE(arguments) << (arguments ? "" : arguments.error().text);
  Impairment impairment;
  if (const Failure failure = read_impairment(*arguments, impairment)) return failure->text;
  if (!impairment.trace.empty()) impairment.values.has |= 1ull << VNET_A_IMPAIR_TRACE_COUNT;
  return impairment_text(impairment.values);
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    close(mkstemp(path.data()));
    std::ofstream(path) << text;
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  std::string path = testing::TempDir() + "vnet words-XXXXXX";
};

TEST(ImpairWords, BurstHasARateBesideTheWires) {
  EXPECT_EQ(shown({"loss", "burst", "rate", "1%", "mean", "3", "rate", "10mbit"}),
            "loss burst rate 1% mean 3 rate 10Mbit");
  EXPECT_EQ(shown({"rate", "10mbit", "loss", "burst", "rate", "1%", "mean", "2.5"}),
            "loss burst rate 1% mean 2.5 rate 10Mbit");
  for (const char* mean : {"100", "1234.567", "4294967.295"})
    EXPECT_EQ(shown({"loss", "burst", "rate", "1%", "mean", mean}),
              std::string("loss burst rate 1% mean ") + mean);
  EXPECT_EQ(error_of({"loss", "burst", "rate", "1%", "mean", "4294967.296"}),
            "mean: '4294967.296' is too large");
  EXPECT_EQ(error_of({"loss", "burst", "1%", "mean", "3"}),
            "loss: a burst has a rate and a mean length: `loss burst rate P mean N`");
  EXPECT_EQ(error_of({"loss", "burst", "mean", "3"}),
            "loss: a burst has a rate and a mean length: `loss burst rate P mean N`");
  EXPECT_EQ(error_of({"loss", "gemodel", "rate", "1%"}), "loss: the model needs a percentage");
}

TEST(ImpairWords, CorrelationIsRefusedWithTheFormToUse) {
  const std::string error = error_of({"loss", "5%", "25%"});
  EXPECT_NE(error.find("a correlation is refused"), std::string::npos) << error;
  EXPECT_NE(error.find("`loss burst rate P mean N`"), std::string::npos) << error;
}

TEST(ImpairWords, MatchIsOneArgument) {
  EXPECT_EQ(shown({"loss", "1%", "match", "udp port 53"}), "loss 1% match 'udp port 53'");
  EXPECT_EQ(shown({"match", "udp"}), "match udp");
  EXPECT_EQ(error_of({"match", "udp", "port", "53"}),
            "unknown keyword 'port': the EXPR of 'match' is one argument, in quotes");
}

TEST(ImpairWords, FilesAreShownByTheirWholeNames) {
  const TemporaryFile trace("0 1mbit\n1s 2mbit\n"), table("-8192\n8192\n"), mahimahi("1\n");
  EXPECT_EQ(shown({"trace", trace.path, "loop", "sync", "train"}),
            "trace '" + trace.path + "' loop sync train");
  EXPECT_EQ(shown({"trace", "mahimahi", mahimahi.path}), "trace mahimahi '" + mahimahi.path + "'");
  EXPECT_EQ(shown({"delay", "5ms", "1ms", "distribution", "table", table.path}),
            "delay 5ms 1ms distribution table '" + table.path + "'");
}

TEST(ImpairWords, FilesThatAreNotThere) {
  EXPECT_EQ(error_of({"trace", "/nowhere"}), "trace: /nowhere: No such file or directory");
  EXPECT_EQ(error_of({"trace", "mahimahi"}), "trace: mahimahi needs a FILE");
  EXPECT_EQ(error_of({"distribution", "table", "/nowhere"}),
            "distribution: /nowhere: No such file or directory");
  EXPECT_EQ(error_of({"distribution", "table"}),
            "distribution: table needs a FILE, such as /usr/lib/tc/normal.dist");
}

TEST(ImpairWords, NumbersThatNoKnobTakes) {
  EXPECT_EQ(error_of({"delay", "-1ms"}), "delay: '-1ms' is not a time such as 20ms or 1.5us");
  EXPECT_EQ(error_of({"loss", "101%"}),
            "loss: '101%' is not a percentage such as 1% or 0.5%, 0 to 100%");
  EXPECT_EQ(error_of({"rate", "fast"}), "rate: 'fast' is not a rate such as 10mbit");
  // 2^63 ns and more is for the host to refuse, and comes to it as it is.
  EXPECT_EQ(shown({"delay", "9223372036854775808ns"}), "delay 9223372036854775808ns");
}

}  // namespace
}  // namespace vnet::cli
