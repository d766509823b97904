// SPDX-License-Identifier: GPL-2.0-only
// A queue's polls while its wire is impaired, and for as long afterwards as frames are on it.
#include <vnet/host.h>

#include "core/fault/queue_faults.h"
#include "core/frame_list.h"
#include "core/impair/wire.h"
#include "core/queue.h"

namespace vnet {

void Queue::set_wire(Wire* wire) {
  if (wire_.load_relaxed() != wire) {
    wire->count_in(&rx_count_, &host_queue_);
    wire_.store_release(wire);
  }
  wire->come_to(ordinal());
  poll_options_.fetch_or(kWire);
}

void Queue::view_wire(vnet_wire_view& view) const {
  add_stats(view.queue);
  if (const Wire* const wire = wire_.load_acquire()) wire->view(view);
}

// First what has left the wire, so that it does not count as being on it; then what the ring has;
// then what of that is not to wait.
u32 Queue::receive_wire(u32 budget, Arrivals& arrivals) {
  Wire& wire = *wire_.load_relaxed();
  const u64 now = vnet_host_clock_ns();
  wire.begin_poll(ordinal(arrivals), now);
  u32 arrived = take_wire(budget, now, arrivals);
  const u32 sent = rx_.available(budget);
  for (u32 i = 0; i < sent; i++) wire.put(rx_.at(i), now);
  received(sent, 0, 0);
  wire.end_poll();
  arrived += take_wire(budget - arrived, now, arrivals);
  const u32 work = arrived > sent ? arrived : sent;
  if (work == budget) return work;  // another poll follows
  if (const u64 due = wire.deadline()) arm_wire(due);
  if (wire.idle()) poll_options_.fetch_and(~u32{kWire});
  return work;
}

// By the clock as it is now: what the poll has taken would be late by.
void Queue::arm_wire(u64 due) {
  const u64 now = vnet_host_clock_ns();
  vnet_host_deadline_arm(host_queue_, due > now ? due - now : 1);
}

// Frames of the wire that have come off the ring. By conservation they are with the host, lost, or
// on the wire: so they are numbered also while nothing is done to them.
u64 Queue::come() const {
  const Wire* const wire = wire_.load_acquire();
  return rx_count_.frames.get() + rx_count_.drops.sum() + (wire ? wire->surplus() : 0) +
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
  u32 taken = 0;
  for (; taken < limit && !is_held_up(); taken++) {
    vnet_frame* const frame = wire.take(now);
    if (!frame) break;
    arrive(frame, arrivals);
  }
  return taken;
}

void Queue::arrive(vnet_frame* frame, Arrivals& arrivals) {
  if (poll_options_.load_relaxed() & kFaults) {
    faults_.load_acquire()->arriving = wire_.load_relaxed()->number_of(*frame);
    return arrive_faulty(frame, arrivals);
  }
  if (lets_in(frame)) arrivals.add(frame);
}

vnet_frame* Queue::end_arrivals(const Arrivals& arrivals) {
  rx_count_.frames.add(arrivals.frames);
  rx_count_.bytes.add(arrivals.bytes);
  return arrivals.list.first();
}

void Queue::wire_deadline() {
  wire_.load_acquire()->deadline_over();
  raise(VNET_IRQ_RX);
}

void Queue::empty_wire() {
  if (Wire* const wire = wire_.load_relaxed()) wire->empty();
}

u64 Queue::on_wire() const {
  const Wire* const wire = wire_.load_acquire();
  return wire ? wire->held() : 0;
}

}  // namespace vnet
