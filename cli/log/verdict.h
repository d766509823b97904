// SPDX-License-Identifier: GPL-2.0-only
// What `vnet diff` and `vnet replay` end with.
#pragma once

#include "cli/commands.h"
#include "cli/log/comparison.h"

namespace vnet::cli {

// Prints how two logs compare. The exit status is diff(1)'s: 0 equal, 1 different, 2 trouble.
int print_verdict(const Context& context, const Log& a, const Log& b);

std::string difference_text(const Difference& difference);

}  // namespace vnet::cli
