// SPDX-License-Identifier: GPL-2.0-only
// The verb `monitor` of the objects that have events of their own.
#pragma once

#include "cli/commands.h"

namespace vnet::cli {

int link_monitor(Context& context, const Arguments& arguments);
int fault_monitor(Context& context, const Arguments& arguments);

}  // namespace vnet::cli
