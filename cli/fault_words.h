// SPDX-License-Identifier: GPL-2.0-only
// Faults as they are written, and what they depend on.
#pragma once

#include <vnet/control_gen.h>

#include <string>

#include "cli/match_expression.h"
#include "cli/words.h"

namespace vnet::cli {

// The words of `vnet fault add DEV ...` that make it so again: "dma-error nth 17 expire never".
std::string fault_words(const vnet_fault_values& fault);

// The other way round; commands/fault.cc. `fault` may point into `program`.
Failure read_fault_words(const std::string& words, MatchProgram& program, vnet_fault_values& fault);

// Whether it fires by the numbers of frames ("stream"), or by time as well ("timing").
std::string fault_class(const vnet_fault_values& fault);

}  // namespace vnet::cli
