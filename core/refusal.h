// SPDX-License-Identifier: GPL-2.0-only
// Why control is refused.
#pragma once

#include "core/base/types.h"

namespace vnet {

// A static text that names the word and what is allowed, and what is wrong by the schema's numbers
// (VNET_A_IMPAIR_*, VNET_A_FAULT_*): an attribute, and where two contradict each other the other
// one. 0: none by itself.
struct Refusal {
  const char* text = nullptr;
  u32 attribute = 0, other = 0;
  explicit operator bool() const { return text != nullptr; }
};

}  // namespace vnet
