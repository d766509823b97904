// SPDX-License-Identifier: GPL-2.0-only
// What faults do to a queue: the ways that frames, interrupts and resets take while it has any.
#include <vnet/host.h>

#include "core/fault/queue_faults.h"
#include "core/impair/wire.h"
#include "core/queue.h"

namespace vnet {
namespace {

constexpr u64 kResetRetry = 10000000;  // ns

}  // namespace

// ---- control

void Queue::settle_faults(u64 now) {
  QueueFaults* const faults = faults_.load_acquire();
  if (!faults) return;
  if (faults->at_transmit())
    tx_word_.fetch_or(kTxFaults);
  else
    tx_word_.fetch_and(~kTxFaults);
  moderation_.watch(faults->any());
  if (faults->any()) poll_options_.fetch_or(kFaults);  // the poll finds out when that is over
  if (faults->hung.load_relaxed() && !faults->lasts(VNET_FAULT_TX_STALL, now)) {
    faults->hung.store_relaxed(false);
    tx_word_.fetch_and(~VNET_TX_HUNG);
    if (is_open()) raise(VNET_IRQ_TX);
  }
  // What has waited for the end of a fault; and a storm begins by itself.
  bool due = faults->lasts(VNET_FAULT_IRQ_STORM, now);
  if (faults->stalled.load_relaxed() && !faults->lasts(VNET_FAULT_RX_STALL, now)) {
    faults->stalled.store_relaxed(false);
    due = true;
  }
  if (faults->losing.load_relaxed() && !faults->lasts(VNET_FAULT_IRQ_LOST, now)) {
    faults->losing.store_relaxed(false);
    due = true;
  }
  if (!is_open()) return;
  if (due) raise(VNET_IRQ_RX);
  // An interrupt without a cause; not while one is under way.
  if (faults->spurious.exchange(0) && irq_.raise(0)) vnet_host_irq_raise(host_queue_);
}

void Queue::set_flapped(bool flapped) {
  if (flapped)
    tx_word_.fetch_or(kTxFlapped);
  else
    tx_word_.fetch_and(~kTxFlapped);
}

void Queue::drop_parked() {
  QueueFaults* const faults = faults_.load_acquire();
  if (!faults) return;
  FrameList left;
  while (vnet_frame* const frame = faults->parked.pop_front()) {
    rx_count_.drops.add(VNET_DROP_STOPPED, frame->wire_frames);
    left.push_back(frame);
  }
  faults->parked_count.add(0 - faults->parked_count.get());
  faults->parked_wire_frames.add(0 - faults->parked_wire_frames.get());
  faults->needs_reset = false;
  faults->slow_until = 0;
  faults->stalled.store_relaxed(false);
  if (!left.empty()) vnet_host_frames_drop(host_queue_, left.first(), 1, VNET_DROP_STOPPED);
}

// ---- transmit

// False: the frame was lost.
bool Queue::faulty_admit(vnet_frame* frame) {
  QueueFaults& faults = *faults_.load_acquire();
  const Strike strike = faults.strike_transmit(*frame, vnet_host_clock_ns());
  tx_word_.fetch_and(~kTxStruck);  // by a frame that was admitted and not put
  if (strike.by(VNET_FAULT_DMA_ERROR)) {
    drop_tx(frame, VNET_DROP_DMA_ERROR);
    return false;
  }
  if (strike.by(VNET_FAULT_TX_STALL)) tx_word_.fetch_or(kTxStruck);
  return true;
}

// The frame that was put is the last that the engine has sent.
void Queue::stall_tx(Queue& peer) {
  tx_word_.fetch_and(~kTxStruck);
  if (tx_state() & VNET_TX_HUNG) return;
  stop_tx(VNET_TX_STOPPED | VNET_TX_HUNG, peer);
  QueueFaults& faults = *faults_.load_acquire();
  faults.leave(faults.hung);
}

// (T of the other end) Only an interrupt that would be told can be lost.
bool Queue::loses_interrupt() {
  QueueFaults* const faults = faults_.load_acquire();
  return faults && faults->any() && irq_.quiet() && faults->loses_interrupt(vnet_host_clock_ns());
}

// ---- poll

bool Queue::has_fault(u32 what) const {
  if (!(poll_options_.load_relaxed() & kFaults)) return false;
  return faults_.load_acquire()->lasts(static_cast<vnet_fault_kind>(what), vnet_host_clock_ns());
}

// Nothing is delivered.
bool Queue::is_blocked() const {
  if (!(poll_options_.load_relaxed() & kFaults)) return false;
  const QueueFaults& faults = *faults_.load_acquire();
  return faults.needs_reset || faults.stalled.load_relaxed() ||
         faults.slow_until > vnet_host_clock_ns();
}

// Nor is anything taken. With rx-stall, frames go on to come: the sender's ring is the wire then,
// and what fills is the device.
bool Queue::is_held_up() const {
  return is_blocked() && !faults_.load_acquire()->stalled.load_relaxed();
}

vnet_frame* Queue::receive_faulty(u32 budget, u32& work) {
  QueueFaults& faults = *faults_.load_acquire();
  if (faults.stalled.load_relaxed() && !has_fault(VNET_FAULT_RX_STALL))
    faults.stalled.store_relaxed(false);
  if (faults.needs_reset) reset_rx();
  Arrivals arrivals;
  work = 0;
  for (; !is_blocked() && work < budget && !faults.parked.empty(); work++) {
    vnet_frame* const frame = faults.parked.pop_front();
    faults.parked_count.add(~0ull);
    faults.parked_wire_frames.add(0 - u64{frame->wire_frames});
    // Of an earlier run it has none any more.
    const u64 copy = frame->due & Fault::kCopy, number = frame->due & ~Fault::kCopy;
    const u64 origin = run_origin_.load_relaxed();
    faults.arriving = number > origin ? copy | (number - origin) : 0;
    if (lets_in(frame)) arrivals.add(frame);
  }
  if (!is_held_up() && work < budget) {
    const bool wire = poll_options_.load_relaxed() & kWire;
    work += wire ? receive_wire(budget - work, arrivals) : take_ring(budget - work, arrivals);
  }
  vnet_frame* const list = end_arrivals(arrivals);
  const u64 now = vnet_host_clock_ns();
  if (faults.needs_reset)
    arm_for_wire_too(now + kResetRetry);
  else if (faults.slow_until > now)
    arm_for_wire_too(faults.slow_until);
  else if (!faults.parked.empty() && !is_blocked())
    work = budget;  // another poll follows
  if (has_fault(VNET_FAULT_IRQ_STORM)) irq_.note(VNET_IRQ_RX);
  if (!faults.any() && faults.parked.empty() && !faults.needs_reset)
    poll_options_.fetch_and(~u32{kFaults});
  return list;
}

// Nothing leaves the wire before that either. Should the fault end earlier, the poll then arms the
// wire's own deadline again.
void Queue::arm_for_wire_too(u64 at) {
  if (poll_options_.load_relaxed() & kWire) wire_.load_relaxed()->deadline_over();
  vnet_host_deadline_arm(host_queue_, at);
}

u32 Queue::take_ring(u32 budget, Arrivals& arrivals) {
  QueueFaults& faults = *faults_.load_acquire();
  u32 taken = 0;
  vnet_frame* frame;
  for (u64 next = ordinal(arrivals) + 1; taken < budget && !is_held_up() && rx_.pop(frame);) {
    taken++;
    faults.arriving = next;
    next += frame->wire_frames;
    arrive_faulty(frame, arrivals);
  }
  received(0, 0, 0);
  return taken;
}

void Queue::arrive_faulty(vnet_frame* frame, Arrivals& arrivals) {
  if (frame->wire_frames > 1 && faults_.load_acquire()->cuts())
    return arrive_segments(frame, arrivals);
  arrive_struck(frame, arrivals);
}

void Queue::arrive_segments(vnet_frame* frame, Arrivals& arrivals) {
  vnet_frame* const held = hold(frame);
  vnet_frame* segment = held ? vnet_host_frame_segment(held) : nullptr;
  if (!segment) return drop_rx(held ? held : frame, VNET_DROP_NO_MEMORY);
  // The rest waits for the next poll if it has to: a poll's budget holds.
  QueueFaults& faults = *faults_.load_acquire();
  for (bool first = true; segment; first = false) {
    vnet_frame* const next = segment->next;
    if (!first && faults.arriving) faults.arriving++;
    if (first)
      arrive_struck(segment, arrivals);
    else
      park_struck(segment);
    segment = next;
  }
}

void Queue::arrive_struck(vnet_frame* frame, Arrivals& arrivals) {
  frame = struck(frame);
  if (!frame) return;
  if (is_blocked() || !faults_.load_acquire()->parked.empty()) return park_or_miss(frame);
  if (lets_in(frame)) arrivals.add(frame);
}

void Queue::park_struck(vnet_frame* frame) {
  frame = struck(frame);
  if (frame) park_or_miss(frame);
}

// A wire may have linked it, where it says who receives it (vnet_frame).
vnet_frame* Queue::hold(vnet_frame* frame) {
  frame->receiver = host_queue_;
  return vnet_host_frame_hold(frame);
}

// While nothing is delivered, there is a descriptor for as many frames as the ring has, and they
// are the device's: neither the sender's queue limits nor its socket wait for them.
void Queue::park_or_miss(vnet_frame* frame) {
  const QueueFaults& faults = *faults_.load_acquire();
  if (!faults.stalled.load_relaxed()) return park(frame);
  if (faults.parked_count.get() >= rx_.capacity()) return drop_rx(frame, VNET_DROP_RX_MISSED);
  vnet_frame* const held = hold(frame);
  if (!held) return drop_rx(frame, VNET_DROP_NO_MEMORY);
  park(held);
}

void Queue::park(vnet_frame* frame) {
  QueueFaults& faults = *faults_.load_acquire();
  frame->due = faults.arriving ? faults.arriving + run_origin_.load_relaxed() : 0;
  faults.parked.push_back(frame);
  faults.parked_count.add(1);
  faults.parked_wire_frames.add(frame->wire_frames);
}

// What has met the frame happens to it. Null: it was lost.
vnet_frame* Queue::struck(vnet_frame* frame) {
  QueueFaults& faults = *faults_.load_acquire();
  const u64 now = vnet_host_clock_ns();
  const Strike strike = faults.strike_receive(*frame, now);
  if (strike.by(VNET_FAULT_RX_OVERRUN)) return lost(frame, VNET_DROP_RX_OVERRUN);
  if (strike.by(VNET_FAULT_RING_CORRUPT)) {
    drop_rx(frame, VNET_DROP_BAD_DESCRIPTOR);
    reset_rx();
    return nullptr;
  }
  if (strike.by(VNET_FAULT_BAD_LENGTH) || strike.by(VNET_FAULT_TRUNCATE))
    frame = shorten(frame, strike);
  if (frame && (strike.by(VNET_FAULT_CSUM_GOOD) || strike.by(VNET_FAULT_CSUM_BAD)))
    frame = report(frame, strike.by(VNET_FAULT_CSUM_GOOD));
  if (frame && strike.by(VNET_FAULT_ALLOC_FAIL)) return lost(frame, VNET_DROP_NO_MEMORY);
  if (strike.by(VNET_FAULT_RX_STALL)) faults.leave(faults.stalled);
  if (strike.slow) faults.slow_until = now + strike.slow;
  return frame;
}

vnet_frame* Queue::lost(vnet_frame* frame, vnet_drop reason) {
  drop_rx(frame, reason);
  return nullptr;
}

// The length in the descriptor is not the frame's. The buffer is: beyond it there is nothing.
vnet_frame* Queue::shorten(vnet_frame* frame, const Strike& strike) {
  if (strike.length > frame->wire_len) {
    if (strike.by(VNET_FAULT_TRUNCATE)) return frame;  // it has fewer anyway
    return lost(frame, VNET_DROP_BAD_LENGTH);
  }
  const u32 length = static_cast<u32>(strike.length);
  if (length < kEthernetHeader) return lost(frame, VNET_DROP_RUNT);
  if (length == frame->wire_len) return frame;
  vnet_frame* const held = hold(frame);
  if (held && vnet_host_frame_truncate(held, length) == 0) return held;
  return lost(held ? held : frame, VNET_DROP_NO_MEMORY);
}

vnet_frame* Queue::report(vnet_frame* frame, bool good) {
  vnet_frame* const held = hold(frame);
  if (held && vnet_host_frame_report(held, good) == 0) return held;
  return lost(held ? held : frame, VNET_DROP_NO_MEMORY);
}

// The MAC filter's verdict, and what has become of its table.
bool Queue::is_refused(vnet_frame* frame, u64 mac, bool refused) {
  constexpr u64 kBroadcast = 0xffffffffffff;
  QueueFaults& faults = *faults_.load_acquire();
  const u64 now = vnet_host_clock_ns();
  if (refused) return !faults.strikes_filter(VNET_FAULT_MAC_FILTER_LEAK, *frame, now);
  return mac_is_multicast(mac) && mac != kBroadcast &&
         faults.strikes_filter(VNET_FAULT_MAC_FILTER_DEAF, *frame, now);
}

// ---- reset

bool Queue::fails_reset() {
  QueueFaults* const faults = faults_.load_acquire();
  if (!faults || !faults->fails_reset(vnet_host_clock_ns())) return false;
  resets_failed_.fetch_add(1);
  vnet_host_notify(host_queue_, VNET_EVENT_RESET_FAILED, resets_failed_.load_relaxed());
  return true;
}

// (P) All that is in the ring is lost with it. One that fails is tried again by each poll.
void Queue::reset_rx() {
  QueueFaults& faults = *faults_.load_acquire();
  faults.needs_reset = fails_reset();
  if (faults.needs_reset) return;
  empty_ring();
  received(0, 0, 0);  // the sender may wait for room
  drop_parked();
  faults.reset();
  resets_.add(1);
  vnet_host_notify(host_queue_, VNET_EVENT_RESET, resets_.get());
}

u64 Queue::parked() const {
  const QueueFaults* const faults = faults_.load_acquire();
  return faults ? faults->parked_count.get() : 0;
}
u64 Queue::parked_wire_frames() const {
  const QueueFaults* const faults = faults_.load_acquire();
  return faults ? faults->parked_wire_frames.get() : 0;
}

}  // namespace vnet
