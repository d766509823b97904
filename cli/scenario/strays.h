// SPDX-License-Identifier: GPL-2.0-only
// Processes that a run must not leave behind.
#pragma once

#include <string>
#include <vector>

#include "cli/scenario/process.h"

namespace vnet::cli {

// Whether what daemons leave behind becomes this process's child.
void adopt_orphans(bool yes);
// This process's children.
std::vector<pid_t> own_children();
// Ends this process's children but for `spared`, and whoever is in one of these network namespaces
// (of /run/netns): SIGTERM, after a moment SIGKILL. Waits until they are gone.
void end_strays(const std::vector<std::string>& namespaces, const std::vector<pid_t>& spared);
// Until it has ended; its output is read meanwhile.
void wait_for(Process& process);

}  // namespace vnet::cli
