// SPDX-License-Identifier: GPL-2.0-only
// The delay line at a steady number of held frames: bench/delay-line counts what measured()
// executes.
//
//   delay_line list|heap HELD ROUNDS
//
// Each round takes the earliest frame and puts it on the line again: behind all others, or, on the
// heap, somewhere among them.
#include "core/impair/delay_line.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace {

using vnet::DelayLine;
using vnet::u32;
using vnet::u64;

constexpr u64 kDelay = 10000000;

// The next delay is drawn beforehand: it is not the line's.
[[gnu::noinline]] u64 measured(DelayLine& line, bool heap, const std::vector<u64>& delays) {
  u64 last = 0;
  for (const u64 delay : delays) {
    const u64 now = line.next_due();
    vnet_frame* const frame = line.take(now);
    if (heap)
      line.put_anywhere(frame, now + delay);
    else
      line.put_in_order(frame, now + kDelay);
    last = now;
  }
  return last;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 1;
  const bool heap = !std::strcmp(arguments[1], "heap");
  const u32 held = static_cast<u32>(std::strtoul(arguments[2], nullptr, 10));
  std::mt19937_64 random(1);
  std::uniform_int_distribution<u64> any(1, kDelay);
  std::vector<u64> delays(std::strtoul(arguments[3], nullptr, 10));
  for (u64& delay : delays) delay = any(random);
  std::vector<vnet_frame> frames(held);
  std::vector<DelayLine::Entry> slots(held);
  DelayLine line;
  line.replace_heap(slots.data(), held);
  for (u32 i = 0; i < held; i++) {
    frames[i].wire_len = 60;
    frames[i].wire_frames = 1;
    if (heap)
      line.put_anywhere(&frames[i], any(random));
    else
      line.put_in_order(&frames[i], i);
  }
  return measured(line, heap, delays) ? 0 : 1;
}
