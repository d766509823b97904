// SPDX-License-Identifier: GPL-2.0-only
#include "cli/values.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace vnet::cli {
namespace {

constexpr vnet_u64 kMost = std::numeric_limits<vnet_u64>::max();

// The number that `text` begins with; what follows is left in it.
std::optional<vnet_u64> take_number(std::string_view& text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  vnet_u64 value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  if (rest == text.data()) return {};
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  return error == std::errc::result_out_of_range ? kMost : value;
}

std::optional<vnet_u64> times(vnet_u64 value, vnet_u64 factor) {
  return factor != 0 && value > kMost / factor ? kMost : value * factor;
}

struct Suffix {
  std::string_view text;
  vnet_u64 factor;
};

// Nanoseconds.
constexpr Suffix kTimes[] = {
    {"ns", 1},          {"nsec", 1},       {"nsecs", 1},        {"us", 1000},
    {"usec", 1000},     {"usecs", 1000},   {"ms", 1000000},     {"msec", 1000000},
    {"msecs", 1000000}, {"s", 1000000000}, {"sec", 1000000000}, {"secs", 1000000000},
};
constexpr Suffix kCounts[] = {
    {"", 1},           {"k", 1u << 10}, {"kib", 1u << 10}, {"m", 1u << 20},
    {"mib", 1u << 20}, {"g", 1u << 30}, {"gib", 1u << 30},
};
// Bits: tc(8), "SIZES".
constexpr Suffix kSizes[] = {
    {"", 8},
    {"b", 8},
    {"k", 8u << 10},
    {"kb", 8u << 10},
    {"kib", 8u << 10},
    {"m", 8u << 20},
    {"mb", 8u << 20},
    {"mib", 8u << 20},
    {"g", 8ull << 30},
    {"gb", 8ull << 30},
    {"gib", 8ull << 30},
    {"kbit", 1u << 10},
    {"mbit", 1u << 20},
    {"gbit", 1u << 30},
};

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++)
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  return true;
}

vnet_u64 nanoseconds_in(TimeUnit unit) {
  if (unit == TimeUnit::kNs) return 1;
  return unit == TimeUnit::kUs ? 1000 : 1000000;
}

// `digits` as billionths of the unit of `factor`; none if that is no whole number of nanoseconds.
std::optional<vnet_u64> fraction_of(std::string_view digits, vnet_u64 factor) {
  vnet_u64 value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return {};
    if (factor % 10 != 0) {
      if (digit != '0') return {};
      continue;
    }
    factor /= 10;
    value += static_cast<vnet_u64>(digit - '0') * factor;
  }
  return value;
}

}  // namespace

std::optional<vnet_u64> parse_number(const std::string& text) {
  std::string_view rest = text;
  const std::optional<vnet_u64> value = take_number(rest);
  if (!rest.empty()) return {};
  return value;
}

std::optional<vnet_u64> parse_hex64(const std::string& text) {
  const std::optional<vnet_u64> value = parse_number(text);
  // More than 64 bits were read as the greatest number.
  if (value == kMost && text != fmt::format("{}", kMost) &&
      !same_letters(text, "0xffffffffffffffff"))
    return {};
  return value;
}

std::optional<vnet_u64> parse_count(const std::string& text) {
  std::string_view rest = text;
  const std::optional<vnet_u64> value = take_number(rest);
  if (!value) return {};
  for (const Suffix& suffix : kCounts)
    if (same_letters(rest, suffix.text)) return times(*value, suffix.factor);
  return {};
}

std::optional<vnet_u64> parse_time(const std::string& text, TimeUnit unit) {
  const std::string with_zero = text.starts_with('.') ? '0' + text : text;  // ".5ms"
  std::string_view rest = with_zero;
  if (rest.empty() || rest[0] < '0' || rest[0] > '9' || rest.starts_with("0x")) return {};
  const std::optional<vnet_u64> whole = take_number(rest);
  std::string_view digits;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    rest.remove_prefix(digits.size());
    if (digits.empty()) return {};
  }
  if (rest.empty() && unit != TimeUnit::kMs) rest = "us";
  for (const Suffix& suffix : kTimes) {
    if (!same_letters(rest, suffix.text)) continue;
    const std::optional<vnet_u64> part = fraction_of(digits, suffix.factor);
    if (!part) return {};
    const vnet_u64 most = (kMost - *part) / suffix.factor;
    if (*whole > most) return kMost;
    const vnet_u64 time = *whole * suffix.factor + *part;
    if (time % nanoseconds_in(unit) != 0) return {};
    return time / nanoseconds_in(unit);
  }
  return {};
}

