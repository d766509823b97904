// SPDX-License-Identifier: GPL-2.0-only
// A device's part in the impairment of what it receives.
#include "core/device.h"
#include "core/params.h"

namespace vnet {

// Null: no memory.
Impairment* Device::own_impairment() {
  if (Impairment* const impairment = impairment_.load_relaxed()) return impairment;
  Impairment* const impairment = Impairment::create(params_.queues);
  if (!impairment) return nullptr;
  impairment_.store_release(impairment);
  update_run();
  return impairment;
}

int Device::prepare_impairment(const vnet_impairment& config, Refusal& why) {
  Impairment* const impairment = own_impairment();
  return impairment ? impairment->prepare(config, why) : kNoMemory;
}

void Device::commit_impairment() {
  impairment_.load_relaxed()->commit();
  attach_wires();
  for (u32 i = 0; i < params_.queues; i++)
    impairment_.load_relaxed()->wire(i)->remember(i < queue_count() ? queues_[i].ordinal() : 0);
}

TraceUpload* Device::trace_upload() {
  Impairment* const impairment = own_impairment();
  return impairment ? &impairment->upload() : nullptr;
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
