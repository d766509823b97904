// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/impairment.h"

#include <vnet/host.h>

#include <new>

#include "core/base/memory.h"
#include "core/params.h"

namespace vnet {
namespace {

constexpr u64 kWiresAt = (sizeof(Impairment) + kCacheLine - 1) & ~u64{kCacheLine - 1};

}  // namespace

Impairment::Impairment(u32 queue_count)
    : queue_count_(queue_count),
      wires_(reinterpret_cast<Wire*>(reinterpret_cast<u8*>(this) + kWiresAt)) {
  for (u32 i = 0; i < queue_count; i++) (new (&wires_[i]) Wire)->init(&run_, i);
}

Impairment* Impairment::create(u32 queue_count) {
  void* const memory = vnet_host_alloc(kWiresAt + sizeof(Wire) * queue_count);
  return memory ? new (memory) Impairment(queue_count) : nullptr;
}

void Impairment::destroy() {
  for (u32 i = 0; i < queue_count_; i++) free_if_any(wires_[i].set_heap(nullptr, 0));
  free_if_any(plan_);
  upload_.clear();
  vnet_host_free(this);
}

int Impairment::prepare(const vnet_impairment& config, Refusal& why) {
  int error = 0;
  prepared_ = Plan::compile(config, error, why);
  if (!prepared_) return error;
  if (grow_heaps(*prepared_)) return 0;
  abandon();
  return kNoMemory;
}

void Impairment::commit() {
  if (Plan::is_off(prepared_->config)) abandon();
  for (u32 i = 0; i < queue_count_; i++) wires_[i].set_plan(prepared_);
  free_if_any(plan_);
  plan_ = prepared_;
  prepared_ = nullptr;
}

void Impairment::abandon() {
  free_if_any(prepared_);
  prepared_ = nullptr;
}

// A heap that has grown for a plan that then fails is no harm: it is only larger.
bool Impairment::grow_heaps(const Plan& plan) {
  for (u32 i = 0; i < queue_count_; i++) {
    if (!wires_[i].needs_heap(plan)) continue;
    void* const slots = vnet_host_alloc(sizeof(DelayLine::Entry) * plan.heap_capacity);
    if (!slots) return false;
    free_if_any(wires_[i].set_heap(slots, plan.heap_capacity));
  }
  return true;
}

void Impairment::set_run(u64 seed, u32 direction) {
  run_.seed.store_relaxed(seed);
  run_.direction.store_relaxed(direction);
  run_.number.store_release(run_.number.load_relaxed() + 1);
}

void Impairment::add_stats(vnet_impair_stats& stats) const {
  for (u32 i = 0; i < queue_count_; i++) wires_[i].add_stats(stats);
}

}  // namespace vnet
