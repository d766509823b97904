// SPDX-License-Identifier: GPL-2.0-only
// A device's part in the impairment of what it receives.
#include "core/device.h"
#include "core/params.h"

namespace vnet {

int Device::set_impairment(const vnet_impairment& config, const char*& why) {
  why = nullptr;
  Impairment* impairment = impairment_.load_relaxed();
  const bool is_new = !impairment;
  if (is_new) impairment = Impairment::create(params_.queues);
  if (!impairment) return kNoMemory;
  if (const int error = impairment->set(config, why)) {
    if (is_new) impairment->destroy();
    return error;
  }
  impairment_.store_release(impairment);
  if (is_new) update_run();
  attach_wires();
  for (u32 i = 0; i < params_.queues; i++)
    impairment->wire(i)->remember(i < queue_count() ? queues_[i].ordinal() : 0);
  return 0;
}

bool Device::wire_state(u32 queue, vnet_wire_state& state) const {
  state = {};
  if (queue >= queue_limit_) return false;
  state.place = first_end_ ? 1 : 0;
  if (queue < queue_count()) state.frames = queues_[queue].ordinal();
  if (const Impairment* const set = impairment_.load_acquire()) set->wire(queue)->state(state);
  return true;
}

// A queue whose wire has nothing to do finds out by itself.
void Device::attach_wires() {
  Impairment* const impairment = impairment_.load_relaxed();
  for (u32 i = 0; impairment && i < queue_count(); i++) queues_[i].set_wire(impairment->wire(i));
}

// What the first end sends is direction 0.
void Device::update_run() {
  if (Impairment* const impairment = impairment_.load_relaxed())
    impairment->set_run(params_.seed, first_end_ ? 1 : 0);
  if (faults_) faults_->set_run(params_.seed, first_end_ ? 0 : 1);
}

void Device::begin_run() {
  for (u32 i = 0; i < queue_count(); i++) queues_[i].begin_run();
  update_run();
}

}  // namespace vnet
