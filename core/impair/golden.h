// SPDX-License-Identifier: GPL-2.0-only
// Golden vectors: hashes of decisions, to be the same on every host for ever. tests/stat/golden.txt
// has them.
#pragma once

#include "core/base/types.h"

namespace vnet {

inline constexpr u32 kGoldenStreams = 9;
// Behind them, from the number of the first fault's stream on, one for each kind of fault.
inline constexpr u32 kGoldenFault = 64;

// FNV-1a over the first `count` decisions of: 0 random loss, 1 gemodel, 2 state, 3 duplicate, 4
// corrupt and which bit, 5 truncate, 6 reorder, 7 uniform delay, 8 normal delay; 64 + a kind of
// fault: `prob 10%` of the device's first fault. 0 otherwise.
u64 golden(u64 seed, u32 stream, u32 count);

}  // namespace vnet
