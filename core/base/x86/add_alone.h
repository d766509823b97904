// SPDX-License-Identifier: GPL-2.0-only
// add_alone() for x86-64: one instruction, of which compilers make three.
#pragma once

namespace vnet {

// The caller is the only writer; readers may read meanwhile: an aligned store is whole (Intel SDM
// volume 3, 8.1.1).
template <class T>
void add_alone(T& value, T n) {
  static_assert(sizeof(T) == 8);
  asm volatile("addq %1, %0" : "+m"(value) : "er"(n));
}

}  // namespace vnet
