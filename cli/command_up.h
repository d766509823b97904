// SPDX-License-Identifier: GPL-2.0-only
// `vnet up`: creates a pair of devices and drives it.
#pragma once

#include "user/options.h"

namespace vnet::cli {

struct UpRequest {
  user::DriverOptions options;
  bool detach = false;
};

// Returns the exit status, in the foreground when the pair ended.
int command_up(const UpRequest& request);

}  // namespace vnet::cli
