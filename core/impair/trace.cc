// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/trace.h"

namespace vnet {
namespace {

constexpr u64 kWhole = u64{1} << 32;  // a frame, in the parts in which its sending is counted

// Of `whole` ns the time of so many parts, rounded up.
u64 time_of(u64 parts, u64 whole) {
  const u64 high = whole >> 32, low = whole & (kWhole - 1);
  return high * parts + (low * parts + kWhole - 1) / kWhole;
}

// How many parts of a frame that takes `whole` ns are sent in `span` of them, rounded down: what is
// sent is never early.
u64 parts_in(u64 span, u64 whole) {
  while (whole >= kWhole) {
    whole = (whole >> 1) + 1;
    span >>= 1;
  }
  return span * kWhole / whole;
}

}  // namespace

void Trace::init(const TraceRow* rows, u32 count, bool loop) {
  rows_ = rows;
  count_ = count;
  loop_ = loop;
  for (u32 i = 0; i < count; i++) sets_rate_ |= rows[i].own_rate;
}

TracePlace Trace::at(u64 begin, u64 time) const {
  u64 at = time > begin ? time - begin : 0;
  if (const u64 period = rows_[count_ - 1].time; loop_ && at >= period) {
    begin += at / period * period;
    at %= period;
  }
  u32 row = 0, end = count_;
  while (end - row > 1) {
    const u32 middle = row + (end - row) / 2;
    (rows_[middle].time <= at ? row : end) = middle;
  }
  return {rows_ + row, end < count_ ? begin + rows_[end].time : ~u64{0}};
}

u64 Trace::pass(RateState& state, const RatePlan& usual, u64 begin, u64 now, u64 bytes) const {
  // Of a frame that needs more rows than these, the rest is sent at the rate of the last of them.
  constexpr u32 kRows = 1000;
  u64 time = state.starts(now);
  TracePlace place = at(begin, time);
  RateState within = state;
  const u64 left_at = within.pass(rate_of(*place.row, usual), now, bytes);
  if (within.free() <= place.end) {  // as most do
    state = within;
    if (state.free() == place.end) state.round_up();  // the next row counts in other fractions
    return left_at;
  }
  u64 left = kWhole;
  for (u32 rows = 1;; rows++) {
    const u64 whole = rate_of(*place.row, usual).whole_time(bytes);
    const u64 takes = time_of(left, whole);
    if (takes <= place.end - time || rows == kRows) {
      time += takes;
      break;
    }
    left -= parts_in(place.end - time, whole);
    time = place.end;
    place = at(begin, time);
  }
  return state.pass_until(rate_of(*place.row, usual), now, time);
}

}  // namespace vnet
