// SPDX-License-Identifier: GPL-2.0-only
// A device's part in its faults: the table, the timer, and what concerns the device as a whole.
#include <vnet/host.h>

#include <initializer_list>

#include "core/device.h"
#include "core/params.h"

namespace vnet {

int Device::add_fault(const vnet_fault& config, u32& id, Refusal& why) {
  Faults* faults = faults_;
  if (!faults) faults = Faults::create(params_.queues, host_device_);
  if (!faults) return kNoMemory;
  int error = faults->check(config, why);
  if (!error && faults_) free_faults(faults->ended_if_full());
  if (!error) error = faults->add(config, vnet_host_clock_ns(), id, why);
  if (!faults_ && error) {
    faults->destroy();
    return error;
  }
  faults_ = faults;
  if (error) return error;
  faults_->set_run(params_.seed, first_end_ ? 0 : 1);
  attach_faults();
  tick_faults();
  return 0;
}

void Device::attach_faults() {
  for (u32 i = 0; faults_ && i < queue_count(); i++) queues_[i].set_faults(&faults_->queue(i));
}

int Device::delete_fault(u32 id) {
  const u32 places = faults_ ? faults_->mark(id) : 0;
  if (!places) return id ? kNoEntry : 0;
  faults_->forget(places);
  free_faults(places);
  if (!faults_->has(VNET_FAULT_DMA_SLOW))
    for (u32 i = 0; i < queue_count(); i++) faults_->queue(i).slow_until = 0;
  tick_faults();
  return 0;
}

// Ended ones. Polls do not run, but the end of one may; both ends' transmitters and a watchdog's
// timer may be at them, too.
void Device::free_faults(u32 places) {
  if (!places) return;
  faults_->refresh();
  vnet_host_quiesce();
  faults_->free(places);
}

int Device::fire_fault(u32 id) {
  if (!faults_) return kNoEntry;
  if (const int error = faults_->fire(id)) return error;
  tick_faults();
  return 0;
}

bool Device::list_fault(u32 from, vnet_fault_info& info) const {
  return faults_ && faults_->list(from, vnet_host_clock_ns(), info);
}

// (C) Also the timer. Whoever calls control meanwhile is seen at the end.
void Device::tick_faults() {
  if (!faults_) return;
  faults_->take_due();
  const u64 now = vnet_host_clock_ns();
  const u64 next = faults_->tick(now);
  faults_->refresh();
  for (u32 i = 0; i < queue_count(); i++) queues_[i].settle_faults(now);
  settle_flap(faults_->lasts(VNET_FAULT_LINK_FLAP, now));
  if (next != Fault::kNever) vnet_host_timer_arm(host_device_, next > now ? next - now : 0);
  if (faults_->is_due()) vnet_host_timer_arm(host_device_, 0);
  if (faults_->take_removal()) vnet_host_device_remove(host_device_);
}

void Device::settle_flap(bool flapped) {
  if (flapped == flapped_) return;
  flapped_ = flapped;
  Device* const peer = link_.load_relaxed();
  // What finds no link finds the reason, from the first frame to the last.
  if (peer && !flapped) link_up_if_ready(*this, *peer);
  mark_flap();
  if (peer && flapped) link_down(*this, *peer);
}

// Both ends lose frames for the flap of either.
void Device::mark_flap() {
  Device* const peer = link_.load_relaxed();
  const bool flapped = flapped_ || (peer && peer->flapped_);
  for (Device* const end : {this, peer})
    for (u32 i = 0; end && i < end->queue_count(); i++) end->queues_[i].set_flapped(flapped);
}

}  // namespace vnet
