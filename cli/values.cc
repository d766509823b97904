// SPDX-License-Identifier: GPL-2.0-only
#include "cli/values.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace vnet::cli {

std::optional<vnet_u32> parse_number(const std::string& text) {
  vnet_u32 value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return {};
  return value;
}

std::optional<vnet_u32> parse_time_ms(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || value < 0) return {};
  const std::string_view unit(rest, static_cast<size_t>(end - rest));
  double ms;
  if (unit == "ms") {
    ms = value;
  } else if (unit == "s") {
    ms = value * 1000;
  } else {
    return {};
  }
  // Out of range for the type is out of range for the device too, and is refused there.
  if (!(ms < std::numeric_limits<vnet_u32>::max())) return std::numeric_limits<vnet_u32>::max();
  if (ms != std::floor(ms)) return {};
  return static_cast<vnet_u32>(ms);
}

std::optional<bool> parse_on_off(const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return {};
}

}  // namespace vnet::cli
