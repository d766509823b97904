// SPDX-License-Identifier: GPL-2.0-only
// Trace: a wire whose rate, delay and loss change in time. Its rows follow each other, each in
// force until the next; with a loop again and again.
#pragma once

#include "core/impair/rate.h"

namespace vnet {

struct TraceRow {
  u64 time, delay, loss;  // VNET_TRACE_KEEP: as the knob says
  bool own_rate;
  RatePlan rate;
};

// A row at some time, and until when it is in force.
struct TracePlace {
  const TraceRow* row;
  u64 end;
};

class Trace {
 public:
  // Without rows there is none. The last row of a loop says only when it begins anew.
  void init(const TraceRow* rows, u32 count, bool loop);

  explicit operator bool() const { return rows_; }
  const TraceRow* first() const { return rows_; }
  // Whether rows have rates of their own.
  bool sets_rate() const { return sets_rate_; }

  // `begin` is when it began. Before that the first row is in force.
  TracePlace at(u64 begin, u64 time) const;

  // A frame of `bytes` that comes `now`, and is sent at the rates that are in force until it has
  // left, `usual` where a row has none: when that is. A link that stood still, as a cellular one
  // does, so sends what has gathered as soon as it is quick again.
  u64 pass(RateState& state, const RatePlan& usual, u64 begin, u64 now, u64 bytes) const;

 private:
  const RatePlan& rate_of(const TraceRow& row, const RatePlan& usual) const {
    return row.own_rate ? row.rate : usual;
  }

  const TraceRow* rows_ = nullptr;
  u32 count_ = 0;
  bool loop_ = false, sets_rate_ = false;
};

}  // namespace vnet
