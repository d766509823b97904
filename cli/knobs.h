// SPDX-License-Identifier: GPL-2.0-only
// Values of the info set's attributes as they are written on the command line.
#pragma once

#include <span>
#include <string>

#include "cli/grammar.h"

namespace vnet::cli {

// Into `info` goes what was said. A value that cannot be read, or does not fit the attribute's
// type, is an error that names keyword and range; one out of the range is left to the host.
Failure set_knobs(std::span<const KnobArgument> arguments, vnet_info_values& info);

// "N", "on|off", "TIME"
std::string values_of(const Knob& knob);
// A value of the attribute as it would be written: "on", "50us", "256".
std::string knob_text(const Knob& knob, vnet_u64 value);

}  // namespace vnet::cli
