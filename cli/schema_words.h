// SPDX-License-Identifier: GPL-2.0-only
// The schema's words for numbers, as JSON and metrics have them (link_down, not link-down).
#pragma once

#include <vnet/types.h>

#include <string>
#include <string_view>

namespace vnet::cli {

// How many there are; each number below has a word.
vnet_u32 direction_count();
vnet_u32 drop_reason_count();

// A number that this command does not know is its own word: "12".
std::string direction_word(vnet_u32 direction);
std::string drop_reason_word(vnet_u32 reason);
std::string event_word(vnet_u32 type);
std::string fault_word(vnet_u32 what);  // "tx-stall", "csum good"

}  // namespace vnet::cli
