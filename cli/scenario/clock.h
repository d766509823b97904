// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <time.h>
#include <vnet/types.h>

namespace vnet::cli {

// Nanoseconds since a run's time 0; before it they are negative.
using RunTime = long long;

inline vnet_u64 clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<vnet_u64>(now.tv_sec) * 1000000000 + static_cast<vnet_u64>(now.tv_nsec);
}

}  // namespace vnet::cli
