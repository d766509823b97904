// SPDX-License-Identifier: GPL-2.0-only
#include "cli/values.h"

#include <gtest/gtest.h>

#include <limits>

namespace vnet::cli {
namespace {

constexpr vnet_u64 kMost = std::numeric_limits<vnet_u64>::max();

TEST(Values, Numbers) {
  EXPECT_EQ(parse_number("0"), 0u);
  EXPECT_EQ(parse_number("0x2a"), 42u);
  EXPECT_EQ(parse_number("010"), 10u);
  EXPECT_EQ(parse_number("18446744073709551615"), kMost);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "12x", "0x", "x", "1.5", "0x-1"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Values, SeedsUpTo64Bits) {
  EXPECT_EQ(parse_hex64("42"), 42u);
  EXPECT_EQ(parse_hex64("0xffffffffffffffff"), kMost);
  EXPECT_EQ(parse_hex64("18446744073709551615"), kMost);
  EXPECT_FALSE(parse_hex64("18446744073709551616"));
  EXPECT_FALSE(parse_hex64("0x10000000000000000"));
}

// tc(8), "SIZES": all times 1024, those of bits, too.
TEST(Values, SizesAreTcs) {
  EXPECT_EQ(parse_size("1500"), 1500u);
  EXPECT_EQ(parse_size("1500b"), 1500u);
  EXPECT_EQ(parse_size("0x10"), 16u);
  for (const char* text : {"32k", "32kb", "32KB", "32KiB", "256kbit"})
    EXPECT_EQ(parse_size(text), 32768u) << text;
  EXPECT_EQ(parse_size("1.5k"), 1536u);
  EXPECT_EQ(parse_size("2mb"), 2u << 20);
  EXPECT_EQ(parse_size("8mbit"), 1u << 20);
  EXPECT_EQ(parse_size("1gb"), 1u << 30);
  EXPECT_EQ(parse_size("1gbit"), 1u << 27);
  EXPECT_EQ(parse_size("18446744073709551615g"), kMost);
  for (const char* text : {"", "k", "1kk", "1x", "-1k", "1bit", "0x", "1 k"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Values, CountsHaveBinarySuffixes) {
  EXPECT_EQ(parse_count("64"), 64u);
  EXPECT_EQ(parse_count("64k"), 65536u);
  EXPECT_EQ(parse_count("1K"), 1024u);
  EXPECT_EQ(parse_count("2MiB"), 2u << 20);
  EXPECT_EQ(parse_count("1g"), 1u << 30);
  EXPECT_EQ(parse_count("18446744073709551615k"), kMost);
  for (const char* text : {"k", "1kk", "1x", "1.5k", "-1k"})
    EXPECT_FALSE(parse_count(text)) << text;
}

TEST(Values, TimesAsInTc) {
  EXPECT_EQ(parse_time("100us", TimeUnit::kUs), 100u);
  EXPECT_EQ(parse_time("10ms", TimeUnit::kUs), 10000u);
  EXPECT_EQ(parse_time("1s", TimeUnit::kUs), 1000000u);
  EXPECT_EQ(parse_time("50", TimeUnit::kUs), 50u);
  EXPECT_EQ(parse_time("0.5ms", TimeUnit::kUs), 500u);
  EXPECT_EQ(parse_time(".5ms", TimeUnit::kUs), 500u);
  EXPECT_EQ(parse_time("0.1s", TimeUnit::kMs), 100u);
  EXPECT_EQ(parse_time("2sec", TimeUnit::kMs), 2000u);
  EXPECT_EQ(parse_time("1000ns", TimeUnit::kUs), 1u);
  EXPECT_EQ(parse_time("601s", TimeUnit::kMs), 601000u);
}

TEST(Values, TimesThatAreNoWholeUnitAreRefused) {
  EXPECT_FALSE(parse_time("1ns", TimeUnit::kUs));
  EXPECT_FALSE(parse_time("0.5us", TimeUnit::kUs));
  EXPECT_FALSE(parse_time("500us", TimeUnit::kMs));
  EXPECT_FALSE(parse_time("0.00000000001s", TimeUnit::kUs));
}

TEST(Values, MillisecondsNeedAUnit) {
  EXPECT_FALSE(parse_time("5", TimeUnit::kMs));
}

TEST(Values, TimesThatAreNone) {
  for (const char* text : {"", "ms", "-1ms", ".ms", "1.ms", "1 ms", "1h", "1e3ms", "0x1ms", "inf"})
    EXPECT_FALSE(parse_time(text, TimeUnit::kUs)) << text;
}

TEST(Values, TimesBeyondAllRangesAreTheGreatest) {
  EXPECT_EQ(parse_time("18446744073709551615s", TimeUnit::kMs), kMost);
  EXPECT_EQ(parse_time("99999999999999999999999s", TimeUnit::kMs), kMost);
}

TEST(Values, TimeTextIsReadBack) {
  for (const vnet_u64 us : {0ull, 1ull, 50ull, 999ull, 1000ull, 1500ull, 1000000ull, 100000ull})
    EXPECT_EQ(parse_time(time_text(us, TimeUnit::kUs), TimeUnit::kUs), us);
  EXPECT_EQ(time_text(1000, TimeUnit::kMs), "1s");
  EXPECT_EQ(time_text(1500, TimeUnit::kMs), "1500ms");
  EXPECT_EQ(time_text(50, TimeUnit::kUs), "50us");
}

TEST(Values, NanosecondsAreAsTcHasThem) {
  EXPECT_EQ(parse_time("20ms", TimeUnit::kNs), 20000000u);
  EXPECT_EQ(parse_time("7", TimeUnit::kNs), 7000u);
  EXPECT_EQ(parse_time("1.5us", TimeUnit::kNs), 1500u);
  EXPECT_FALSE(parse_time("0.5ns", TimeUnit::kNs));
  for (const vnet_u64 ns : {0ull, 1ull, 1500ull, 20000000ull, 3000000000ull})
    EXPECT_EQ(parse_time(time_text(ns, TimeUnit::kNs), TimeUnit::kNs), ns);
}

TEST(Values, PercentagesAreIntegerThresholds) {
  EXPECT_EQ(parse_percent("0%"), 0u);
  EXPECT_EQ(parse_percent("100%"), 4294967296u);
  EXPECT_EQ(parse_percent("1"), 42949673u);
  EXPECT_EQ(parse_percent("0.000000001%"), 1u);  // more than never
  for (const char* text : {"", "%", "101%", "-1%", "1%%", "nan", "1e1%", "x"})
    EXPECT_FALSE(parse_percent(text)) << text;
}

TEST(Values, PercentTextIsReadBack) {
  EXPECT_EQ(percent_text(*parse_percent("0.1%")), "0.1%");
  EXPECT_EQ(percent_text(*parse_percent("33.3%")), "33.3%");
  for (const vnet_u64 parts : {0ull, 1ull, 2ull, 12345ull, 4294967295ull, 4294967296ull})
    EXPECT_EQ(parse_percent(percent_text(parts)), parts);
}

TEST(Values, RatesAreTcs) {
  EXPECT_EQ(parse_rate("10mbit"), 10000000u);
  EXPECT_EQ(parse_rate("1.5Gbit"), 1500000000u);
  EXPECT_EQ(parse_rate("100kbps"), 800000u);
  EXPECT_EQ(parse_rate("1mibit"), 1048576u);
  EXPECT_EQ(parse_rate("7"), 7u);
  EXPECT_EQ(rate_text(10000000), "10Mbit");
  EXPECT_EQ(rate_text(1500), "1500bit");
  for (const char* text : {"", "mbit", "-1mbit", "1mb", "1mbits", "1 mbit"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(Values, MacAddresses) {
  const std::array<vnet_u8, 6> mac{2, 0, 0, 0, 0xab, 0xff};
  EXPECT_EQ(parse_mac("02:00:00:00:ab:FF"), mac);
  EXPECT_EQ(parse_mac("2:0:0:0:ab:ff"), mac);
  for (const char* text : {"", "02:00:00:00:00", "02:00:00:00:00:01:02", "02:00:00:00:00:0g",
                           "02:00:00:00:00:", "020000000001", "02:00:00:00:00:001", "::::::"})
    EXPECT_FALSE(parse_mac(text)) << text;
}

}  // namespace
}  // namespace vnet::cli
