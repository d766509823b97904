// SPDX-License-Identifier: GPL-2.0-only
// The virtual interrupt of a queue: a status word of pending causes, and a mask.
//
// Raising masks the line, as MSI-X with auto-mask does: the host hears of an interrupt once and
// hears of no other until it has polled and unmasked. Causes that come in while the line is masked
// stay in the status word, and unmask() refuses while there are any: that is the NAPI race, closed
// in one place.
//
// A deferred line is unmasked and has causes pending for which the host is told only by expire() or
// by the next raise(). Whoever defers it arms a deadline afterwards, or ends the wait, and expire()
// comes after the last deadline armed: so no deferral is forgotten.
//
// Concurrency: raise(), defer(), expire() and status() by anybody; ack(), unmask(),
// unmask_deferred(), reset() by the queue's poll or, while nothing polls, by control.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

class IrqLine {
 public:
  static constexpr u32 kCauses = VNET_IRQ_RX | VNET_IRQ_TX;

  // True: the line was unmasked, the host has to be told.
  bool raise(u32 causes) { return !(status_.fetch_or(causes | kMasked) & kMasked); }

  // Causes of which nobody is told: they wait for the next raise, or for the unmask.
  void note(u32 causes) { status_.fetch_or(causes); }

  // Not yet: true if the line is deferred by this call, and needs a deadline.
  bool defer(u32 causes) { return !(status_.fetch_or(causes | kDeferred) & (kMasked | kDeferred)); }

  // The end of a deferral. True: there was one, the line is masked, the host has to be told.
  bool expire() {
    for (;;) {
      const u32 seen = status_.load_relaxed();
      if ((seen & (kMasked | kDeferred)) != kDeferred) return false;
      if (status_.compare_exchange(seen, (seen & kCauses) | kMasked)) return true;
    }
  }

  // Takes the pending causes; the line stays masked. Comes before the work: a cause that is raised
  // after it is found by unmask().
  u32 ack() { return status_.exchange(kMasked) & kCauses; }

  // False: a cause is pending, the line stays masked and the caller polls again.
  bool unmask() { return status_.compare_exchange(kMasked, 0); }

  // Of a poll whose end has something to see to first: its unmask() refuses, for that alone.
  void refuse_unmask() { status_.fetch_or(kRefused); }
  // True: it was refused for that. Whether a cause is pending is to be found out by another.
  bool was_refused() {
    return status_.load_relaxed() & kRefused && status_.fetch_and(~kRefused) & kRefused;
  }

  // After unmask() refused: unmasks and defers what is pending, which needs a deadline. False: some
  // of it may not wait, or has just come in.
  bool unmask_deferred(u32 causes) {
    const u32 seen = status_.load_relaxed();
    return (seen & kCauses) == causes && status_.compare_exchange(seen, causes | kDeferred);
  }

  void reset(bool masked) { status_.store_release(masked ? kMasked : 0); }

  u32 status() const { return status_.load_relaxed() & kCauses; }
  // The next raise would be told.
  bool quiet() const { return !(status_.load_relaxed() & (kMasked | kDeferred)); }
  bool masked() const { return status_.load_relaxed() & kMasked; }

 private:
  static constexpr u32 kMasked = 0x80000000u;
  static constexpr u32 kDeferred = 0x40000000u;  // means something only while the line is unmasked
  static constexpr u32 kRefused = 0x20000000u;   // until the next unmask, or acknowledgement
  Atomic<u32> status_{kMasked};
};

}  // namespace vnet
