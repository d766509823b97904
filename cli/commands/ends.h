// SPDX-License-Identifier: GPL-2.0-only
// What is said of the two ends when a pair is made.
#pragma once

#include <optional>
#include <string>

#include "cli/grammar.h"
#include "cli/values.h"

namespace vnet::cli {

struct NewEnd {
  std::string name;
  std::optional<std::array<vnet_u8, 6>> mac;
  std::optional<vnet_u32> mtu;
  std::string netns;
  vnet_info_values info{};
};

// Reads one end's name, mac, mtu, netns and knobs.
Failure read_end(const EndArguments& arguments, NewEnd& end);

// A number that fits 32 bits; the range is the host's to check.
Result<vnet_u32> read_u32(std::string_view what, const std::string& text);

}  // namespace vnet::cli
