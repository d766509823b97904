// SPDX-License-Identifier: GPL-2.0-only
// A scenario as the `ip` and `vnet` commands that do the same.
#pragma once

#include <string>
#include <vector>

#include "cli/scenario/scenario.h"

namespace vnet::cli {

// A link's seed: its own, or the scenario's plus its place among the links, from 0.
vnet_u64 seed_of(const Scenario& scenario, size_t link);

// What makes the links, in order, once the namespaces exist. A namespace is named as `ip netns` has
// it.
std::vector<Argv> namespace_commands(const Scenario& scenario, const std::string& netns);
std::vector<Argv> link_commands(const Scenario& scenario);

// A command of the vnet command, and the namespace that it is given in (as in the file).
struct VnetCommand {
  EndName device;
  Argv words;  // "fault add v0 ..."
};
// At time 0: the seeds, with which the frames' numbers begin anew, and the links' faults.
std::vector<VnetCommand> begin_commands(const Scenario& scenario);

// A step's command as it is run.
Argv argv_of(const Scenario& scenario, const ScenarioStep& step);

// A command as one would type it.
std::string shell_line(const Argv& argv);

// All of it, a line each.
std::string plan_text(const Scenario& scenario);

}  // namespace vnet::cli
