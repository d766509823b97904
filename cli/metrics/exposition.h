// SPDX-License-Identifier: GPL-2.0-only
// The metrics of vnet.
#pragma once

#include <string>

#include "cli/sample.h"

namespace vnet::cli {

// All of a sample as Prometheus reads it. `netns` is the label of every sample, if not empty.
std::string exposition(const Sample& sample, const std::string& netns);

}  // namespace vnet::cli
