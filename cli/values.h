// SPDX-License-Identifier: GPL-2.0-only
// How the command line spells values.
#pragma once

#include <vnet/types.h>

#include <optional>
#include <string>

namespace vnet::cli {

std::optional<vnet_u32> parse_number(const std::string& text);
// "500ms", "2s", "0.5s"; a unit is needed. Milliseconds.
std::optional<vnet_u32> parse_time_ms(const std::string& text);
std::optional<bool> parse_on_off(const std::string& text);

}  // namespace vnet::cli
