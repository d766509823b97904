// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: faults as control spells them.
#include <vnet/control.h>

#include "core/control/schema.h"
#include "core/params.h"

// The schema's numbers are the core's.
static_assert(int{VNET_FAULT_WHAT_MAX} + 1 == int{VNET_FAULT_WHAT_COUNT});
static_assert(int{VNET_FAULT_WHAT_TX_STALL} == int{VNET_FAULT_TX_STALL});
static_assert(int{VNET_FAULT_WHAT_REMOVE} == int{VNET_FAULT_REMOVE});
static_assert(int{VNET_FAULT_WHEN_MAX} + 1 == int{VNET_FAULT_WHEN_COUNT});
static_assert(int{VNET_FAULT_WHEN_EVERY_TIME} == int{VNET_FAULT_EVERY_TIME});
static_assert(int{VNET_FAULT_DURATION_MAX} + 1 == int{VNET_FAULT_FOR_MAX});
static_assert(int{VNET_FAULT_DURATION_TIME} == int{VNET_FAULT_FOR_TIME});
static_assert(int{VNET_FAULT_STATE_MAX} + 1 == int{VNET_FAULT_STATE_COUNT});
static_assert(int{VNET_FAULT_STATE_EXPIRED} == int{VNET_FAULT_EXPIRED});

extern "C" {

int vnet_core_fault_from_values(const vnet_fault_values* values, vnet_fault* fault,
                                vnet_refusal* refusal) {
  const auto has = [&](vnet_u32 id) { return (values->has & vnet::bit(id)) != 0; };
  *fault = {};
  *refusal = {};
  if (!has(VNET_A_FAULT_WHAT)) {
    refusal->text = "what: is needed";
    return vnet::kInvalid;
  }
  fault->what = values->what;
  fault->queue = has(VNET_A_FAULT_QUEUE) ? values->queue : VNET_FAULT_ALL_QUEUES;
  if (has(VNET_A_FAULT_ID)) fault->id = values->id;
  if (has(VNET_A_FAULT_VALUE)) fault->value = values->value;
  if (has(VNET_A_FAULT_WHEN)) fault->when = values->when;
  if (has(VNET_A_FAULT_WHEN_VALUE)) fault->when_value = values->when_value;
  if (has(VNET_A_FAULT_DURATION)) fault->duration = values->duration;
  if (has(VNET_A_FAULT_DURATION_VALUE)) fault->for_value = values->duration_value;
  if (has(VNET_A_FAULT_EXPIRE)) fault->expire = values->expire;
  if (has(VNET_A_FAULT_MATCH)) {
    if (values->match.len % sizeof(vnet_bpf_insn)) {
      *refusal = {"match: must be whole instructions of 8 bytes", VNET_A_FAULT_MATCH, 0};
      return vnet::kInvalid;
    }
    fault->match = static_cast<const vnet_bpf_insn*>(values->match.data);
    fault->match_count = values->match.len / sizeof(vnet_bpf_insn);
  }
  if (has(VNET_A_FAULT_MATCH_TEXT))
    for (; values->match_text[fault->text_len]; fault->text_len++)
      fault->text[fault->text_len] = values->match_text[fault->text_len];
  return 0;
}

void vnet_core_fault_values(const vnet_fault_info* info, vnet_fault_values* values) {
  const vnet_fault& fault = info->fault;
  *values = {};
  values->id = info->id;
  values->what = fault.what;
  values->when = fault.when;
  values->duration = fault.duration;
  values->expire = fault.expire;
  values->state = info->state;
  values->fired = info->fired;
  values->hits = info->hits;
  values->has = vnet::bit(VNET_A_FAULT_ID) | vnet::bit(VNET_A_FAULT_WHAT) |
                vnet::bit(VNET_A_FAULT_WHEN) | vnet::bit(VNET_A_FAULT_DURATION) |
                vnet::bit(VNET_A_FAULT_EXPIRE) | vnet::bit(VNET_A_FAULT_STATE) |
                vnet::bit(VNET_A_FAULT_FIRED) | vnet::bit(VNET_A_FAULT_HITS);
  const auto give = [&](vnet_u64& to, vnet_u32 id, vnet_u64 value, vnet_u64 none) {
    if (value == none) return;
    to = value;
    values->has |= vnet::bit(id);
  };
  give(values->value, VNET_A_FAULT_VALUE, fault.value, 0);
  give(values->when_value, VNET_A_FAULT_WHEN_VALUE, fault.when_value, 0);
  give(values->duration_value, VNET_A_FAULT_DURATION_VALUE, fault.for_value, 0);
  give(values->remaining, VNET_A_FAULT_REMAINING, info->remaining, ~0ull);
  give(values->expires_in, VNET_A_FAULT_EXPIRES_IN, info->expires_in, VNET_FAULT_NEVER);
  if (fault.queue != VNET_FAULT_ALL_QUEUES) {
    values->queue = fault.queue;
    values->has |= vnet::bit(VNET_A_FAULT_QUEUE);
  }
  if (fault.text_len) {
    for (vnet_u32 i = 0; i < fault.text_len; i++) values->match_text[i] = fault.text[i];
    values->has |= vnet::bit(VNET_A_FAULT_MATCH_TEXT);
  }
}

}  // extern "C"
