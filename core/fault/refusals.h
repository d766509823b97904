// SPDX-License-Identifier: GPL-2.0-only
// What no device does: faults that are out of range or contradict themselves.
#pragma once

#include <vnet/fault.h>

#include "core/refusal.h"

namespace vnet {

// False if there is nothing wrong.
Refusal fault_refusal(const vnet_fault& fault, vnet_u32 queue_count);

}  // namespace vnet
