// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: what is told of frames, and what explains it.
#include <vnet/control.h>

#include "core/control/schema.h"
#include "core/device.h"
#include "core/params.h"

// The schema's numbers are the core's.
static_assert(int{VNET_DECISION_WHAT_LOST} == int{VNET_DECISION_LOST});
static_assert(int{VNET_DECISION_WHAT_BIT_TURNED} == int{VNET_DECISION_BIT_TURNED});
static_assert(int{VNET_DECISION_WHAT_DELAYED} == int{VNET_DECISION_DELAYED});
static_assert(int{VNET_DECISION_WHAT_OVERFLOW} == int{VNET_DECISION_OVERFLOW});
static_assert(int{VNET_DECISION_WHAT_NO_MEMORY} == int{VNET_DECISION_NO_MEMORY});
static_assert(int{VNET_DRAW_STREAM_CORRUPT_BIT} == static_cast<int>(vnet::Stream::kCorruptBit));
static_assert(int{VNET_DRAW_STREAM_DELAY} == static_cast<int>(vnet::Stream::kDelay));

namespace {

using vnet::bit;
using vnet::u32;
using vnet::u64;
using vnet::u8;

bool has_value(u32 what) {
  return what != VNET_DECISION_LOST && what != VNET_DECISION_DUPLICATED &&
         what != VNET_DECISION_REORDERED;
}

}  // namespace

extern "C" {

int vnet_core_wire_values(const vnet_device* device, vnet_u32 queue, vnet_impair_values* values,
                          const char** why) {
  const auto& shown = *reinterpret_cast<const vnet::Device*>(device);
  vnet_wire_state state;
  if (!shown.wire_state(queue, state)) {
    *why = "queue: the device has no such queue";
    return vnet::kNoEntry;
  }
  values->queue = queue;
  values->queues = shown.queue_limit();
  values->place = static_cast<u8>(state.place);
  values->run = state.run;
  values->frames = state.frames;
  values->after = state.after;
  values->loss_state = state.loss_state;
  values->since_early = state.since_early;
  values->has |= bit(VNET_A_IMPAIR_SINCE_EARLY + 1) - bit(VNET_A_IMPAIR_QUEUE);
  return 0;
}

void vnet_core_decision_values(const vnet_decision* decision, vnet_decision_values* values) {
  const bool by_stream = decision->stream != VNET_DECISION_NO_STREAM;
  *values = {};
  values->frame = decision->frame;
  values->what = decision->what;
  values->decision_class = by_stream ? VNET_DECISION_CLASS_STREAM : VNET_DECISION_CLASS_TIMING;
  values->has =
      bit(VNET_A_DECISION_FRAME) | bit(VNET_A_DECISION_WHAT) | bit(VNET_A_DECISION_DECISION_CLASS);
  if (by_stream) {
    values->stream = decision->stream;
    values->has |= bit(VNET_A_DECISION_STREAM);
  }
  if (decision->drawn) {
    values->draw = decision->draw;
    values->has |= bit(VNET_A_DECISION_DRAW);
  }
  if (decision->length) {
    values->length = decision->length;
    values->has |= bit(VNET_A_DECISION_LENGTH);
  }
  if (has_value(decision->what)) {
    values->value = decision->value;
    values->has |= bit(VNET_A_DECISION_VALUE);
  }
}

}  // extern "C"
