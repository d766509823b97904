// SPDX-License-Identifier: GPL-2.0-only
// Plan: what a direction of a wire does, compiled from its knobs, and never changed. Control makes
// it and the queues' polls read it.
#pragma once

#include "core/impair/delay.h"
#include "core/impair/loss.h"
#include "core/impair/match.h"
#include "core/impair/refusals.h"
#include "core/impair/trace.h"

namespace vnet {

struct Plan {
  static constexpr u64 kUnlimited = ~0ull;

  vnet_impairment config;  // as asked for; its arrays follow the plan in memory
  LossPlan loss;
  DelayPlan delay;
  RatePlan rate;
  Match match;
  Trace trace;
  u64 limit_frames = kUnlimited, limit_bytes = kUnlimited;
  u32 heap_capacity = 0;  // not 0: jitter reorders
  bool cuts = false;      // super-frames are cut up first
  bool alters = false;    // duplicates, turns bits or truncates

  // Null, with `error` and perhaps `why`. To be freed by the caller.
  static Plan* compile(const vnet_impairment& config, int& error, Refusal& why);
  static bool is_off(const vnet_impairment& config);
  // Each frame for the same time, whatever else is there and whenever it comes.
  bool only_holds() const {
    return config.delay && !config.jitter && !config.reorder && !config.rate && !trace &&
           !match.active() && !limited();
  }
  bool limits_rate() const { return rate.active() || trace.sets_rate(); }
  bool limited() const { return limit_frames != kUnlimited || limit_bytes != kUnlimited; }
};

}  // namespace vnet
