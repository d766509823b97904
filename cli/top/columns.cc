// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top/columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "cli/schema_words.h"

namespace vnet::cli {
namespace {

constexpr int kLeastBar = 8;
constexpr int kMostBar = 40;

int bar_width(int width) {
  return std::clamp(width - kLeastTableWidth + kLeastBar, kLeastBar, kMostBar);
}

}  // namespace

std::string short_number(double value) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  std::size_t prefix = 0;
  // 999.5 would be written as 1000.
  while (value >= 999.5 && prefix + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++prefix;
  }
  if (value == 0) return "0";
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::string text =
      fmt::format("{:.{}f}", value, prefix == 0 && value == std::floor(value) ? 0 : decimals);
  return text + kPrefixes[prefix];
}

std::string bar(double fraction, int width) {
  fraction = std::clamp(fraction, 0.0, 1.0);
  const int full = fraction > 0 ? std::max(1, static_cast<int>(fraction * width)) : 0;
  return std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(width - full), '.');
}

std::string table_header(int width) {
  return fmt::format("{:<16}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>6} {:<{}} {:>4}", "DEVICE", "rx f/s",
                     "rx bps", "tx f/s", "tx bps", "drop/s", "irq/s", "p/irq", "RING",
                     bar_width(width) + 2, "full");
}

std::string table_row(std::string_view name, const Rates& rates, int width) {
  return fmt::format("{:<16.16}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>6} [{}] {:>3.0f}%", name,
                     short_number(rates.rx_frames), short_number(rates.rx_bits),
                     short_number(rates.tx_frames), short_number(rates.tx_bits),
                     short_number(rates.drops), short_number(rates.rx_irqs + rates.tx_irqs),
                     short_number(rates.polls_per_irq), bar(rates.ring_fill, bar_width(width)),
                     rates.ring_fill * 100);
}

std::string drop_row(DropKind kind, double rate, vnet_u64 total) {
  return fmt::format("    drop {} {:<24} {:>6}/s {:>20} frames", direction_word(kind.first),
                     drop_reason_word(kind.second), short_number(rate), total);
}

}  // namespace vnet::cli
