// SPDX-License-Identifier: GPL-2.0-only
// `vnet up`: creates a pair of devices and drives it.
#pragma once

#include <string>

#include "user/options.h"

namespace vnet::cli {

struct UpRequest {
  user::DriverOptions options;
  bool detach = false;
  std::string place = "vnet: ";  // stands before an error
};

// Returns the exit status: in the foreground when the pair has ended, detached when it runs.
int command_up(const UpRequest& request);

}  // namespace vnet::cli
