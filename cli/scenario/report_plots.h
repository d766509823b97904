// SPDX-License-Identifier: GPL-2.0-only
// What a run's history is as plots.
#pragma once

#include "cli/scenario/history.h"
#include "cli/scenario/plot.h"

namespace vnet::cli {

// Of a link: throughput, round trip, drops.
std::vector<Plot> link_plots(const Scenario& scenario, const History& history, size_t link);
// What happened to it, and what everybody shares; by time, numbered from 1.
std::vector<PlotMark> link_marks(const Scenario& scenario, const History& history, size_t link);

}  // namespace vnet::cli
