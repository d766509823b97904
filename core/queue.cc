// SPDX-License-Identifier: GPL-2.0-only
#include "core/queue.h"

#include <vnet/host.h>

#include <cstddef>

#include "core/frame_list.h"
#include "core/translate.h"

namespace vnet {
namespace {

static_assert(offsetof(vnet_frame, reserved2) == offsetof(vnet_frame, dst) + 6);
u64 destination(const vnet_frame* frame) {
  return mac_value_padded(frame->dst);
}

void set_destination(vnet_frame* frame, u8* header, u64 mac) {
  __builtin_memcpy(frame->dst, &mac, 6);
  __builtin_memcpy(header, &mac, 6);
}

}  // namespace

void Queue::init(void* host_device, const MacFilter* filter, const VlanFilter* vlans) {
  host_device_ = host_device;
  filter_ = filter;
  vlans_ = vlans;
}

void Queue::configure(const Settings& settings) {
  tx_options_.store_relaxed(settings.tx_options);
  lockup_.store_relaxed(settings.lockup);
  tx_irq_.store_relaxed(settings.tx_irq);
  max_payload_.store_relaxed(settings.max_payload);
}

void Queue::set_ring(vnet_frame** slots, u32 ring_size) {
  rx_.init(slots, ring_size);
  wake_level_.store_relaxed(ring_size / 2);
}

void Queue::open(vnet_frame** slots, u32 ring_size) {
  set_ring(slots, ring_size);
  tx_state_.store_relaxed(0);
  watchdog_.restart();
  doorbell_due_ = false;
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
  if (!left.empty()) vnet_host_frames_drop(left.first(), VNET_DROP_STOPPED);
}

void Queue::replace_ring(vnet_frame** slots, u32 ring_size) {
  empty_ring();
  set_ring(slots, ring_size);
}

void Queue::stop() {
  open_.store_relaxed(false);
  empty_ring();
  irq_.reset(/*masked=*/true);
  tx_state_.store_relaxed(0);
  watchdog_.restart();
}

void Queue::recover() {
  if (!(tx_state_.load_relaxed() & VNET_TX_HUNG)) wake_tx();
  raise(VNET_IRQ_RX);  // the doorbell of what is in the ring may not have come
}

void Queue::raise(u32 causes) {
  if (irq_.raise(causes)) vnet_host_irq_raise(host_queue_);
}

// ---- transmit

vnet_verdict Queue::tx(vnet_frame* frame) {
  Queue* const peer = peer_.load_acquire();
  if (!peer) [[unlikely]]
    return drop_tx(frame, VNET_DROP_LINK_DOWN);
  if (tx_state_.load_relaxed()) [[unlikely]]
    return VNET_TX_BUSY;
  if (peer->rx_.full()) [[unlikely]] {  // left over from before the device was opened again
    stop_tx(VNET_TX_STOPPED, *peer);
    return VNET_TX_BUSY;
  }
  // A runt's length wraps around and is refused here too.
  if (frame->len - kEthernetHeader > peer->max_payload_.load_relaxed()) [[unlikely]] {
    if (frame->len < kEthernetHeader) return drop_tx(frame, VNET_DROP_RUNT);
    if (frame->wire_frames == 1) return drop_tx(frame, VNET_DROP_TOO_LONG);
  }
  const u32 options = tx_options_.load_relaxed();
  if (options && !prepare(frame, *peer, options)) [[unlikely]]
    return VNET_TX_DROPPED;
  if (vnet_host_frame_commit(frame, peer->host_device_) != 0) [[unlikely]]
    return drop_tx(frame, VNET_DROP_NO_MEMORY);
  // The frame is the receiver's as soon as it is in the ring: count first.
  tx_count_.frames.add(frame->wire_frames);
  tx_count_.bytes.add(frame->wire_len);
  tx_ordinal_++;
  if (const u32 every = lockup_.load_relaxed()) [[unlikely]]
    hang_on_lockup(*peer, every);
  doorbell_due_ = true;
  if (peer->rx_.put(frame) && !tx_state_.load_relaxed())
      [[unlikely]]  // a lockup may have stopped it
    stop_tx(VNET_TX_STOPPED, *peer);
  return VNET_TX_ACCEPTED;
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
  if (options & kNoArp && !mac_is_multicast(destination(frame)))
    set_destination(frame, header, peer.filter_->own());
  return true;
}

vnet_verdict Queue::drop_tx(vnet_frame* frame, vnet_drop reason) {
  tx_count_.drops.add(reason, frame->wire_frames);
  frame->next = nullptr;
  vnet_host_frames_drop(frame, reason);
  return VNET_TX_DROPPED;
}

// Stops the host's queue, then looks again: the receiver may have made room before it could see
// that somebody waits. Its half of the bargain is in sent().
void Queue::stop_tx(u32 state, Queue& peer) {
  vnet_host_queue_stop(host_queue_);
  tx_state_.fetch_or(state);
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
  doorbell_due_ = false;
  if (Queue* const peer = peer_.load_acquire()) peer->raise(VNET_IRQ_RX);
}

void Queue::wake_tx() {
  if (!(tx_state_.fetch_and(~VNET_TX_STOPPED) & VNET_TX_STOPPED)) return;
  watchdog_.restart();
  vnet_host_queue_wake(host_queue_);
}

// ---- poll

void Queue::poll(u32 budget, vnet_poll& result) {
  const u32 causes = irq_.ack();
  rx_count_.polls.add(1);
  if (causes & VNET_IRQ_RX) rx_count_.rx_irqs.add(1);
  if (causes & VNET_IRQ_TX) [[unlikely]] {
    rx_count_.tx_irqs.add(1);
    service_tx();
  }
  u32 work = 0;
  RxCounts counts;
  vnet_frame** last = &result.rx;
  for (vnet_frame* frame; work < budget && rx_.pop(frame); work++) {
    const u64 mac = destination(frame);
    if (!filter_->passes(mac)) [[unlikely]] {
      refuse(frame, mac);
      continue;
    }
    counts.frames += frame->wire_frames;
    counts.bytes += frame->wire_len;
    if (mac_is_multicast(mac)) [[unlikely]]
      counts.multicast += frame->wire_frames;
    *last = frame;
    last = &frame->next;
  }
  *last = nullptr;
  result.work = work;
  if (!work) return;
  if (vlans_->active()) [[unlikely]]
    refuse_vlans(result, counts);
  rx_count_.frames.add(counts.frames);
  rx_count_.bytes.add(counts.bytes);
  if (counts.multicast) [[unlikely]]
    rx_count_.multicast.add(counts.multicast);
  if (Queue* const sender = peer_.load_acquire()) sent(*sender);
}

void Queue::refuse(vnet_frame* frame, u64 mac) {
  const vnet_drop reason =
      mac_is_multicast(mac) ? VNET_DROP_MULTICAST_FILTER : VNET_DROP_UNICAST_FILTER;
  drop_rx(frame, reason);
}

// A pass of its own over what was taken: without a filter no frame is asked for its tag.
void Queue::refuse_vlans(vnet_poll& result, RxCounts& counts) {
  for (vnet_frame** link = &result.rx; vnet_frame* const frame = *link;) {
    if (vlans_->passes(vnet_host_frame_tag(frame))) {
      link = &frame->next;
      continue;
    }
    *link = frame->next;
    counts.frames -= frame->wire_frames;
    counts.bytes -= frame->wire_len;
    if (mac_is_multicast(destination(frame))) counts.multicast -= frame->wire_frames;
    drop_rx(frame, VNET_DROP_VLAN_FILTER);
  }
}

void Queue::drop_rx(vnet_frame* frame, vnet_drop reason) {
  rx_count_.drops.add(reason, frame->wire_frames);
  frame->next = nullptr;
  vnet_host_frames_drop(frame, reason);
}

// The receiver took frames off the ring: the sender's transmit interrupt. The read-modify-write
// orders the ring's new head before the look at the sender's state, against the other order in
// stop_tx().
void Queue::sent(Queue& sender) const {
  const u32 state = sender.tx_state_.fetch_or(0);
  if (state & VNET_TX_HUNG) return;  // the interrupt is lost
  const bool wanted = state & VNET_TX_STOPPED && rx_.size() <= wake_level();
  if (wanted || sender.tx_irq_.load_relaxed()) sender.raise(VNET_IRQ_TX);
}

void Queue::service_tx() {
  if (tx_state_.load_acquire() != VNET_TX_STOPPED) return;
  Queue* const peer = peer_.load_acquire();
  if (!peer || peer->rx_.size() <= peer->wake_level()) wake_tx();
}

bool Queue::poll_done() {
  return !irq_.unmask();
}

// ---- watchdog

void Queue::tx_timeout() {
  tx_timeouts_.add(1);
  vnet_host_notify(host_queue_, VNET_EVENT_TX_TIMEOUT, tx_timeouts_.get());
  tx_state_.fetch_and(~VNET_TX_HUNG);
  raise(VNET_IRQ_TX);
  if (Queue* const peer = peer_.load_acquire()) peer->raise(VNET_IRQ_RX);
}

Watchdog::Outcome Queue::watchdog(u64 now, u64 timeout) {
  return watchdog_.check(tx_state_.load_acquire() & VNET_TX_STOPPED, now, timeout);
}

// ---- views

void Queue::add_stats(vnet_queue_stats& stats) const {
  stats.tx_frames += tx_count_.frames.get();
  stats.tx_bytes += tx_count_.bytes.get();
  stats.rx_frames += rx_count_.frames.get();
  stats.rx_bytes += rx_count_.bytes.get();
  stats.rx_multicast += rx_count_.multicast.get();
  stats.tx_timeouts += tx_timeouts_.get();
  stats.rx_irqs += rx_count_.rx_irqs.get();
  stats.tx_irqs += rx_count_.tx_irqs.get();
  stats.polls += rx_count_.polls.get();
  stats.in_flight += rx_.size();
  for (u32 reason = 0; reason < VNET_DROP_COUNT; reason++) {
    stats.tx_drops[reason] += tx_count_.drops.by_reason[reason].get();
    stats.rx_drops[reason] += rx_count_.drops.by_reason[reason].get();
  }
}

void Queue::registers(u32 (&out)[VNET_REG_QUEUE_COUNT]) const {
  out[VNET_REG_IRQ_STATUS] = irq_.status();
  out[VNET_REG_IRQ_MASK] = irq_.masked();
  out[VNET_REG_TX_STATE] = tx_state_.load_relaxed();
  out[VNET_REG_RX_PENDING] = rx_.size();
}

}  // namespace vnet
