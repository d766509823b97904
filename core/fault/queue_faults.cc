// SPDX-License-Identifier: GPL-2.0-only
#include "core/fault/queue_faults.h"

namespace vnet {

void QueueFaults::set(const Masks& masks) {
  transmit_.store_release(masks.transmit);
  receive_.store_release(masks.receive);
  interrupt_.store_release(masks.interrupt);
  reset_.store_release(masks.reset);
  cuts_.store_relaxed(masks.cuts);
}

bool QueueFaults::any() const {
  return transmit_.load_relaxed() | receive_.load_relaxed() | interrupt_.load_relaxed() |
         reset_.load_relaxed();
}

Strike QueueFaults::strike_transmit(const vnet_frame& frame, u64 now) {
  Strike strike;
  each(transmit_.load_acquire(), [&](Fault& fault) {
    if (fault.strikes(queue_, &frame, frame.wire_frames, now))
      strike.kinds |= 1u << fault.config().what;
  });
  return strike;
}

Strike QueueFaults::strike_receive(const vnet_frame& frame, u64 now) {
  Strike strike;
  each(receive_.load_acquire(), [&](Fault& fault) {
    const u32 what = fault.config().what;
    if (1u << what & kKeepsFrames) return;
    if (!fault.strikes(queue_, &frame, frame.wire_frames, now, arriving)) return;
    strike.kinds |= 1u << what;
    if (what == VNET_FAULT_TRUNCATE || what == VNET_FAULT_BAD_LENGTH)
      strike.length = fault.value();
    else if (what == VNET_FAULT_DMA_SLOW)
      strike.slow = fault.value();
    else if (what == VNET_FAULT_IRQ_SPURIOUS)
      raise_spurious();
  });
  return strike;
}

bool QueueFaults::strikes_filter(vnet_fault_kind what, const vnet_frame& frame, u64 now) {
  bool struck = false;
  each(receive_.load_acquire(), [&](Fault& fault) {
    if (fault.config().what == what &&
        fault.strikes(queue_, &frame, frame.wire_frames, now, arriving))
      struck = true;
  });
  return struck;
}

bool QueueFaults::loses_interrupt(u64 now) {
  bool lost = false;
  each(interrupt_.load_acquire(), [&](Fault& fault) {
    if (!fault.strikes(queue_, nullptr, 1, now)) return;
    lost = true;
    if (fault.window()) leave(losing);
  });
  return lost;
}

bool QueueFaults::fails_reset(u64 now) {
  bool fails = false;
  each(reset_.load_acquire(),
       [&](Fault& fault) { fails |= fault.strikes(queue_, nullptr, 1, now); });
  return fails;
}

void QueueFaults::reset() const {
  each(transmit_.load_acquire() | receive_.load_acquire() | interrupt_.load_acquire() |
           reset_.load_acquire(),
       [&](Fault& fault) { fault.reset(queue_); });
}

bool QueueFaults::lasts(vnet_fault_kind what, u64 now) const {
  bool lasts = false;
  each(transmit_.load_acquire() | receive_.load_acquire() | interrupt_.load_acquire(),
       [&](const Fault& fault) {
         if (fault.config().what == what) lasts |= fault.lasts(queue_, now);
       });
  return lasts;
}

}  // namespace vnet
