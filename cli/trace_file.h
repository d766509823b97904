// SPDX-License-Identifier: GPL-2.0-only
// Links that change with time, from files: rows of our own, or Mahimahi's (docs/impairments.md).
#pragma once

#include <vnet/impair.h>

#include "cli/text_file.h"

namespace vnet::cli {

using TraceRows = std::vector<vnet_trace_row>;

// "TIME RATE DELAY LOSS", in tc's units.
user::Result<TraceRows> read_trace(const std::string& path);

// The millisecond of each opportunity to send 1500 bytes (Netravali et al., "Mahimahi: Accurate
// Record-and-Replay for HTTP", ATC 2015).
user::Result<TraceRows> read_mahimahi(const std::string& path);

}  // namespace vnet::cli
