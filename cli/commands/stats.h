// SPDX-License-Identifier: GPL-2.0-only
// Counters, as several objects show them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/transport.h"

namespace vnet::cli {

// The counters of the device `name`, of all devices if it is empty; with `per_queue` those of each
// queue follow the sum. What the values point to lives as long as the visit.
Failure ask_stats(Transport& host, const std::string& name, bool per_queue,
                  const std::function<void(const vnet_stats_values&)>& visit);

// The lines under a device's name, from the JSON object of its counters.
std::vector<std::string> stats_lines(const Json& stats);

}  // namespace vnet::cli
