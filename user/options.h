// SPDX-License-Identifier: GPL-2.0-only
// What `vnet up` can be told, and what it refuses before anything is made.
#pragma once

#include <vnet/control.h>

#include <array>
#include <optional>
#include <string>

#include "user/result.h"

namespace vnet::user {

using Mac = std::array<vnet_u8, 6>;

struct DriverOptions {
  std::array<std::string, 2> names;
  bool snull = false;
  vnet_u32 mtu = VNET_MTU_DEFAULT;
  std::array<std::optional<Mac>, 2> macs;  // the kernel's choice, or snull's, where there is none
  std::array<vnet_info_values, 2> infos{};
};

// Names, ranges, and whether the names are free in this namespace.
Failure check_options(const DriverOptions& options);

}  // namespace vnet::user
