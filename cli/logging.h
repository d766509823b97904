// SPDX-License-Identifier: GPL-2.0-only
// The log: lines on stderr, which is a file in a detached driver.
#pragma once

namespace vnet::cli {

// With `terminal` >= 0, warnings and errors are repeated there until quiet_terminal().
void start_logging(int terminal = -1);
void quiet_terminal();

}  // namespace vnet::cli
