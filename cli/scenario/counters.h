// SPDX-License-Identifier: GPL-2.0-only
// A device's counters by the names that a scenario uses.
#pragma once

#include <span>
#include <string_view>

#include "cli/sample.h"

namespace vnet::cli {

std::span<const std::string_view> counter_names();
// Of one of these names.
vnet_u64 counter_named(const Counters& counters, std::string_view name);
// How many frames were dropped. Direction and reason are the schema's words; empty: all.
vnet_u64 drops_of(const Counters& counters, std::string_view direction, std::string_view reason);

}  // namespace vnet::cli
