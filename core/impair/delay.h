// SPDX-License-Identifier: GPL-2.0-only
// How long the wire is: a constant, or a draw from a distribution.
#pragma once

#include "core/impair/draw.h"

namespace vnet {

// Inverse distribution functions at even steps, in 1/8192 of the standard deviation (netem's form,
// NETEM_DIST_SCALE). Values between two steps are interpolated.
struct DelayTable {
  const s16* value = nullptr;
  u32 count = 0;
};

DelayTable delay_table(u32 distribution);  // of vnet_distribution's with a table of ours

struct DelayPlan {
  u64 delay = 0, jitter = 0;
  DelayTable table;  // without one: uniform

  // What a delay's deviation is measured in: 2^unit_shift() ns, 2048 to 4095 of them in the jitter.
  u32 unit_shift() const {
    constexpr u32 kBits = 12;
    const u32 bits = jitter ? 64 - static_cast<u32>(__builtin_clzll(jitter)) : 0;
    return bits > kBits ? bits - kBits : 0;
  }

  s64 in_units(s64 ns) const {
    const u32 shift = unit_shift();
    return shift ? (ns + (s64{1} << (shift - 1))) >> shift : ns;
  }

  // Never less than 0: what a distribution's tail would have arrive before it was sent is not late.
  u64 draw(const Chance& chance, u64 ordinal) const {
    return jitter ? draw(delay, chance, ordinal) : delay;
  }

  u64 draw(u64 mean, const Chance& chance, u64 ordinal) const {
    const u64 random = chance.draw(Stream::kDelay, ordinal).wide(0);
    if (!table.value) return mean + scaled(random, 2 * jitter + 1) - jitter;
    return from_table(mean, random);
  }

 private:
  u64 from_table(u64 mean, u64 random) const {
    constexpr u32 kFraction = 16, kScale = 13;  // 8192
    const u64 steps = u64{table.count} - 1;
    const u64 at = scaled(random, steps << kFraction);
    const s16* const step = table.value + (at >> kFraction);
    const s64 slope = step[1] - step[0];
    const s64 value = s64{step[0]} * (1 << kFraction) + slope * static_cast<s64>(at & 0xffff);
    const u64 size = static_cast<u64>(value < 0 ? -value : value);  // at most 2^31
    // jitter * size / 2^(kFraction + kScale): jitter is below 2^61, so nothing is lost above.
    constexpr u32 kShift = kFraction + kScale;
    const u64 offset =
        ((jitter >> 32) * size << (32 - kShift)) + ((jitter & 0xffffffff) * size >> kShift);
    if (value >= 0) return mean + offset;
    return offset < mean ? mean - offset : 0;
  }
};

}  // namespace vnet
