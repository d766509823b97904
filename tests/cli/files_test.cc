// SPDX-License-Identifier: GPL-2.0-only
// Traces and delay tables from files: what they say, and where one is wrong. Files that are
// replaced.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "cli/delay_table_file.h"
#include "cli/match_expression.h"
#include "cli/output_file.h"
#include "cli/trace_file.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 kMs = 1000000;
constexpr vnet_u64 kKeep = VNET_TRACE_KEEP;

class Files : public testing::Test {
 protected:
  Files() { close(mkstemp(path_.data())); }
  ~Files() override { unlink(path_.c_str()); }

  const std::string& holding(const std::string& text) {
    std::ofstream(path_) << text;
    return path_;
  }
  // Without the file's name.
  template <typename Values>
  std::string error(const user::Result<Values>& result) {
    if (result) return "";
    const std::string& text = result.error().text;
    return text.starts_with(path_ + ": ") ? text.substr(path_.size() + 2) : text;
  }
  std::string trace_error(const std::string& text) { return error(read_trace(holding(text))); }
  std::string mahimahi_error(const std::string& text) {
    return error(read_mahimahi(holding(text)));
  }
  std::string table_error(const std::string& text) {
    return error(read_delay_table(holding(text)));
  }

  std::string path_ = testing::TempDir() + "vnet-file-XXXXXX";
};

void expect_row(const vnet_trace_row& row, vnet_u64 time, vnet_u64 rate, vnet_u64 delay,
                vnet_u64 loss) {
  EXPECT_EQ(row.time, time);
  EXPECT_EQ(row.rate, rate);
  EXPECT_EQ(row.delay, delay);
  EXPECT_EQ(row.loss, loss);
}

TEST_F(Files, Trace_InColumnsOrWithCommas) {
  auto rows =
      read_trace(holding("# a link in a train\n"
                         "time, rate, delay, loss\n\n"
                         "0 10mbit 20ms 50%   # at the station\n"
                         "500ms,2mbit,,\n"
                         "\t1s  -  80ms\r\n"
                         "1.5s , , , 100%"));
  ASSERT_TRUE(rows) << rows.error().text;
  ASSERT_EQ(rows->size(), 4u);
  expect_row((*rows)[0], 0, 10000000, 20 * kMs, VNET_ALWAYS / 2);
  expect_row((*rows)[1], 500 * kMs, 2000000, kKeep, kKeep);
  expect_row((*rows)[2], 1000 * kMs, kKeep, 80 * kMs, kKeep);
  expect_row((*rows)[3], 1500 * kMs, kKeep, kKeep, VNET_ALWAYS);
}

TEST_F(Files, Trace_WhatIsWrongHasItsPlace) {
  EXPECT_EQ(trace_error("0 10mbit\n1s 10mbt\n"),
            "line 2, column 4: '10mbt' is not a rate such as 10mbit");
  EXPECT_EQ(trace_error("0,0bit\n"), "line 1, column 3: '0bit': a rate is 1bit to 4tbit");
  EXPECT_EQ(trace_error("0 5tbit\n"), "line 1, column 3: '5tbit': a rate is 1bit to 4tbit");
  EXPECT_EQ(trace_error("0 - -20ms\n"), "line 1, column 5: '-20ms' is not a time such as 20ms");
  EXPECT_EQ(trace_error("0 - 9223372036854775808ns\n"),
            "line 1, column 5: '9223372036854775808ns': a delay is below 2^63 ns");
  EXPECT_EQ(trace_error("0 - 9223372036854775807ns\n"), "");
  EXPECT_EQ(trace_error("0\n9223372036854775808ns\n"),
            "line 2, column 1: '9223372036854775808ns': a time is below 2^63 ns");
  EXPECT_EQ(trace_error("0 - - 101%\n"),
            "line 1, column 7: '101%' is not a percentage such as 1%, 0 to 100%");
  EXPECT_EQ(trace_error("\n  1ms 1mbit\n"), "line 2, column 3: the first row's time is 0");
  EXPECT_EQ(trace_error("0\n1s\n1000ms\n"),
            "line 3, column 1: '1000ms' is not after the row before it");
  EXPECT_EQ(trace_error("0 1mbit 1ms 1% 5\n"),
            "line 1, column 16: a row is time, rate, delay and loss");
  EXPECT_EQ(trace_error("0\n- 1mbit\n"), "line 2, column 1: '-' is not a time such as 500ms");
  EXPECT_EQ(trace_error("# nothing\n"), "it has no rows");
  EXPECT_EQ(error(read_trace("/nowhere/trace")), "/nowhere/trace: No such file or directory");
  EXPECT_EQ(error(read_trace("/")), "/: Is a directory");
}

