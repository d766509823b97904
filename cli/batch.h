// SPDX-License-Identifier: GPL-2.0-only
// `-batch FILE`: a command a line.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"

namespace vnet::cli {

// Runs all lines, with -force also behind one that failed. Returns the exit status of the first
// that did.
int run_batch(const Options& options);

// The words of a line: between blanks; '...' and "..." keep them together, '#' begins a comment.
Result<std::vector<std::string>> split_line(const std::string& line);

}  // namespace vnet::cli
