// SPDX-License-Identifier: GPL-2.0-only
// An attribute's form on the wire, struct nlattr: 16 bits of length (header and payload), 16 of
// type, in the machine's byte order; the next one begins at a multiple of 4.
#pragma once

#include "core/base/types.h"

namespace vnet {

inline constexpr u32 kAttributeHeader = 4;
inline constexpr u32 kAttributeMax = 65535;  // bytes, header included
// The upper bits of the type (include/uapi/linux/netlink.h).
inline constexpr u32 kNested = 0x8000;     // NLA_F_NESTED
inline constexpr u32 kByteOrder = 0x4000;  // NLA_F_NET_BYTEORDER
inline constexpr u32 kTypeMask = 0x3fff;   // NLA_TYPE_MASK

constexpr u32 attribute_aligned(u32 length) {
  return (length + 3) & ~3u;
}

// Attributes begin at multiples of 4, so a u64 need not be aligned: all copies are of bytes.
template <class T>
T load(const void* from) {
  T value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}

template <class T>
void store(void* to, T value) {
  __builtin_memcpy(to, &value, sizeof(value));
}

}  // namespace vnet