TEST_F(Files, Trace_HasALimit) {
  std::string text;
  for (unsigned i = 0; i < VNET_TRACE_MAX; i++) text += std::to_string(i) + "\n";
  EXPECT_EQ(trace_error(text), "");
  EXPECT_EQ(trace_error(text + "2s\n"), "line 1048577, column 1: a trace has at most 1048576 rows");
}

TEST_F(Files, Mahimahi_SendsAsMuchByEachMillisecondThatItNames) {
  auto rows = read_mahimahi(holding("0\n2\n2\n3\n13\n"));
  ASSERT_TRUE(rows) << rows.error().text;
  ASSERT_EQ(rows->size(), 4u);
  // 1500 bytes in a millisecond are 12 Mbit/s.
  expect_row((*rows)[0], 0, 18000000, kKeep, kKeep);
  expect_row((*rows)[1], 2 * kMs, 12000000, kKeep, kKeep);
  expect_row((*rows)[2], 3 * kMs, 1200000, kKeep, kKeep);
  expect_row((*rows)[3], 13 * kMs, 1200000, kKeep, kKeep);
}

TEST_F(Files, Mahimahi_WhatIsWrongHasItsPlace) {
  EXPECT_EQ(mahimahi_error("1\nx\n"), "line 2, column 1: 'x' is not a number of milliseconds");
  EXPECT_EQ(mahimahi_error("5\n 4\n"), "line 2, column 2: '4' is before the line before it");
  EXPECT_EQ(mahimahi_error("1 2\n"), "line 1, column 3: one number stands on a line");
  EXPECT_EQ(mahimahi_error("0\n0\n"), "it has no opportunity to send after 0 ms");
}

TEST_F(Files, Table_AsOfTc) {
  const auto values = read_delay_table(holding("# mean 0\n -32768 -8192\n0\n8192 32767\n"));
  ASSERT_TRUE(values) << values.error().text;
  EXPECT_EQ(*values, (std::vector<short>{-32768, -8192, 0, 8192, 32767}));
}

TEST_F(Files, Table_WhatIsWrongHasItsPlace) {
  EXPECT_EQ(table_error("1 2\n3 1\n"), "line 2, column 3: 1 is less than the value before it");
  EXPECT_EQ(table_error("1 32768\n"),
            "line 1, column 3: '32768' is not a number from -32768 to 32767");
  EXPECT_EQ(table_error("1\n2x\n"), "line 2, column 1: '2x' is not a number from -32768 to 32767");
  EXPECT_EQ(table_error("1\n"), "a table has at least 2 values");
  std::string text;
  for (unsigned i = 0; i <= VNET_TABLE_MAX; i++) text += "7\n";
  EXPECT_EQ(table_error(text), "line 16385, column 1: a table has at most 16384 values");
}

TEST(MatchExpression, IsCompiledByLibpcap) {
  auto program = compile_match("udp port 5001");
  ASSERT_TRUE(program) << program.error().text;
  EXPECT_GT(program->size(), 5u);
  EXPECT_EQ(program->back().code, 6u) << "BPF_RET | BPF_K";
}

TEST(MatchExpression, AnErrorIsLibpcaps) {
  auto program = compile_match("udp prot 5001");
  ASSERT_FALSE(program);
  EXPECT_TRUE(program.error().text.starts_with("match: 'udp prot 5001': ")) << program.error().text;
  EXPECT_NE(program.error().text.find("syntax error"), std::string::npos) << program.error().text;
}

TEST(MatchExpression, HasALimit) {
  const std::string longest = "udp port 5001" + std::string(242, ' ');
  EXPECT_TRUE(compile_match(longest));
  EXPECT_EQ(compile_match(longest + " ").error().text,
            "match: an expression has at most 255 characters");
}

TEST_F(Files, Replaced_HasTheNewTextAndIsTheSameFile) {
  holding("old");
  const std::string link = path_ + ".link";
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_FALSE(replace_file(link, "new"));
  std::string text;
  std::ifstream(path_) >> text;
  EXPECT_EQ(text, "new");
  struct stat found;
  EXPECT_TRUE(lstat(link.c_str(), &found) == 0 && S_ISLNK(found.st_mode));
  unlink(link.c_str());
}

// As the superuser renames over a device, too.
TEST_F(Files, Replaced_NotWhatIsNoRegularFile) {
  const std::string fifo = path_ + ".fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const user::UniqueFd reader(open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
  EXPECT_FALSE(replace_file(fifo, "text"));
  char buffer[8];
  EXPECT_EQ(read(reader.get(), buffer, sizeof(buffer)), 4);
  struct stat found;
  EXPECT_TRUE(lstat(fifo.c_str(), &found) == 0 && S_ISFIFO(found.st_mode));
  unlink(fifo.c_str());
}

}  // namespace
}  // namespace vnet::cli
