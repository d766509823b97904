// SPDX-License-Identifier: GPL-2.0-only
// The virtual interrupt of a queue: a status word of pending causes, and a mask.
//
// Raising masks the line, as MSI-X with auto-mask does: the host hears of an interrupt once and
// hears of no other until it has polled and unmasked. Causes that come in while the line is masked
// stay in the status word, and unmask() refuses while there are any: that is the NAPI race, closed
// in one place.
//
// Concurrency: raise() and status() by anybody; ack(), unmask(), reset() by the queue's poll or,
// while nothing polls, by control.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

class IrqLine {
 public:
  static constexpr u32 kCauses = VNET_IRQ_RX | VNET_IRQ_TX;

  // True: the line was unmasked, the host has to be told.
  bool raise(u32 causes) { return !(status_.fetch_or(causes | kMasked) & kMasked); }

  // Takes the pending causes; the line stays masked. Comes before the work: a cause that is raised
  // after it is found by unmask().
  u32 ack() { return status_.exchange(kMasked) & kCauses; }

  // False: a cause is pending, the line stays masked and the caller polls again.
  bool unmask() { return status_.compare_exchange(kMasked, 0); }

  void reset(bool masked) { status_.store_release(masked ? kMasked : 0); }

  u32 status() const { return status_.load_relaxed() & kCauses; }
  bool masked() const { return status_.load_relaxed() & kMasked; }

 private:
  static constexpr u32 kMasked = 0x80000000u;
  Atomic<u32> status_{kMasked};
};

}  // namespace vnet
