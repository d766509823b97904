// SPDX-License-Identifier: GPL-2.0-only
// Interrupt moderation of a queue: for how long, and for how many frames, its receive interrupt may
// wait. IrqLine is the mechanism; here is the policy, fixed by control or chosen from what polls
// find.
//
// Concurrency: configure() by control; polled() by the queue's poll; the const members by anybody.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

class Moderation {
 public:
  struct Wait {
    u32 usecs;   // after the first frame; 0: not at all
    u32 frames;  // the frame that ends the wait; 0: none does
    u64 nanoseconds() const { return usecs * 1000ull; }
    bool ended_by(u32 pending) const { return frames && pending >= frames; }
  };

  // Adaptive: `fixed` does not count.
  void configure(Wait fixed, bool adaptive);

  // Never a wait, whatever polls find: all that an unmoderated queue ever asks.
  bool off() const { return !setting_.load_relaxed(); }
  // Off or not, off() is false: somebody else looks at each interrupt.
  void watch(bool on);
  // The same; the queue's wire asks when frames come to the ring, and lets them gather there.
  void let_gather(bool on);
  bool lets_gather() const { return setting_.load_relaxed() & kGathers; }
  bool adaptive() const { return setting_.load_relaxed() & kAdaptive; }
  Wait in_force() const;

  // Adaptive, once per poll: it took `frames` descriptors.
  void polled(u32 frames, u64 now);

 private:
  void adapt(u64 elapsed);
  void flag(u64 bit, bool on);

  // Bits of setting_: one word, so that a wait is read in one piece.
  static constexpr u64 kAdaptive = 1ull << 63;
  static constexpr u64 kWatched = 1ull << 62, kGathers = 1ull << 61;
  static constexpr u32 kUsecsShift = 32;

  Atomic<u64> setting_;  // 0: off
  Atomic<u8> level_;     // adaptive: the profile; the poll's, and control's for a new start

  // The poll's.
  u8 patience_ = 0;  // samples until the next step up
  u32 frames_ = 0;   // of the sample
  u64 since_ = 0;    // when it began
};

}  // namespace vnet
