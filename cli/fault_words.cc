// SPDX-License-Identifier: GPL-2.0-only
#include "cli/fault_words.h"

#include <fmt/core.h>

#include "cli/schema.h"
#include "cli/values.h"
#include "cli/words.h"
#include "core/fault/kinds.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

std::string ns_text(vnet_u64 ns) {
  return time_text(ns, TimeUnit::kNs);
}

std::string when_text(const vnet_fault_values& fault) {
  const vnet_u64 value = fault.when_value;
  switch (fault.when) {
    case VNET_FAULT_WHEN_AT:
      return " at +" + ns_text(value);
    case VNET_FAULT_WHEN_AFTER:
      return fmt::format(" after {}", value);
    case VNET_FAULT_WHEN_NTH:
      return fmt::format(" nth {}", value);
    case VNET_FAULT_WHEN_EVERY:
      return fmt::format(" every {}", value);
    case VNET_FAULT_WHEN_EVERY_TIME:
      return " every " + ns_text(value);
    case VNET_FAULT_WHEN_PROB:
      return " prob " + percent_text(value);
    case VNET_FAULT_WHEN_MATCH:
      return " match " + quoted(fault.match_text);
    default:
      return "";
  }
}

std::string duration_text(const vnet_fault_values& fault) {
  switch (fault.duration) {
    case VNET_FAULT_DURATION_ONCE:
      return " once";
    case VNET_FAULT_DURATION_COUNT:
      return fmt::format(" count {}", fault.duration_value);
    case VNET_FAULT_DURATION_TIME:
      return " for " + ns_text(fault.duration_value);
    case VNET_FAULT_DURATION_RESET:
      return " until reset";
    default:
      return "";
  }
}

}  // namespace

std::string fault_words(const vnet_fault_values& fault) {
  const EnumEntry* const what = find_entry(fault_what_type(), fault.what);
  std::string text = what ? std::string(what->name) : fmt::format("{}", fault.what);
  if (fault.has & bit(VNET_A_FAULT_VALUE) && fault.value)
    text += " value " + (fault.what == VNET_FAULT_WHAT_DMA_SLOW ? ns_text(fault.value)
                                                                : fmt::format("{}", fault.value));
  if (fault.has & bit(VNET_A_FAULT_QUEUE)) text += fmt::format(" queue {}", fault.queue);
  text += when_text(fault) + duration_text(fault);
  return text +
         (fault.expire == VNET_FAULT_NEVER ? " expire never" : " expire " + ns_text(fault.expire));
}

std::string fault_class(const vnet_fault_values& fault) {
  const vnet::FaultKind kind = vnet::fault_kind(fault.what);
  const bool by_number =
      !vnet::by_time(fault.when) && !kind.lasts && (fault.duration <= VNET_FAULT_DURATION_COUNT);
  const bool of_frames = kind.side == vnet::Side::kTransmit || kind.side == vnet::Side::kReceive;
  return by_number && of_frames ? "stream" : "timing";
}

}  // namespace vnet::cli
