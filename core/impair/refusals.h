// SPDX-License-Identifier: GPL-2.0-only
// What no wire can do: knobs out of range, and knobs that contradict each other.
#pragma once

#include <vnet/impair.h>

#include "core/refusal.h"

namespace vnet {

// False if there is nothing wrong.
Refusal refusal(const vnet_impairment& config);

}  // namespace vnet
