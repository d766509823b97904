// SPDX-License-Identifier: GPL-2.0-only
// What `vnet up` can be told, and what it refuses before anything is made.
#pragma once

#include <vnet/types.h>

#include <array>
#include <string>

#include "user/result.h"

namespace vnet::user {

struct DriverOptions {
  std::array<std::string, 2> names;
  bool snull = false;
  bool pad = false;
  vnet_u32 mtu = VNET_MTU_DEFAULT;
  vnet_u32 lockup = 0;
  vnet_u32 timeout_ms = VNET_TIMEOUT_DEFAULT_MS;
  vnet_u32 ring = VNET_RING_DEFAULT;
};

// Names, ranges, and whether the names are free in this namespace.
Failure check_options(const DriverOptions& options);

}  // namespace vnet::user
