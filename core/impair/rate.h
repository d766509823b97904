// SPDX-License-Identifier: GPL-2.0-only
// A wire of limited rate: the generic cell rate algorithm (ITU-T I.371, virtual scheduling), which
// is a token bucket without tokens. The bytes that leave in any time t are at most
// rate * t + burst + one frame.
#pragma once

#include "core/base/types.h"

namespace vnet {

struct RatePlan {
  static constexpr u64 kForever = 1ull << 62;  // ns: a time of now more does not overflow

  u64 ns_per_byte = 0;  // fixed point, `shift` bits behind the point, rounded up; 0: no limit
  u32 shift = 0;
  u64 burst_ns = 0;

  bool active() const { return ns_per_byte; }

  // `bits_per_second` from 1 to VNET_RATE_MAX.
  void compile(u64 bits_per_second, u32 burst) {
    constexpr u64 kBitNs = 8000000000;  // 2^32.9: 31 more bits fit
    for (shift = 31; shift && (kBitNs << shift) / bits_per_second >> kBytesRoom; shift--) {
    }
    ns_per_byte = ((kBitNs << shift) + bits_per_second - 1) / bits_per_second;
    burst_ns = scaled_time(burst);
  }

  // Of up to 2^27 bytes: a super-frame with the overhead of all its segments.
  u64 time(u64 bytes) const { return bytes * ns_per_byte; }
  // The same in ns, rounded up.
  u64 whole_time(u64 bytes) const {
    return (time(bytes) >> shift) + (time(bytes) & ((u64{1} << shift) - 1) ? 1 : 0);
  }

 private:
  static constexpr u32 kBytesRoom = 36;
  // burst may be up to 2^32 bytes: in two steps.
  u64 scaled_time(u64 bytes) const {
    const u64 high = (bytes >> 16) * ns_per_byte >> shift;
    if (high >= kForever >> 16) return kForever;
    return (high << 16) + ((bytes & 0xffff) * ns_per_byte >> shift);
  }
};

// When the wire is free again, if every frame had taken its time.
class RateState {
 public:
  // A frame of `bytes` that comes `now`: when it has left.
  u64 pass(const RatePlan& plan, u64 now, u64 bytes) {
    if (free_ns_ < now) {
      free_ns_ = now;
      free_fraction_ = 0;
    }
    const u64 time = plan.time(bytes) + free_fraction_;
    free_ns_ += time >> plan.shift;
    if (free_ns_ > RatePlan::kForever) free_ns_ = RatePlan::kForever;
    free_fraction_ = time & ((u64{1} << plan.shift) - 1);
    return leaves(plan, now);
  }
  // The same of a frame whose time was reckoned elsewhere.
  u64 pass_until(const RatePlan& plan, u64 now, u64 time) {
    free_ns_ = time < RatePlan::kForever ? time : RatePlan::kForever;
    free_fraction_ = 0;
    return leaves(plan, now);
  }

  // In whole ns, never early.
  u64 free() const { return free_ns_ + (free_fraction_ != 0); }
  // When a frame that comes `now` begins to be sent.
  u64 starts(u64 now) const { return free() > now ? free() : now; }
  // Another rate: what was begun at the former one ends by it.
  void round_up() {
    free_ns_ = free();
    free_fraction_ = 0;
  }

 private:
  u64 leaves(const RatePlan& plan, u64 now) const {
    return free() > now + plan.burst_ns ? free() - plan.burst_ns : now;
  }

  u64 free_ns_ = 0, free_fraction_ = 0;
};

}  // namespace vnet
