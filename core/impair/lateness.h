// SPDX-License-Identifier: GPL-2.0-only
// How late frames leave a wire: a histogram of four classes to an octave, so that a quantile is
// known to an eighth. Up to 3 ns each is a class of its own.
#pragma once

#include <vnet/impair.h>

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

// The class of a lateness in nanoseconds.
constexpr u32 late_bucket(u64 late) {
  if (late < 4) return static_cast<u32>(late);
  const u32 octave = 63 - static_cast<u32>(__builtin_clzll(late));
  const u32 bucket = (octave - 1) * 4 + static_cast<u32>(late >> (octave - 2) & 3);
  return bucket < VNET_LATE_BUCKETS ? bucket : VNET_LATE_BUCKETS - 1;
}

// The least lateness of a class.
constexpr u64 late_floor(u32 bucket) {
  if (bucket < 4) return bucket;
  return u64{4 + bucket % 4} << (bucket / 4 - 1);
}

class Lateness {
 public:
  void add(u64 late) {
    bucket_[late_bucket(late)].add(1);
    sum_.add(late);
    if (late > max_.get()) max_.add(late - max_.get());
  }
  void add_to(vnet_impair_stats& stats) const {
    for (u32 i = 0; i < VNET_LATE_BUCKETS; i++) stats.late[i] += bucket_[i].get();
    stats.late_sum += sum_.get();
    if (max_.get() > stats.late_max) stats.late_max = max_.get();
  }

 private:
  Counter<u64> bucket_[VNET_LATE_BUCKETS], sum_, max_;
};

}  // namespace vnet
