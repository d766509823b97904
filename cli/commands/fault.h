// SPDX-License-Identifier: GPL-2.0-only
// The words of `vnet fault add`.
#pragma once

#include <vnet/control.h>

#include "cli/commands.h"
#include "cli/match_expression.h"

namespace vnet::cli {

// What they say, without what a host fills in; `fault` may point into `program`.
Failure read_fault(const Arguments& arguments, MatchProgram& program, vnet_fault_values& fault);

}  // namespace vnet::cli
