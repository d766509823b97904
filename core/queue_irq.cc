// SPDX-License-Identifier: GPL-2.0-only
// When a queue's interrupt is told that may wait.
#include <vnet/host.h>

#include "core/fault/queue_faults.h"
#include "core/impair/wire.h"
#include "core/queue.h"

namespace vnet {
namespace {

// Between the interrupts of a stuck line that nothing moderates.
constexpr u64 kStormGap = 10000;

}  // namespace

void Queue::raise_or_wait() {
  if (may_gather()) return gather();
  if (loses_interrupt()) return irq_.note(VNET_IRQ_RX);
  const Moderation::Wait wait = moderation_.in_force();
  if (!may_wait(wait)) return raise(VNET_IRQ_RX);
  if (irq_.defer(VNET_IRQ_RX)) arm_after(wait.nanoseconds());
}

void Queue::arm_after(u64 delay) {
  vnet_host_deadline_arm(host_queue_, vnet_host_clock_ns() + delay);
}

// Half a ring always ends the wait: the sender must not come to a stop for it. And a wire has the
// deadline for itself.
bool Queue::may_wait(Moderation::Wait wait) const {
  const u32 pending = rx_.size();
  return wait.usecs && !wait.ended_by(pending) && pending < wake_level() &&
         !(poll_options_.load_relaxed() & kWire);
}

// The end of a poll, with a cause pending: true if it may not wait. The look comes after the
// unmask: a frame that may not wait and came before it has met the mask, its raise has told nobody.
bool Queue::again_at_once() {
  if (irq_.was_refused()) {
    if (wire_is_due()) return true;
    if (irq_.unmask()) return false;
  }
  if (may_gather() && irq_.unmask_deferred(VNET_IRQ_RX)) {
    if (wire_.load_relaxed()->is_over()) return irq_.expire();  // it may be what is pending
    gather_until(vnet_host_clock_ns() + kGather);
    return false;
  }
  const bool wire = poll_options_.load_relaxed() & kWire;  // has the deadline for itself
  const Moderation::Wait wait = wire ? Moderation::Wait{0, 0} : moderation_.in_force();
  const bool storms = has_fault(VNET_FAULT_IRQ_STORM);
  u64 delay = wait.nanoseconds();
  if (storms && delay < kStormGap) delay = kStormGap;
  if (!delay || !irq_.unmask_deferred(VNET_IRQ_RX)) return true;
  if (!storms && !may_wait(wait)) return irq_.expire();
  arm_after(delay);
  return false;
}

void Queue::deadline() {
  const u32 options = poll_options_.load_acquire();
  // Also of a wire that has nothing left to do: nobody must wait for what has come.
  if (Wire* const wire = wire_.load_acquire()) wire->deadline_over();
  if (options & (kWire | kFaults)) raise(VNET_IRQ_RX);
  if (irq_.expire()) vnet_host_irq_raise(host_queue_);
}

}  // namespace vnet
