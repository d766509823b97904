// SPDX-License-Identifier: GPL-2.0-only
// What `help` prints, from the grammar's tables. With -json it is the grammar itself, for
// completions and man pages.
#pragma once

#include <string>

#include "cli/commands.h"

namespace vnet::cli {

// "Usage: vnet [ OPTIONS ] OBJECT { COMMAND | help }" and what these are.
std::string usage_text();

void print_help(const Options& options);
// Of one verb; without one of all.
void print_help(const Object& object, const Verb* verb, const Options& options);

}  // namespace vnet::cli
