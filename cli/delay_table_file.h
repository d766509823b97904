// SPDX-License-Identifier: GPL-2.0-only
// How delays lie around their mean, from a file of netem's form, as tc has in /usr/lib/tc/*.dist.
#pragma once

#include "cli/text_file.h"

namespace vnet::cli {

// The inverse of the distribution function at even steps, ascending, in 1/8192 of the jitter.
user::Result<std::vector<short>> read_delay_table(const std::string& path);

}  // namespace vnet::cli
