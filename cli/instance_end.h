// SPDX-License-Identifier: GPL-2.0-only
// Ends running drivers and waits until they and their devices are gone.
#pragma once

#include <string>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

// Those that answer to the name, or all with an empty one. What went wrong; nothing: none is left.
std::vector<user::Error> end_instances(const std::string& name);

}  // namespace vnet::cli
