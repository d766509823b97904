// SPDX-License-Identifier: GPL-2.0-only
// The machine's clocks, in nanoseconds.
#pragma once

#include <time.h>
#include <vnet/types.h>

namespace vnet::user {

inline vnet_u64 clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<vnet_u64>(now.tv_sec) * 1000000000 + static_cast<vnet_u64>(now.tv_nsec);
}

// What durations and deadlines are measured by.
inline vnet_u64 monotonic_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

// Since 1970: what events and logs carry.
inline vnet_u64 realtime_ns() {
  return clock_ns(CLOCK_REALTIME);
}

}  // namespace vnet::user
