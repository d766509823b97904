// SPDX-License-Identifier: GPL-2.0-only
#include "core/fault/refusals.h"

#include <vnet/control_gen.h>

#include "core/fault/kinds.h"
#include "core/impair/match.h"

// The texts carry the limits of <vnet/fault.h>; the asserts keep them true.
static_assert(VNET_FAULT_PERIOD_MIN == 100000 && VNET_FAULT_SLOW_MAX == 10000000000);
static_assert(VNET_MATCH_MAX == 4096);

namespace vnet {
namespace {

constexpr u64 kEnd = 1ull << 63;  // of times and of numbers

const char* value_refusal(const vnet_fault& fault) {
  if (!fault.value) return nullptr;
  const FaultKind kind = fault_kind(fault.what);
  if (!kind.value_max) return "value: only truncate, bad-length and dma-slow take one";
  if (fault.value >= kind.value_min && fault.value <= kind.value_max) return nullptr;
  switch (fault.what) {
    case VNET_FAULT_TRUNCATE:
      return "truncate: to 1 to 65535 bytes";
    case VNET_FAULT_BAD_LENGTH:
      return "bad-length: 1 to 4294967295 bytes";
    default:
      return "dma-slow: by 1 ns to 10 s";
  }
}

const char* queue_refusal(const vnet_fault& fault, u32 queue_count) {
  if (fault.queue == VNET_FAULT_ALL_QUEUES || fault.queue < queue_count) return nullptr;
  return "queue: must be less than the number of the device's queues";
}

const char* when_refusal(const vnet_fault& fault) {
  const u64 value = fault.when_value;
  switch (fault.when) {
    case VNET_FAULT_NOW:
      return value ? "now: takes no value" : nullptr;
    case VNET_FAULT_AT:
      return value < kEnd ? nullptr : "at: a time is below 2^63 ns";
    case VNET_FAULT_AFTER:
      return value && value < kEnd ? nullptr : "after: 1 to 2^63-1 frames";
    case VNET_FAULT_NTH:
      return value && value < kEnd ? nullptr : "nth: frames are numbered from 1, to 2^63-1";
    case VNET_FAULT_EVERY_FRAMES:
      return value && value < kEnd ? nullptr : "every: 1 to 2^63-1 frames";
    case VNET_FAULT_EVERY_TIME:
      return value >= VNET_FAULT_PERIOD_MIN && value < kEnd ? nullptr
                                                            : "every: 100us to below 2^63 ns";
    case VNET_FAULT_PROB:
      return value && value <= VNET_ALWAYS ? nullptr
                                           : "prob: a probability is more than 0, to 100 %";
    case VNET_FAULT_MATCH:
      return value ? "match: takes no value" : nullptr;
    default:
      return "when: no such";
  }
}

const char* match_refusal(const vnet_fault& fault) {
  if (fault.when != VNET_FAULT_MATCH)
    return fault.match_count ? "match: excludes any other `when`" : nullptr;
  const Side side = fault_kind(fault.what).side;
  if (side == Side::kInterrupt || side == Side::kReset)
    return "match: not with irq-lost and reset-fail, which no frame meets";
  if (!fault.match_count || fault.match_count > VNET_MATCH_MAX)
    return "match: a program of 1 to 4096 instructions";
  if (!Match::valid(fault.match, fault.match_count))
    return "match: not a valid program in classic BPF";
  return nullptr;
}

const char* for_refusal(const vnet_fault& fault) {
  const FaultKind kind = fault_kind(fault.what);
  const u64 value = fault.for_value;
  if (fault.what == VNET_FAULT_REMOVE && fault.duration != VNET_FAULT_FOR_DEFAULT &&
      fault.duration != VNET_FAULT_FOR_ONCE)
    return "remove: a device goes once, no `count`, `for` or `until`";
  if (fault.what == VNET_FAULT_IRQ_SPURIOUS &&
      (fault.duration == VNET_FAULT_FOR_TIME || fault.duration == VNET_FAULT_FOR_RESET))
    return "for: irq-spurious does not last; say `count N`, or `every` and when it expires";
  switch (fault.duration) {
    case VNET_FAULT_FOR_DEFAULT:
    case VNET_FAULT_FOR_ONCE:
    case VNET_FAULT_FOR_RESET:
      return value ? "for: a value without `count` or a time" : nullptr;
    case VNET_FAULT_FOR_COUNT:
      if (!value || value >= kEnd) return "count: 1 to 2^63-1";
      if (kind.lasts && !recurs(fault.when))
        return "count: this fault lasts; say for how long, or `every` to have it again";
      return nullptr;
    case VNET_FAULT_FOR_TIME:
      return !value || value >= kEnd ? "for: more than 0, below 2^63 ns" : nullptr;
    default:
      return "for: no such";
  }
}

// What of a request each of them is about: a value, and what the value is of.
struct Check {
  const char* (*refusal)(const vnet_fault& fault);
  u32 attribute, other;
};
constexpr Check kChecks[] = {
    {value_refusal, VNET_A_FAULT_VALUE, VNET_A_FAULT_WHAT},
    {when_refusal, VNET_A_FAULT_WHEN_VALUE, VNET_A_FAULT_WHEN},
    {match_refusal, VNET_A_FAULT_MATCH, VNET_A_FAULT_WHEN},
    {for_refusal, VNET_A_FAULT_DURATION_VALUE, VNET_A_FAULT_DURATION},
};

}  // namespace

Refusal fault_refusal(const vnet_fault& fault, u32 queue_count) {
  if (fault.what >= VNET_FAULT_WHAT_COUNT) return {"what: no such fault", VNET_A_FAULT_WHAT};
  if (const char* const why = queue_refusal(fault, queue_count)) return {why, VNET_A_FAULT_QUEUE};
  if (fault.id > VNET_FAULT_ID_MAX) return {"id: 1 to 2^31-1", VNET_A_FAULT_ID};
  for (const Check& check : kChecks)
    if (const char* const why = check.refusal(fault)) return {why, check.attribute, check.other};
  if (fault.expire != VNET_FAULT_NEVER && fault.expire >= kEnd)
    return {"expire: below 2^63 ns, or never", VNET_A_FAULT_EXPIRE};
  const u64 expire = fault.expire ? fault.expire : VNET_FAULT_EXPIRE_DEFAULT;
  if (fault.when == VNET_FAULT_AT && fault.when_value >= expire)
    return {"at: it expires before (expire: 60 s unless told)", VNET_A_FAULT_WHEN_VALUE,
            VNET_A_FAULT_EXPIRE};
  return {};
}

}  // namespace vnet
