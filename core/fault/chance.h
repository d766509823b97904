// SPDX-License-Identifier: GPL-2.0-only
// The chance of `prob`: a stream for each kind of fault, in it a block for each id. There are 256
// blocks: what an id has beyond goes to the word of the link, which is 0 so far.
#pragma once

#include "core/impair/draw.h"

namespace vnet {

// Streams of impairments are below (draw.h).
inline constexpr u32 kFirstFaultStream = 0x40;

constexpr bool fault_happens(const Chance& chance, u32 what, u32 id, u64 ordinal, u64 probability) {
  const auto stream = static_cast<Stream>(kFirstFaultStream + what);
  const Chance of_id{chance.seed, chance.link | id >> 8, chance.place};
  return happens(of_id.draw(stream, ordinal, id & 0xff).word[0], probability);
}

}  // namespace vnet
