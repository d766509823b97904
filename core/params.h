// SPDX-License-Identifier: GPL-2.0-only
// A device's parameters: defaults, and the check that names what is wrong.
#pragma once

#include "core/base/types.h"

namespace vnet {

inline constexpr int kNoEntry = -2;        // -ENOENT
inline constexpr int kInvalid = -22;       // -EINVAL
inline constexpr int kNoMemory = -12;      // -ENOMEM
inline constexpr int kBusy = -16;          // -EBUSY
inline constexpr int kMessageSize = -90;   // -EMSGSIZE
inline constexpr int kNotSupported = -95;  // -EOPNOTSUPP
inline constexpr int kNetworkDown = -100;  // -ENETDOWN

void params_default(vnet_params& params);

// Null if all are in range; otherwise a static text with the parameter's name and range.
const char* params_error(const vnet_params& params);

// The ring size that a device gets for the one asked for.
constexpr u32 ring_size_rounded(u32 frames) {
  u32 size = VNET_RING_MIN;
  while (size < frames) size *= 2;
  return size;
}

}  // namespace vnet