std::string time_text(vnet_u64 time, TimeUnit unit) {
  if (unit == TimeUnit::kNs) {
    if (time == 0 || time % 1000 != 0) return fmt::format("{}ns", time);
    return time_text(time / 1000, TimeUnit::kUs);
  }
  if (unit == TimeUnit::kUs) {
    if (time == 0 || time % 1000 != 0) return fmt::format("{}us", time);
    time /= 1000;
  }
  if (time == 0 || time % 1000 != 0) return fmt::format("{}ms", time);
  return fmt::format("{}s", time / 1000);
}

// ---- probabilities and rates

namespace {

constexpr double kAlways = 4294967296.0;  // VNET_ALWAYS

// A decimal number that is not negative; what follows is left in `text`.
std::optional<double> take_decimal(std::string_view& text) {
  if (text.empty() || ((text[0] < '0' || text[0] > '9') && text[0] != '.')) return {};
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  return value;
}

// tc's (tc(8), "RATES"): bit and bps, which is bytes, with prefixes of 1000 or, with an i, of 1024.
constexpr std::string_view kPrefixes = "kmgt";

}  // namespace

std::optional<vnet_u64> parse_percent(const std::string& text) {
  std::string_view rest = text;
  const std::optional<double> percent = take_decimal(rest);
  if (!percent || (!rest.empty() && rest != "%") || *percent > 100) return {};
  const auto parts = static_cast<vnet_u64>(std::llround(*percent / 100 * kAlways));
  return *percent > 0 && parts == 0 ? 1 : parts;
}

std::string percent_text(vnet_u64 parts) {
  const double percent = static_cast<double>(parts) / kAlways * 100;
  for (int digits = 1; digits < 17; digits++) {
    std::string text = fmt::format("{:.{}f}", percent, digits);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    text += '%';
    if (parse_percent(text) == parts) return text;
  }
  return fmt::format("{}%", percent);
}

std::optional<vnet_u64> parse_rate(const std::string& text) {
  std::string_view rest = text;
  const std::optional<double> number = take_decimal(rest);
  if (!number) return {};
  double factor = 1;
  if (!rest.empty()) {
    const size_t prefix = kPrefixes.find(static_cast<char>(rest[0] | 0x20));
    if (prefix != std::string_view::npos) {
      rest.remove_prefix(1);
      const bool binary = !rest.empty() && (rest[0] | 0x20) == 'i';
      if (binary) rest.remove_prefix(1);
      for (size_t i = 0; i <= prefix; i++) factor *= binary ? 1024 : 1000;
    }
    if (same_letters(rest, "bps")) {
      factor *= 8;
    } else if (!same_letters(rest, "bit")) {
      return {};
    }
  }
  const double rate = *number * factor;  // below 2^63 it can be rounded
  return rate >= 9223372036854775807.0 ? kMost : static_cast<vnet_u64>(std::llround(rate));
}

// In whole bytes, as tc cuts it off.
std::optional<vnet_u64> parse_size(const std::string& text) {
  std::string_view rest = text;
  if (text.starts_with("0x")) return parse_count(text);
  const std::optional<double> number = take_decimal(rest);
  if (!number) return {};
  for (const Suffix& suffix : kSizes) {
    if (!same_letters(rest, suffix.text)) continue;
    const double bytes = *number * static_cast<double>(suffix.factor) / 8;
    return bytes >= 9223372036854775807.0 ? kMost : static_cast<vnet_u64>(bytes);
  }
  return {};
}

std::string rate_text(vnet_u64 rate) {
  static constexpr std::string_view kUnits[] = {"bit", "Kbit", "Mbit", "Gbit", "Tbit"};
  size_t unit = 0;
  for (; rate != 0 && rate % 1000 == 0 && unit + 1 < std::size(kUnits); unit++) rate /= 1000;
  return fmt::format("{}{}", rate, kUnits[unit]);
}

std::optional<bool> parse_on_off(const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return {};
}

std::optional<std::array<vnet_u8, 6>> parse_mac(const std::string& text) {
  std::array<vnet_u8, 6> mac{};
  std::string_view rest = text;
  for (size_t i = 0; i < mac.size(); i++) {
    if (i > 0) {
      if (!rest.starts_with(':')) return {};
      rest.remove_prefix(1);
    }
    const size_t length = std::min(rest.find(':'), rest.size());
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + length, mac[i], 16);
    if (error != std::errc() || end != rest.data() + length || length > 2) return {};
    rest.remove_prefix(length);
  }
  if (!rest.empty()) return {};
  return mac;
}

}  // namespace vnet::cli
