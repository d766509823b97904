// SPDX-License-Identifier: GPL-2.0-only
// Integer names for the core. The core includes no libc header; <vnet/types.h> is its only source.
#pragma once

#include <vnet/types.h>

namespace vnet {

using u8 = vnet_u8;
using u16 = vnet_u16;
using u32 = vnet_u32;
using u64 = vnet_u64;
using s16 = short;
using s64 = long long;

inline constexpr unsigned kCacheLine = 64;
inline constexpr u32 kEthernetHeader = 14;  // IEEE 802.3: two MACs and the type
inline constexpr u32 kVlanTag = 4;          // IEEE 802.1Q
inline constexpr u32 kMinimumFrame = 60;    // IEEE 802.3 minimum without FCS, Linux's ETH_ZLEN

static_assert(sizeof(u64) == 8 && sizeof(u32) == 4 && sizeof(u16) == 2);
static_assert(sizeof(void*) == 8, "counters are read without locks: 64-bit machines only");

}  // namespace vnet
