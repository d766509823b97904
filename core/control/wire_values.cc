// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: what `vnet verify` asks a host.
#include <vnet/control.h>

#include "core/control/schema.h"
#include "core/impair/golden.h"
#include "core/params.h"

namespace {

using vnet::u32;
using vnet::u64;

constexpr int kNotFound = -2;  // -ENOENT
constexpr u32 kCountDefault = 1000;
constexpr u64 kGoldenShown = vnet::bit(VNET_A_GOLDEN_SEED) | vnet::bit(VNET_A_GOLDEN_STREAM) |
                             vnet::bit(VNET_A_GOLDEN_COUNT) | vnet::bit(VNET_A_GOLDEN_HASH);
// All behind `queue` but `sent`.
constexpr u64 kWireShown = (vnet::bit(VNET_A_WIRE_DELAY_SHIFT + 1) - vnet::bit(VNET_A_WIRE_QUEUE)) &
                           ~vnet::bit(VNET_A_WIRE_SENT);

u64 dropped(const vnet_queue_stats& queue) {
  u64 all = 0;
  for (const u64 frames : queue.rx_drops) all += frames;
  return all;
}

}  // namespace

extern "C" {

int vnet_core_wire_moment(const vnet_device* device, vnet_u32 queue, vnet_wire_view* view,
                          vnet_wire_values* values) {
  if (!vnet_core_wire_view(device, queue, view)) return kNotFound;
  values->queue = queue;
  values->seed = view->seed;
  values->place = view->place;
  values->ordinal = view->ordinal;
  values->loss_state = view->loss_state;
  values->since_early = view->since_early;
  values->received = view->queue.rx_frames;
  values->dropped = dropped(view->queue);
  values->in_flight = view->queue.in_flight;
  values->held = view->wire.held;
  values->lost = view->queue.rx_drops[VNET_DROP_IMPAIR_LOSS];
  values->overflowed = view->queue.rx_drops[VNET_DROP_IMPAIR_QUEUE];
  values->no_memory = view->queue.rx_drops[VNET_DROP_NO_MEMORY] + view->wire.copies_failed;
  values->duplicated = view->wire.duplicated;
  values->corrupted = view->wire.corrupted;
  values->truncated = view->wire.truncated;
  values->reordered = view->wire.reordered;
  values->delays = view->wire.delays;
  values->delay_sum = view->wire.delay_sum;
  values->delay_squares = view->wire.delay_squares;
  values->delay_shift = view->wire.delay_shift;
  values->has |= kWireShown;
  return 0;
}

void vnet_core_golden_values(vnet_golden_values* values) {
  if (!(values->has & vnet::bit(VNET_A_GOLDEN_COUNT))) values->count = kCountDefault;
  values->hash = vnet_core_impair_golden(values->seed, values->stream, values->count);
  values->has |= kGoldenShown;
}

}  // extern "C"
