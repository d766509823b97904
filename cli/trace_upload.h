// SPDX-License-Identifier: GPL-2.0-only
// A trace on its way to a host: it is too large for the change that puts it in force.
#pragma once

#include <vector>

#include "cli/transport.h"

namespace vnet::cli {

// Hands over the rows for the device of `values`, which names them then.
Failure hand_over_trace(Transport& host, const std::vector<vnet_trace_row>& rows,
                        vnet_impair_values& values);

}  // namespace vnet::cli
