// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/golden.h"

#include <vnet/fault.h>
#include <vnet/host.h>

#include "core/fault/chance.h"
#include "core/impair/stages.h"

namespace vnet {
namespace {

constexpr u64 kTenPercent = kAlways / 10, kMillisecond = 1000000;
constexpr u64 kFrameBits = 8 * 1514;
constexpr u64 kAtOnce = 4096;  // decisions: a millisecond at most

// Each stream by a knob of its own.
void set_knob(Plan& plan, u32 stream) {
  constexpr u64 kChannel[5] = {kAlways / 100, kTenPercent, kAlways / 2, kAlways / 1000, 0};
  constexpr u64 kStates[5] = {kAlways / 100, kAlways / 4, kAlways / 2, kTenPercent, kAlways / 50};
  switch (stream) {
    case 0:
      plan.loss.model = VNET_LOSS_RANDOM;
      plan.loss.p[0] = kTenPercent;
      return;
    case 1:
    case 2:
      plan.loss.model = stream == 1 ? VNET_LOSS_GEMODEL : VNET_LOSS_STATE;
      for (u32 i = 0; i < 5; i++) plan.loss.p[i] = stream == 1 ? kChannel[i] : kStates[i];
      return;
    case 3:
      plan.config.duplicate = kTenPercent;
      return;
    case 4:
      plan.config.corrupt = kTenPercent;
      return;
    case 5:
      plan.config.truncate = kTenPercent;
      return;
    case 6:
      plan.config.reorder = kTenPercent;
      plan.config.reorder_gap = 5;
      return;
    default:
      plan.delay.delay = 20 * kMillisecond;
      plan.delay.jitter = 3 * kMillisecond;
      plan.delay.table =
          delay_table(stream == 7 ? VNET_DISTRIBUTION_UNIFORM : VNET_DISTRIBUTION_NORMAL);
  }
}

u64 value(u32 stream, const Fate& fate, const Chance& chance, u64 ordinal) {
  switch (stream) {
    case 3:
      return fate.duplicate;
    case 4:
      return fate.corrupt ? 1 + CorruptBits(chance, ordinal, kFrameBits).next() : 0;
    case 5:
      return fate.truncate;
    case 6:
      return fate.early;
    case 7:
    case 8:
      return fate.delay;
    default:
      return fate.lost;
  }
}

// FNV-1a, 64 bits, over what `decide` says of each ordinal.
template <class Decide>
u64 hash_of(u32 count, const Decide& decide) {
  u64 hash = 0xcbf29ce484222325;
  for (u64 ordinal = 1; ordinal <= count; ordinal++) {
    const u64 decided = decide(ordinal);
    for (u32 byte = 0; byte < 8; byte++)
      hash = (hash ^ (decided >> 8 * byte & 0xff)) * 0x100000001b3;
    if (ordinal % kAtOnce == 0) vnet_host_yield();
  }
  return hash;
}

u64 golden_fault(const Chance& chance, u32 what, u32 count) {
  return hash_of(count, [&](u64 ordinal) -> u64 {
    return fault_happens(chance, what, /*id=*/1, ordinal, kTenPercent);
  });
}

}  // namespace

static_assert(kGoldenFault == kFirstFaultStream);

u64 golden(u64 seed, u32 stream, u32 count) {
  const Chance chance{seed, 0, 0};
  if (stream >= kGoldenFault && stream < kGoldenFault + VNET_FAULT_WHAT_COUNT)
    return golden_fault(chance, stream - kGoldenFault, count);
  if (stream >= kGoldenStreams) return 0;
  Plan plan{};
  plan.alters = true;  // all stages are asked
  set_knob(plan, stream);
  StageState state;
  return hash_of(count, [&](u64 ordinal) {
    return value(stream, Pipeline::decide(plan, chance, state, ordinal), chance, ordinal);
  });
}

}  // namespace vnet
