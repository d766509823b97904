// SPDX-License-Identifier: GPL-2.0-only
// A scenario, from its first namespace to the last that is taken away.
#pragma once

#include <string>

#include "cli/scenario/history.h"

namespace vnet::cli {

struct RunRequest {
  Scenario scenario;
  std::string log, report;  // files; empty: none
  vnet_u64 interval_ns = 100000000;
  bool keep = false;
  bool quiet = false;
};

// What happened. An error: it could not be set up, or taken down.
Result<History> run_scenario(RunRequest& request);

// "PASSED lossy: 4 of 4 expectations, ..."
std::string verdict_text(const Scenario& scenario, const History& history);

}  // namespace vnet::cli
