// SPDX-License-Identifier: GPL-2.0-only
// The host's memory (C).
#pragma once

#include <vnet/host.h>

namespace vnet {

// What a device may not have, and most have not: no call is made for nothing.
inline void free_if_any(void* memory) {
  if (memory) vnet_host_free(memory);
}

}  // namespace vnet
