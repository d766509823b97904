// SPDX-License-Identifier: GPL-2.0-only
// Verbs of `vnet link` that have a file of their own.
#pragma once

#include "cli/commands.h"

namespace vnet::cli {

int link_add(Context& context, const Arguments& arguments);
// Whether the values of `link add` can be read.
Failure check_link_add(const Arguments& arguments);
int link_show(Context& context, const Arguments& arguments);

}  // namespace vnet::cli
