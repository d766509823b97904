// SPDX-License-Identifier: GPL-2.0-only
// The chance of `prob`: a stream for each kind of fault, a block of it for each id.
#pragma once

#include "core/impair/draw.h"

namespace vnet {

// Streams of impairments are below (draw.h).
inline constexpr u32 kFirstFaultStream = 0x40;

constexpr bool fault_happens(const Chance& chance, u32 what, u32 id, u64 ordinal, u64 probability) {
  const auto stream = static_cast<Stream>(kFirstFaultStream + what);
  return happens(chance.draw(stream, ordinal, id & 0xff).word[0], probability);
}

}  // namespace vnet
