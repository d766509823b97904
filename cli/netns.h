// SPDX-License-Identifier: GPL-2.0-only
// Network namespaces by name, as `ip netns` keeps them.
#pragma once

#include <string>
#include <vector>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

// `name` is one of /run/netns, or a path if it has a '/' in it.
user::Result<user::UniqueFd> open_netns(const std::string& name);
// From here on this process is in it.
user::Failure enter_netns(const std::string& name);
// Those with a name, and the present one, ""; each once.
std::vector<std::string> reachable_namespaces();

}  // namespace vnet::cli
