// SPDX-License-Identifier: GPL-2.0-only
#include "core/queue.h"

#include <vnet/host.h>

#include "core/fault/queue_faults.h"
#include "core/frame_list.h"
#include "core/translate.h"

namespace vnet {
namespace {

u64 destination(const vnet_frame* frame) {
  return mac_value_of_8(frame->dst);
}
}  // namespace

void Queue::init(void* host_device, const MacFilter* filter, const VlanFilter* vlans) {
  host_device_ = host_device;
  filter_ = filter;
  vlans_ = vlans;
}

void Queue::configure(const Settings& settings) {
  lockup_.store_relaxed(settings.lockup);
  u32 old, with_options;
  do {
    old = tx_word_.load_relaxed();
    with_options = (old & (kTxState | kTxKept)) | settings.tx_options;
  } while (!tx_word_.compare_exchange(old, with_options));
  max_payload_.store_relaxed(settings.max_payload);
  moderation_.configure(settings.rx_wait, settings.adaptive_rx);
  if (settings.adaptive_rx)
    poll_options_.fetch_or(kAdaptive);
  else
    poll_options_.fetch_and(~u32{kAdaptive});
  deadline();  // what waits does so under the old settings
}

void Queue::set_ring(vnet_frame** slots, u32 ring_size) {
  rx_.init(slots, ring_size);
  wake_level_.store_relaxed(ring_size / 2);
}

void Queue::open(vnet_frame** slots, u32 ring_size) {
  set_ring(slots, ring_size);
  tx_word_.fetch_and(~kTxState);
  watchdog_.restart();
  doorbell_due_ = 0;
  open_.store_relaxed(true);
  irq_.reset(/*masked=*/false);
}

void Queue::empty_ring() {
  FrameList left;
  vnet_frame* frame;
  while (rx_.pop(frame)) {
    rx_count_.drops.add(VNET_DROP_STOPPED, frame->wire_frames);
    left.push_back(frame);
  }
  if (!left.empty()) vnet_host_frames_drop(host_queue_, left.first(), 1, VNET_DROP_STOPPED);
}

void Queue::replace_ring(vnet_frame** slots, u32 ring_size) {
  empty_ring();
  set_ring(slots, ring_size);
}

void Queue::stop() {
  open_.store_relaxed(false);
  empty_ring();
  empty_wire();
  drop_parked();
  irq_.reset(/*masked=*/true);
  tx_word_.fetch_and(~kTxState);
  watchdog_.restart();
}

void Queue::recover() {
  if (!(tx_state() & VNET_TX_HUNG)) wake_tx();
  raise(VNET_IRQ_RX);  // the doorbell of what is in the ring may not have come
}

void Queue::raise(u32 causes) {
  if (irq_.raise(causes)) vnet_host_irq_raise(host_queue_);
}

// ---- transmit

// Most frames: a leaf function, which has no register to save.
vnet_verdict Queue::admit(vnet_frame* frame) {
  Queue* const peer = peer_.load_acquire();
  if (!peer || !is_plain(*frame, *peer)) [[unlikely]]
    return admit_any(frame, peer);
  receiver_ = peer;
  frame->receiver = peer->host_queue_;
  return VNET_TX_ADMITTED;
}

// There is room, and nothing to be done to the frame. A runt's length wraps around: too long.
bool Queue::is_plain(const vnet_frame& frame, const Queue& peer) const {
  return !(tx_word_.load_relaxed() & kTxNotPlain) && peer.rx_.has_room() &&
         (frame.len - kEthernetHeader <= peer.max_payload_.load_relaxed() || frame.wire_frames > 1);
}

vnet_verdict Queue::admit_any(vnet_frame* frame, Queue* peer) {
  if (!peer)
    return refused(
        frame, tx_word_.load_relaxed() & kTxFlapped ? VNET_DROP_LINK_FLAP : VNET_DROP_LINK_DOWN);
  if (tx_state()) return VNET_TX_BUSY;
  if (peer->rx_.full()) {
    // left over from before the device was opened again
    stop_tx(VNET_TX_STOPPED, *peer);
    return VNET_TX_BUSY;
  }
  if (frame->len < kEthernetHeader) return refused(frame, VNET_DROP_RUNT);
  if (frame->len - kEthernetHeader > peer->max_payload_.load_relaxed() && frame->wire_frames == 1)
    return refused(frame, VNET_DROP_TOO_LONG);
  if (!prepare(frame, *peer, tx_word_.load_relaxed())) return VNET_TX_DROPPED;
  if (tx_word_.load_relaxed() & kTxFaults && !faulty_admit(frame)) return VNET_TX_DROPPED;
  receiver_ = peer;
  frame->receiver = peer->host_queue_;
  return VNET_TX_ADMITTED;
}

vnet_verdict Queue::refused(vnet_frame* frame, vnet_drop reason) {
  drop_tx(frame, reason);
  return VNET_TX_DROPPED;
}

void Queue::put(vnet_frame* frame, u32 more) {
  Queue& peer = *receiver_;  // also if the link goes meanwhile: control waits for us
  if (!peer.moderation_.off()) [[unlikely]]
    return put_moderated(frame, more);
  // The frame is the receiver's as soon as it is in the ring: count first.
  tx_count_.frames.add(frame->wire_frames);
  tx_count_.bytes.add(frame->wire_len);
  tx_ordinal_++;
  const bool full = peer.rx_.put(frame);
  if (full || tx_word_.load_relaxed() & (kLockup | kTxStruck)) [[unlikely]]
    return put_and_stop(peer, full, more);
  doorbell_due_ = more;
  if (!more) peer.raise(VNET_IRQ_RX);
}

// The same, of which the other end wants to know more than that it is there.
void Queue::put_moderated(vnet_frame* frame, u32 more) {
  Queue& peer = *receiver_;
  peer.note_arrival(frame);
  tx_count_.frames.add(frame->wire_frames);
  tx_count_.bytes.add(frame->wire_len);
  tx_ordinal_++;
  const bool full = peer.rx_.put(frame);
  if (full || tx_word_.load_relaxed() & (kLockup | kTxStruck))
    return put_and_stop(peer, full, more);
  doorbell_due_ = more;
  if (!more) peer.raise_or_wait();
}

// The end of a put that may stop the queue, and so end the batch.
void Queue::put_and_stop(Queue& peer, bool full, u32 more) {
  if (const u32 every = lockup_.load_relaxed()) hang_on_lockup(peer, every);
  if (tx_word_.load_relaxed() & kTxStruck) stall_tx(peer);
  if (full && !tx_state()) stop_tx(VNET_TX_STOPPED, peer);
  doorbell_due_ = full || tx_state() ? 0 : more;
  if (!doorbell_due_) peer.raise_received();
}

// What an unusual link does to a frame. False: dropped.
bool Queue::prepare(vnet_frame* frame, const Queue& peer, u32 options) {
  if (options & kSnull && !translate_frame(frame, peer, options)) return false;
  if (options & kPad && frame->len < kMinimumFrame &&
      vnet_host_frame_pad(frame, kMinimumFrame) != 0) {
    drop_tx(frame, VNET_DROP_NO_MEMORY);
    return false;
  }
  return true;
}

bool Queue::translate_frame(vnet_frame* frame, const Queue& peer, u32 options) {
  u8* const header =
      vnet_host_frame_header(frame, frame->len < kTranslateBytes ? frame->len : kTranslateBytes);
  if (!header) {
    drop_tx(frame, VNET_DROP_NO_MEMORY);
    return false;
  }
  if (!translate(header, frame->len, static_cast<vnet_csum>(frame->csum), frame->csum_start)) {
    drop_tx(frame, VNET_DROP_BAD_HEADER);
    return false;
  }
  // Without ARP Linux sends to the device's own MAC (net/ipv4/arp.c, arp_constructor()).
  if (options & kNoArp && !mac_is_multicast(mac_value(header)))
    mac_store(header, peer.filter_->own());
  return true;
}

void Queue::drop_tx(vnet_frame* frame, vnet_drop reason) {
  tx_count_.drops.add(reason, frame->wire_frames);
  frame->next = nullptr;
  vnet_host_frames_drop(host_queue_, frame, 0, reason);
}

// Stops the host's queue, then looks again: the receiver may have made room before it could see
// that somebody waits. Its half of the bargain is in sent().
void Queue::stop_tx(u32 state, Queue& peer) {
  vnet_host_queue_stop(host_queue_);
  tx_word_.fetch_or(state);
  if (state == VNET_TX_STOPPED && peer.rx_.size() <= peer.wake_level()) wake_tx();
}

// The guide's `lockup`: this frame's transmit interrupt is lost, and the transmitter waits for it.
void Queue::hang_on_lockup(Queue& peer, u32 every) {
  if (tx_ordinal_ % every != 0) return;
  stop_tx(VNET_TX_STOPPED | VNET_TX_HUNG, peer);
  vnet_host_notify(host_queue_, VNET_EVENT_LOCKUP, tx_ordinal_);
}

void Queue::doorbell() {
  if (!doorbell_due_) return;
  doorbell_due_ = 0;
  if (Queue* const peer = peer_.load_acquire()) peer->raise_received();
}

void Queue::wake_tx() {
  if (!(tx_word_.fetch_and(~VNET_TX_STOPPED) & VNET_TX_STOPPED)) return;
  watchdog_.restart();
  vnet_host_queue_wake(host_queue_);
}

// ---- poll

vnet_frame* Queue::poll(u32 budget, u32& work) {
  const u32 causes = irq_.ack();
  rx_count_.polls.add(1);
  if (!(causes & VNET_IRQ_RX)) [[unlikely]]
    rx_count_.polls_without_rx.add(1);
  if (causes & VNET_IRQ_TX || poll_options_.load_relaxed()) [[unlikely]]
    return poll_and_more(causes, budget, work);
  return receive(budget, work);
}

vnet_frame* Queue::poll_and_more(u32 causes, u32 budget, u32& work) {
  if (causes & VNET_IRQ_TX) {
    rx_count_.tx_irqs.add(1);
    service_tx();
  }
  const u32 options = poll_options_.load_relaxed();
  vnet_frame* list;
  if (options & kFaults) {
    list = receive_faulty(budget, work);
  } else if (options & kWire) {
    Arrivals arrivals;
    work = receive_wire(budget, arrivals);
    list = end_arrivals(arrivals);
  } else {
    list = receive(budget, work);
  }
  if (moderation_.adaptive()) moderation_.polled(work, vnet_host_clock_ns());
  return list;
}

// A wake-up's one frame, for the port's own MAC: a leaf function.
vnet_frame* Queue::receive(u32 budget, u32& work) {
  work = rx_.available(budget);
  if (work != 1) return receive_list(work);
  vnet_frame* const frame = rx_.at(0);
  if (destination(frame) != filter_->unseen()) [[unlikely]]
    return receive_any(1);
  frame->to_own = 1;
  frame->next = nullptr;
  received(1, frame->wire_frames, frame->wire_len);
  return frame;
}

// None, or several.
vnet_frame* Queue::receive_list(u32 work) {
  if (!work) return nullptr;
  vnet_frame *const first = rx_.at(0), *frame = first;
  u64 frames = 0, bytes = 0;
  const u64 unseen = filter_->unseen();
  for (u32 i = 1;; i++) {
    if (destination(frame) != unseen) [[unlikely]]
      return receive_any(work);
    frame->to_own = 1;
    frames += frame->wire_frames;
    bytes += frame->wire_len;
    if (i == work) break;
    frame->next = rx_.at(i);
    frame = frame->next;
  }
  frame->next = nullptr;
  received(work, frames, bytes);
  return first;
}

// From the first frame again, with the filters.
vnet_frame* Queue::receive_any(u32 work) {
  FrameList list;
  u64 frames = 0, bytes = 0;
  for (u32 i = 0; i < work; i++) {
    vnet_frame* const frame = rx_.at(i);
    if (!lets_in(frame)) continue;
    frames += frame->wire_frames;
    bytes += frame->wire_len;
    list.push_back(frame);
  }
  received(work, frames, bytes);
  return list.first();
}

// The read-modify-write orders the ring's new head before the look at the sender's state, against
// the other order in stop_tx().
void Queue::received(u32 work, u64 frames, u64 bytes) {
  rx_.release(work);
  rx_count_.frames.add(frames);
  rx_count_.bytes.add(bytes);
  Queue* const sender = peer_.load_acquire();
  if (sender && sender->tx_word_.fetch_add(0)) [[unlikely]]
    sent(*sender);
}

// False: dropped.
bool Queue::lets_in(vnet_frame* frame) {
  const u64 mac = destination(frame);
  frame->to_own = mac == filter_->own();
  bool refused = !frame->to_own && filter_->check(mac) != MacFilter::Verdict::kPass;
  if (poll_options_.load_relaxed() & kFaults) refused = is_refused(frame, mac, refused);
  if (refused) {
    drop_rx(frame, mac_is_multicast(mac) ? VNET_DROP_MULTICAST_FILTER : VNET_DROP_UNICAST_FILTER);
    return false;
  }
  if (vlans_->active() && !vlans_->passes(vnet_host_frame_tag(frame))) {
    drop_rx(frame, VNET_DROP_VLAN_FILTER);
    return false;
  }
  if (mac_is_multicast(mac)) rx_count_.multicast.add(frame->wire_frames);
  return true;
}

void Queue::drop_rx(vnet_frame* frame, vnet_drop reason) {
  rx_count_.drops.add(reason, frame->wire_frames);
  frame->next = nullptr;
  vnet_host_frames_drop(host_queue_, frame, 1, reason);
}

// The receiver took frames off the ring: the sender's transmit interrupt, if it waits for one.
void Queue::sent(Queue& sender) const {
  const u32 word = sender.tx_word_.load_acquire();
  if (word & VNET_TX_HUNG) return;  // the interrupt is lost
  const bool wanted = word & VNET_TX_STOPPED && rx_.size() <= wake_level();
  if (wanted || word & kTxIrq) sender.raise(VNET_IRQ_TX);
}

void Queue::service_tx() {
  if (tx_state() != VNET_TX_STOPPED) return;
  Queue* const peer = peer_.load_acquire();
  if (!peer || peer->rx_.size() <= peer->wake_level()) wake_tx();
}

bool Queue::poll_done() {
  return !irq_.unmask() && again_at_once();
}

// ---- moderation: only what a doorbell brought waits. Whatever recovers (a timeout, a lost link)
// and the transmit interrupt go past it, and take along what waits.

void Queue::raise_received() {
  if (moderation_.off()) [[likely]]
    return raise(VNET_IRQ_RX);
  raise_or_wait();
}

// ---- watchdog

void Queue::tx_timeout() {
  tx_timeouts_.add(1);
  vnet_host_notify(host_queue_, VNET_EVENT_TX_TIMEOUT, tx_timeouts_.get());
  if (fails_reset()) return;  // the next timeout tries again
  tx_word_.fetch_and(~VNET_TX_HUNG);
  raise(VNET_IRQ_TX);
  if (const QueueFaults* const faults = faults_.load_acquire()) faults->reset();
  if (Queue* const peer = peer_.load_acquire()) peer->raise(VNET_IRQ_RX);
}

Watchdog::Outcome Queue::watchdog(u64 now, u64 timeout) {
  return watchdog_.check(tx_state() & VNET_TX_STOPPED, now, timeout);
}

}  // namespace vnet
