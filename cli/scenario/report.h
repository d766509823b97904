// SPDX-License-Identifier: GPL-2.0-only
// A run as one page of HTML that needs nothing else: no script from elsewhere, no network.
#pragma once

#include <string>

#include "cli/scenario/history.h"

namespace vnet::cli {

std::string report_html(const Scenario& scenario, const History& history);

}  // namespace vnet::cli
