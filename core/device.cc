// SPDX-License-Identifier: GPL-2.0-only
#include "core/device.h"

#include <vnet/host.h>

#include <initializer_list>
#include <new>

#include "core/base/memory.h"
#include "core/params.h"

namespace vnet {
namespace {

// What a port takes behind the Ethernet header: Linux's is_skb_forwardable() allows one tag beyond
// the MTU.
u32 max_payload(u32 mtu) {
  return mtu + kVlanTag;
}

}  // namespace

Device::Device(const vnet_params& params, void* host_device)
    : params_(params),
      queue_limit_(params.queues),
      ring_size_(params.ring_size),
      host_device_(host_device) {
  filter_.set_own(mac_value(params_.mac));
}

Device* Device::create(const vnet_params& params, void* host_device, int& error, const char*& why) {
  why = params_error(params);
  error = kInvalid;
  if (why) return nullptr;
  vnet_params rounded = params;
  rounded.ring_size = ring_size_rounded(params.ring_size);

  error = kNoMemory;
  void* const memory = vnet_host_alloc(sizeof(Device));
  if (!memory) return nullptr;
  error = 0;
  return new (memory) Device(rounded, host_device);
}

void Device::destroy() {
  if (open_.load_relaxed()) return vnet_host_panic("a device is destroyed while it is open");
  if (link_.load_relaxed()) return vnet_host_panic("a device is destroyed while it has a link");
  vlans_.free();
  free_if_any(addresses_);
  free_if_any(rss_.load_relaxed());
  if (Impairment* const impairment = impairment_.load_relaxed()) impairment->destroy();
  if (faults_) faults_->destroy();
  free_if_any(queues_);
  vnet_host_free(this);
}

vnet_frame** Device::allocate_slots(u32 ring_size) const {
  return static_cast<vnet_frame**>(
      vnet_host_alloc(sizeof(vnet_frame*) * params_.queues * ring_size));
}

// Thousands of devices that nobody opened cost little: a queue, like the MAC filter's table, is
// made when it is needed, and stays.
bool Device::make_queues() {
  if (queues_) return true;
  void* const memory = vnet_host_alloc(sizeof(Queue) * params_.queues);
  if (!memory) return false;
  queues_ = static_cast<Queue*>(memory);
  for (u32 i = 0; i < params_.queues; i++)
    (new (&queues_[i]) Queue)->init(host_device_, &filter_, &vlans_);
  queue_count_.store_release(params_.queues);
  configure_queues();
  attach_wires();
  attach_faults();
  mark_flap();
  tick_faults();
  return true;
}

Queue* Device::make_queue(u32 index) {
  return index < params_.queues && make_queues() ? &queues_[index] : nullptr;
}

bool Device::allocate_addresses() {
  if (addresses_) return true;
  addresses_ = static_cast<Atomic<u64>*>(vnet_host_alloc(sizeof(Atomic<u64>) * MacFilter::kSlots));
  if (addresses_) filter_.init(addresses_);
  return addresses_;
}

int Device::open() {
  if (!queues_) return kInvalid;
  if (!allocate_addresses()) return kNoMemory;
  slots_ = allocate_slots(params_.ring_size);
  if (!slots_) return kNoMemory;
  for (u32 i = 0; i < params_.queues; i++)
    queues_[i].open(slots_ + i * params_.ring_size, params_.ring_size);
  open_.store_relaxed(true);
  Device* const peer = link_.load_relaxed();
  if (peer) link_up_if_ready(*this, *peer);
  return 0;
}

void Device::stop() {
  open_.store_relaxed(false);
  Device* const peer = link_.load_relaxed();
  if (peer) link_down(*this, *peer);
  for (u32 i = 0; i < params_.queues; i++) queues_[i].stop();
  vnet_host_free(slots_);
  slots_ = nullptr;
  for (u32 i = 0; faults_ && i < params_.queues; i++) faults_->reset(i);
  tick_faults();
}

// ---- parameters

void Device::configure_queues() {
  if (!queues_) return;
  u32 options = 0;
  if (params_.snull) options |= Queue::kSnull;
  if (params_.pad) options |= Queue::kPad;
  if (params_.noarp) options |= Queue::kNoArp;
  if (params_.tx_irq) options |= Queue::kTxIrq;
  if (params_.lockup) options |= Queue::kLockup;
  const Queue::Settings settings{options,
                                 params_.lockup,
                                 max_payload(params_.mtu),
                                 {params_.rx_usecs, params_.rx_frames},
                                 params_.adaptive_rx != 0};
  for (u32 i = 0; i < params_.queues; i++) queues_[i].configure(settings);
}

int Device::set_params(const vnet_params& params, const char*& why) {
  why = params_error(params);
  if (why) return kInvalid;
  if (params.queues != params_.queues) {
    why = "queues: their number is fixed when the device is created";
    return kInvalid;
  }
  const u32 ring_size = ring_size_rounded(params.ring_size);
  if (const int error = resize(ring_size)) return error;
  const bool reseeded = params.seed != params_.seed;
  params_ = params;
  params_.ring_size = ring_size;
  if (reseeded) begin_run();
  ring_size_.store_relaxed(ring_size);
  filter_.set_own(mac_value(params_.mac));
  configure_queues();
  return 0;
}

int Device::resize(u32 ring_size) {
  if (ring_size == params_.ring_size || !is_open()) return 0;
  vnet_frame** const slots = allocate_slots(ring_size);
  if (!slots) return kNoMemory;
  replace_rings(slots, ring_size);
  vnet_host_free(slots_);
  slots_ = slots;
  return 0;
}

// Only the other end's transmitter is in the way: it loses its peer for the while, and the carrier
// stays. What either end raised meanwhile may have been lost with it, so both ends recover.
void Device::replace_rings(vnet_frame** slots, u32 ring_size) {
  Device* const peer = carrier_.load_relaxed() ? link_.load_relaxed() : nullptr;
  for (u32 i = 0; peer && i < params_.queues; i++) peer->queues_[i].set_peer(nullptr);
  if (peer) vnet_host_tx_quiesce(peer->host_device_);
  for (u32 i = 0; i < params_.queues; i++)
    queues_[i].replace_ring(slots + i * ring_size, ring_size);
  if (!peer) return;
  for (u32 i = 0; i < params_.queues; i++) peer->queues_[i].set_peer(&queues_[i]);
  peer->recover_queues();
  recover_queues();
}

// What a queue would begin with if there is none yet.
Moderation::Wait Device::rx_wait(u32 index) const {
  if (const Queue* const made = queue(index)) return made->rx_wait();
  if (params_.adaptive_rx || !params_.rx_usecs) return {0, 0};
  return {params_.rx_usecs, params_.rx_frames};
}

void Device::recover_queues() {
  for (u32 i = 0; i < params_.queues; i++) queues_[i].recover();
}

// ---- receive-side scaling

int Device::set_rss(const vnet_rss& config, const char*& why) {
  why = rss_error(config, params_.queues);
  if (why) return kInvalid;
  if (Rss* const rss = rss_.load_relaxed()) {
    rss->set(config);
    return 0;
  }
  void* const memory = vnet_host_alloc(sizeof(Rss));
  if (!memory) return kNoMemory;
  Rss* const rss = new (memory) Rss;
  rss->set(config);
  rss_.store_release(rss);
  return 0;
}

// ---- filters

void Device::set_filter(const vnet_filter& filter) {
  filter_.set(filter);
  vlans_.set_promiscuous(filter.promiscuous != 0);
  filter_.look_at_own(vlans_.active());
}

int Device::set_vlan(vnet_vlan protocol, u32 vid, bool member) {
  if (protocol >= VNET_VLAN_COUNT || vid >= VlanFilter::kVids) return kInvalid;
  return vlans_.set_member(protocol, vid, member);
}

int Device::set_vlan_filter(vnet_vlan protocol, bool on) {
  if (protocol >= VNET_VLAN_COUNT) return kInvalid;
  vlans_.set_on(protocol, on);
  filter_.look_at_own(vlans_.active());
  return 0;
}

// ---- link

int Device::attach(Device& a, Device& b, const char*& why) {
  why = nullptr;
  if (&a == &b) {
    why = "a link has two different ends";
    return kInvalid;
  }
  if (a.params_.queues != b.params_.queues) {
    why = "both ends of a link must have the same number of queues";
    return kInvalid;
  }
  if (a.link_.load_relaxed() || b.link_.load_relaxed()) {
    why = "a device has at most one link";
    return kBusy;
  }
  a.link_.store_relaxed(&b);
  b.link_.store_relaxed(&a);
  a.first_end_ = true;
  b.first_end_ = false;
  a.update_run();
  b.update_run();
  a.mark_flap();
  link_up_if_ready(a, b);
  return 0;
}

void Device::detach() {
  Device* const peer = link_.load_relaxed();
  if (!peer) return;
  link_down(*this, *peer);
  link_.store_relaxed(nullptr);
  peer->link_.store_relaxed(nullptr);
  mark_flap();
  peer->mark_flap();
}

void* Device::peer_host_device() const {
  const Device* const peer = link_.load_relaxed();
  return peer ? peer->host_device_ : nullptr;
}

void Device::link_up_if_ready(Device& a, Device& b) {
  if (a.is_open() && b.is_open() && !a.flapped_ && !b.flapped_) link_up(a, b);
}

void Device::link_up(Device& a, Device& b) {
  for (u32 i = 0; i < a.params_.queues; i++) {
    a.queues_[i].set_peer(&b.queues_[i]);
    b.queues_[i].set_peer(&a.queues_[i]);
  }
  a.set_carrier(true);
  b.set_carrier(true);
}

// Frames on the link stay with their receiver; new ones are dropped at the sender as link_down.
void Device::link_down(Device& a, Device& b) {
  if (!a.carrier_.load_relaxed()) return;
  for (Device* end : {&a, &b})
    for (u32 i = 0; i < end->params_.queues; i++) end->queues_[i].set_peer(nullptr);
  for (Device* end : {&a, &b}) {
    vnet_host_tx_quiesce(end->host_device_);
    if (end->is_open()) end->recover_queues();
  }
  a.set_carrier(false);
  b.set_carrier(false);
}

void Device::set_carrier(bool up) {
  carrier_.store_relaxed(up);
  vnet_host_carrier_set(host_device_, up);
}

// ---- watchdog and views

u64 Device::watchdog(u64 now) {
  const u64 timeout = params_.timeout_ms * 1000000ull;
  u64 next = 0;
  for (u32 i = 0; i < queue_count(); i++) {
    const Watchdog::Outcome outcome = queues_[i].watchdog(now, timeout);
    if (outcome.expired) queues_[i].tx_timeout();
    if (outcome.remaining && (!next || outcome.remaining < next)) next = outcome.remaining;
  }
  return next;
}

void Device::add_stats(vnet_queue_stats& stats) const {
  for (u32 i = 0; i < queue_count(); i++) queues_[i].add_stats(stats);
}

u32 Device::control_bits() const {
  return (is_open() ? VNET_CONTROL_OPEN : 0) | (carrier_.load_relaxed() ? VNET_CONTROL_LINK : 0) |
         (params_.snull ? VNET_CONTROL_SNULL : 0) | (params_.pad ? VNET_CONTROL_PAD : 0) |
         (params_.noarp ? VNET_CONTROL_NOARP : 0);
}

u32 Device::registers(u32* out, u32 count) const {
  const u32 device[VNET_REG_DEVICE_COUNT] = {VNET_ABI,          control_bits(), params_.queues,
                                             params_.ring_size, params_.mtu,    params_.lockup,
                                             params_.timeout_ms};
  u32 n = 0;
  for (const u32 value : device) {
    if (n < count) out[n] = value;
    n++;
  }
  for (u32 i = 0; i < params_.queues; i++) {
    u32 values[VNET_REG_QUEUE_COUNT] = {};
    if (const Queue* const made = queue(i))
      made->registers(values);
    else
      values[VNET_REG_IRQ_MASK] = 1;
    for (const u32 value : values) {
      if (n < count) out[n] = value;
      n++;
    }
  }
  return n;
}

}  // namespace vnet
