// SPDX-License-Identifier: GPL-2.0-only
// What no device does: faults that are out of range or contradict themselves.
#pragma once

#include <vnet/fault.h>

namespace vnet {

// Null if there is nothing wrong; otherwise a static text that names the word and what is allowed.
const char* fault_refusal(const vnet_fault& fault, vnet_u32 queue_count);

}  // namespace vnet
