// SPDX-License-Identifier: GPL-2.0-only
// A queue's polls while its wire is impaired, and for as long afterwards as frames are on it.
#include <vnet/host.h>

#include "core/fault/queue_faults.h"
#include "core/frame_list.h"
#include "core/impair/wire.h"
#include "core/queue.h"

namespace vnet {

// ---- frames that gather in the ring
//
// A frame that the wire holds anyway need not wake the receiver for it: with the time of its
// arrival it waits in the ring for the poll that comes for a frame that is due. So on a busy wire a
// frame costs one poll and not two. Where no such poll comes soon enough, one comes for the frames
// that have gathered; a frame that is alone does not wait for others.

void Queue::note_arrival(vnet_frame* frame) {
  if (!moderation_.lets_gather()) return;
  const u64 now = vnet_host_clock_ns();
  dense_ = now - put_at_.load_relaxed() < kGather;
  put_at_.store_relaxed(now);
  frame->timed = 1;
  frame->due = now;
}

void Queue::gather() {
  const u64 until = put_at_.load_relaxed() + kGather;
  if (!dense_ && !wire_.load_acquire()->comes_by(until)) return raise(VNET_IRQ_RX);
  if (irq_.defer(VNET_IRQ_RX)) gather_until(until);
}

// Half a ring ends the wait, for the sender must not come to a stop; and a fault has the deadline
// for itself.
bool Queue::may_gather() const {
  return moderation_.lets_gather() && (poll_options_.load_relaxed() & (kWire | kFaults)) == kWire &&
         rx_.size() < wake_level();
}

// Behind the deferral: a poll that began before it has armed its deadline by now, and one that
// begins after it empties the ring, and may want an earlier one for what it puts on the wire.
void Queue::gather_until(u64 at) {
  Wire& wire = *wire_.load_acquire();
  if (wire.arm_by(at)) start_deadline(wire, at);
}

// ---- control

void Queue::set_wire(Wire* wire) {
  if (wire_.load_relaxed() != wire) {
    wire->count_in(&rx_count_, &host_queue_);
    wire_.store_release(wire);
  }
  wire->come_to(ordinal());
  poll_options_.fetch_or(kWire);
  moderation_.let_gather(wire->gathers(2 * kGather));
}

void Queue::view_wire(vnet_wire_view& view) const {
  add_stats(view.queue);
  if (const Wire* const wire = wire_.load_acquire()) wire->view(view);
}

// ---- a poll

// First what has left the wire, so that it does not count as being on it; then what the ring has;
// then what of that is not to wait.
u32 Queue::receive_wire(u32 budget, Arrivals& arrivals) {
  Wire& wire = *wire_.load_relaxed();
  const u32 in_ring = rx_.available(budget);
  const u64 now = vnet_host_clock_ns();  // behind it: no frame has come later than that
  u32 arrived = take_wire(budget, now, arrivals);
  const u32 sent = rx_.available(in_ring);  // a fault may have reset the ring
  if (sent) {
    wire.begin_poll(ordinal(arrivals), now);
    for (u32 i = 0; i < sent; i++) put_on(wire, rx_.at(i), now);
    received(sent, 0, 0);
    wire.end_poll();
    if (wire.next_due() <= now) arrived += take_wire(budget - arrived, now, arrivals);
  }
  const u32 work = arrived > sent ? arrived : sent;
  if (work == budget) return work;  // another poll follows
  if (poll_options_.load_relaxed() & kFaults)
    arm_wire(wire.next_due());
  else
    irq_.refuse_unmask();
  if (wire.idle()) poll_options_.fetch_and(~u32{kWire});
  return work;
}

void Queue::put_on(Wire& wire, vnet_frame* frame, u64 now) {
  wire.put(frame, frame->timed ? frame->due : now);
}

// The end of a poll, when the host has dealt with what it took: true if meanwhile another frame is
// due, which needs no timer. Before the unmask, see gather_until(). While frames follow each other
// closely the deadline comes for those that gather, too.
bool Queue::wire_is_due() {
  Wire& wire = *wire_.load_relaxed();
  const u64 due = wire.next_due();
  if (due == Wire::kNever) return false;
  const u64 now = vnet_host_clock_ns();
  if (due <= now) {
    irq_.note(VNET_IRQ_RX);
    return true;
  }
  const bool dense = moderation_.lets_gather() && now - put_at_.load_relaxed() < kGather;
  arm_wire(dense && now + kGather < due ? now + kGather : due);
  return false;
}

void Queue::arm_wire(u64 at) {
  Wire& wire = *wire_.load_acquire();
  if (wire.arm(at)) start_deadline(wire, at);
}

// Somebody may have asked for an earlier one since, and this have replaced it.
void Queue::start_deadline(const Wire& wire, u64 at) {
  vnet_host_deadline_arm(host_queue_, at);
  const u64 other = wire.armed();
  if (other && other < at) vnet_host_deadline_arm(host_queue_, other);
}

// Frames of the wire that have come off the ring. By conservation they are with the host, lost, or
// on the wire: so they are numbered also while nothing is done to them.
u64 Queue::come() const {
  const Wire* const wire = wire_.load_acquire();
  return rx_count_.frames.get() + rx_count_.drops.all.get() + (wire ? wire->surplus() : 0) +
         parked_wire_frames();
}

u64 Queue::ordinal() const {
  return come() - run_origin_.load_relaxed();
}

// Also in a poll that has arrivals already.
u64 Queue::ordinal(const Arrivals& arrivals) const {
  return ordinal() + arrivals.frames;
}

void Queue::begin_run() {
  run_origin_.store_relaxed(come());
}

// What is due goes through the filters, as from the ring.
u32 Queue::take_wire(u32 limit, u64 now, Arrivals& arrivals) {
  Wire& wire = *wire_.load_relaxed();
  const bool faulty = poll_options_.load_relaxed() & kFaults;
  u32 taken = 0;
  for (; taken < limit && !(faulty && is_held_up()); taken++) {
    const u64 due = wire.next_due();
    if (due > now) break;
    arrive(wire.take(due, now), arrivals);
  }
  return taken;
}

void Queue::arrive(vnet_frame* frame, Arrivals& arrivals) {
  if (poll_options_.load_relaxed() & kFaults) {
    const u64 number = wire_.load_relaxed()->number_of(*frame);
    faults_.load_acquire()->arriving = number && frame->copy ? number | Fault::kCopy : number;
    return arrive_faulty(frame, arrivals);
  }
  if (lets_in(frame)) arrivals.add(frame);
}

vnet_frame* Queue::end_arrivals(const Arrivals& arrivals) {
  rx_count_.frames.add(arrivals.frames);
  rx_count_.bytes.add(arrivals.bytes);
  return arrivals.list.first();
}

void Queue::empty_wire() {
  if (Wire* const wire = wire_.load_relaxed()) wire->empty();
}

u64 Queue::on_wire() const {
  const Wire* const wire = wire_.load_acquire();
  return wire ? wire->held() : 0;
}

}  // namespace vnet
