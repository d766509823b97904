// SPDX-License-Identifier: GPL-2.0-only
#include "cli/knobs.h"

#include <gtest/gtest.h>

#include "cli/schema.h"

namespace vnet::cli {
namespace {

const Knob& knob(std::string_view keyword) {
  for (const Knob& each : knobs())
    if (each.keyword == keyword) return each;
  ADD_FAILURE() << "no knob " << keyword;
  return knobs()[0];
}

vnet_info_values info_of(std::string_view keyword, const std::string& text) {
  vnet_info_values info{};
  const KnobArgument argument{&knob(keyword), text};
  const Failure failure = set_knobs({&argument, 1}, info);
  EXPECT_FALSE(failure) << failure->text;
  return info;
}
std::string error_of(std::string_view keyword, const std::string& text) {
  vnet_info_values info{};
  const KnobArgument argument{&knob(keyword), text};
  const Failure failure = set_knobs({&argument, 1}, info);
  EXPECT_EQ(info.has, 0u);
  return failure ? failure->text : "";
}

TEST(Knobs, EachKindOfValueIsRead) {
  EXPECT_EQ(info_of("csum", "wire").csum, VNET_CSUM_MODE_WIRE);
  EXPECT_EQ(info_of("csum", "w").csum, VNET_CSUM_MODE_WIRE);
  EXPECT_EQ(info_of("pad", "on").pad, 1);
  EXPECT_EQ(info_of("rx", "1k").rx_ring, 1024u);
  EXPECT_EQ(info_of("rx-usecs", "1ms").rx_usecs, 1000u);
  EXPECT_EQ(info_of("timeout", "2s").timeout, 2000u);
  EXPECT_EQ(info_of("seed", "0xdeadbeefdeadbeef").seed, 0xdeadbeefdeadbeefull);
  EXPECT_EQ(info_of("rx", "64").has, 1ull << VNET_INFO_RX_RING);
}

// The host knows its ranges; what fits the attribute is for it to judge.
TEST(Knobs, OutOfRangeIsTheHostsToRefuse) {
  EXPECT_EQ(info_of("rx", "63").rx_ring, 63u);
  EXPECT_EQ(info_of("rx", "4294967295").rx_ring, 4294967295u);
}

TEST(Knobs, WhatDoesNotFitIsRefusedWithTheRange) {
  EXPECT_EQ(error_of("rx", "4294967296"), "rx: 4294967296 is out of range (64 to 32768 frames)");
  EXPECT_EQ(error_of("timeout", "9999999999s"),
            "timeout: 9999999999s is out of range (10 to 600000 ms)");
}

TEST(Knobs, WhatCannotBeReadIsRefusedWithWhatCanBe) {
  EXPECT_EQ(error_of("pad", "maybe"), "pad: 'maybe' is not 'on' or 'off'");
  EXPECT_EQ(error_of("csum", "none"), "csum: 'none' is not one of offload|wire");
  EXPECT_EQ(error_of("rx", "-1"), "rx: '-1' is not a number, 64 to 32768 frames");
  EXPECT_EQ(error_of("seed", "18446744073709551616"),
            "seed: '18446744073709551616' is not a number of 64 bits such as 42 or 0x2a");
}

// So what is shown can be given back.
TEST(Knobs, TextIsReadBack) {
  for (const Knob& each : knobs()) {
    for (const vnet_u64 value : {each.min, each.max}) {
      const std::string text = knob_text(each, value);
      const vnet_info_values info = info_of(each.keyword, text);
      EXPECT_EQ(number_of(*each.attribute, &info), value) << each.keyword << " " << text;
    }
  }
}

}  // namespace
}  // namespace vnet::cli
