// SPDX-License-Identifier: GPL-2.0-only
// A user-space driver's socket, `<run dir>/<instance>.sock`.
#pragma once

#include "cli/run_dir.h"
#include "cli/transport.h"

namespace vnet::cli {

// ENOENT or ECONNREFUSED: it has ended.
Result<std::unique_ptr<Transport>> open_instance(const std::string& run_dir,
                                                 const Instance& instance);

}  // namespace vnet::cli
