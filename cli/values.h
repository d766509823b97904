// SPDX-License-Identifier: GPL-2.0-only
// How the command line spells values: as tc does.
#pragma once

#include <vnet/types.h>

#include <array>
#include <optional>
#include <string>

namespace vnet::cli {

// A decimal or 0x... number.
std::optional<vnet_u64> parse_number(const std::string& text);
// A number, or one with k, m or g (also K, KiB, ...): times 1024, 1024^2, 1024^3.
std::optional<vnet_u64> parse_count(const std::string& text);
// Bytes, as tc(8) has sizes: a decimal number, or one with b, k or kb, m or mb, g or gb, all times
// 1024; or kbit, mbit, gbit.
std::optional<vnet_u64> parse_size(const std::string& text);
// The same as parse_number; hexadecimal is usual.
std::optional<vnet_u64> parse_hex64(const std::string& text);

enum class TimeUnit { kNs, kUs, kMs };
// "10ms", "100us", "1s", "0.5s", in `unit`: what is no whole number of it is refused. Without a
// unit microseconds are meant, as in tc; where milliseconds are wanted, a unit is needed. Beyond 64
// bits: the greatest number.
std::optional<vnet_u64> parse_time(const std::string& text, TimeUnit unit);
// The same way back, in the greatest unit that is exact: "50us", "1ms", "2s", "0us".
std::string time_text(vnet_u64 time, TimeUnit unit);

// "1%", "0.5%", or without the sign: in parts of 2^32; what is more than 0 stays so.
std::optional<vnet_u64> parse_percent(const std::string& text);
// The same way back, as short as it says the same.
std::string percent_text(vnet_u64 parts);

// "10mbit", "1.5gbit", "100kbps", "1mibit": bits per second, in tc's units; without one bits.
std::optional<vnet_u64> parse_rate(const std::string& text);
// The same way back, in the greatest unit that is exact: "10Mbit".
std::string rate_text(vnet_u64 rate);

std::optional<bool> parse_on_off(const std::string& text);
// Six octets in hexadecimal between colons.
std::optional<std::array<vnet_u8, 6>> parse_mac(const std::string& text);

}  // namespace vnet::cli
