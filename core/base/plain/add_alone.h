// SPDX-License-Identifier: GPL-2.0-only
// add_alone() for any processor, and for a thread sanitizer to see into.
#pragma once

namespace vnet {

// The caller is the only writer; readers may read meanwhile.
template <class T>
void add_alone(T& value, T n) {
  __atomic_store_n(&value, __atomic_load_n(&value, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

}  // namespace vnet
