// SPDX-License-Identifier: GPL-2.0-only
// What no wire can do: knobs out of range, and knobs that contradict each other.
#pragma once

#include <vnet/impair.h>

namespace vnet {

// Null if there is nothing wrong; otherwise a static text that names the knob and what is allowed.
const char* refusal(const vnet_impairment& config);

}  // namespace vnet
