// SPDX-License-Identifier: GPL-2.0-only
// A scenario file, read and checked: every error has its line and column, and the word that was
// probably meant.
#pragma once

#include "cli/scenario/scenario.h"
#include "user/result.h"

namespace vnet::cli {

// A lab of its own for `vnet run`; or a state that is there already, for `vnet apply`: it has no
// namespaces of its own, and no timeline.
enum class FileUse { kRun, kState };

user::Result<Scenario> read_scenario(const std::string& file, FileUse use);
user::Result<Scenario> parse_scenario(const std::string& file, const std::string& text,
                                      FileUse use);

}  // namespace vnet::cli
