// SPDX-License-Identifier: GPL-2.0-only
// The faults of a device: the table, and what control does with it. It is made with the first
// fault and stays until the device goes.
//
// Concurrency: control.
#pragma once

#include "core/fault/queue_faults.h"
#include "core/refusal.h"

namespace vnet {

class Faults {
 public:
  // Null: no memory.
  static Faults* create(u32 queue_count, void* host_device);
  void destroy();

  // What is wrong with it: the error of fault_refusal(), or kBusy.
  int check(const vnet_fault& config, Refusal& why) const;
  // One that nothing is wrong with. kBusy: there is no place; or kNoMemory.
  int add(const vnet_fault& config, u64 now, u32& id, Refusal& why);
  // The ones that have this id, all for 0: nobody asks them from refresh() on, and once nobody
  // does any more they can be freed. 0: there is none.
  u32 mark(u32 id) const;
  void forget(u32 places);
  void free(u32 places);
  // All that ended, if there is no other room.
  u32 ended_if_full() const;
  int fire(u32 id);
  bool list(u32 from, u64 now, vnet_fault_info& info) const;

  // What is over ends, what time makes begin begins. Returns the time of the next tick.
  u64 tick(u64 now);
  void reset(u32 queue);
  // Tells the queues which faults are at them.
  void refresh();
  bool lasts(vnet_fault_kind what, u64 now) const;
  bool has(vnet_fault_kind what) const;
  bool take_due() { return host_.due.exchange(0); }
  bool is_due() const { return host_.due.load_acquire(); }
  bool take_removal();

  void set_run(u64 seed, u32 direction);
  QueueFaults& queue(u32 index) { return queues_[index]; }

 private:
  Faults(u32 queue_count, void* host_device);
  const char* exclusion(const vnet_fault& config) const;
  bool is_at(const Fault& fault, const vnet_fault& config) const;
  Fault* at(u32 place) const { return table_[place].load_relaxed(); }

  const u32 queue_count_;
  u32 last_id_ = 0;
  bool removal_ = false, removed_ = false;
  FaultHost host_;
  Atomic<Fault*> table_[VNET_FAULTS_MAX];
  QueueFaults* const queues_;  // behind this object in memory
};

}  // namespace vnet
