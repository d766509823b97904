// SPDX-License-Identifier: GPL-2.0-only
// `vnet down`: ends running drivers and waits until they and their devices are gone.
#pragma once

#include <string>

namespace vnet::cli {

// An empty name means all instances. Returns the exit status.
int command_down(const std::string& name);

}  // namespace vnet::cli
