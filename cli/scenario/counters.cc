// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/counters.h"

#include <array>

#include "cli/schema.h"

namespace vnet::cli {
namespace {

struct Named {
  std::string_view name;
  vnet_u64 Counters::*counter;
};
constexpr Named kAll[] = {
    {"tx-frames", &Counters::tx_frames},       {"tx-bytes", &Counters::tx_bytes},
    {"rx-frames", &Counters::rx_frames},       {"rx-bytes", &Counters::rx_bytes},
    {"rx-multicast", &Counters::rx_multicast}, {"rx-irqs", &Counters::rx_irqs},
    {"tx-irqs", &Counters::tx_irqs},           {"polls", &Counters::polls},
    {"tx-timeouts", &Counters::tx_timeouts},   {"in-flight", &Counters::in_flight},
};
constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kAll)> names{};
  for (size_t i = 0; i < names.size(); i++) names[i] = kAll[i].name;
  return names;
}();

bool is(const EnumType& type, vnet_u32 value, std::string_view word) {
  const EnumEntry* const entry = find_entry(type, value);
  return word.empty() || (entry && word == entry->name);
}

}  // namespace

std::span<const std::string_view> counter_names() {
  return kNames;
}

vnet_u64 counter_named(const Counters& counters, std::string_view name) {
  for (const Named& each : kAll)
    if (each.name == name) return counters.*each.counter;
  return 0;
}

vnet_u64 drops_of(const Counters& counters, std::string_view direction, std::string_view reason) {
  vnet_u64 sum = 0;
  for (const auto& [kind, frames] : counters.drops)
    if (is(direction_type(), kind.first, direction) && is(drop_reason_type(), kind.second, reason))
      sum += frames;
  return sum;
}

}  // namespace vnet::cli
