// SPDX-License-Identifier: GPL-2.0-only
// Chance: every decision is a function of (seed, link, direction, queue, stream, ordinal). A stream
// is one kind of decision, and no two share a draw, so that turning one on or off changes no other.
//
// The layout of key and counter is version 1 of the determinism contract (docs/impairments.md): the
// golden vectors guard it.
#pragma once

#include <vnet/impair.h>

#include "core/impair/philox.h"

namespace vnet {

// Numbers are part of the contract: append, never reorder.
enum class Stream : u8 { kLoss, kDuplicate, kCorrupt, kCorruptBit, kTruncate, kReorder, kDelay };

// A probability: parts of 2^32, from 0 (never) to kAlways.
inline constexpr u64 kAlways = VNET_ALWAYS;
constexpr bool happens(u32 random, u64 probability) {
  return random < probability;
}

// The high half of a product of 64 bits each: a uniform number below `range` from 64 random bits.
// (The kernel has no 128-bit multiplication to call.)
constexpr u64 scaled(u64 random, u64 range) {
  const u64 a = random >> 32, b = random & 0xffffffff, c = range >> 32, d = range & 0xffffffff;
  const u64 middle = a * d + (b * d >> 32);  // both fit: (2^32-1)^2 + 2^32-1 < 2^64
  const u64 low = b * c + (middle & 0xffffffff);
  return a * c + (middle >> 32) + (low >> 32);
}

// Where the draws of one queue of one direction of one link come from.
struct Chance {
  u64 seed = 0;
  u32 link = 0;
  u32 place = 0;  // direction << 15 | queue

  constexpr Block draw(Stream stream, u64 ordinal, u32 block = 0) const {
    return philox({{static_cast<u32>(ordinal), static_cast<u32>(ordinal >> 32), link,
                    u32{static_cast<u8>(stream)} << 24 | block << 16 | place}},
                  seed);
  }
};

}  // namespace vnet
