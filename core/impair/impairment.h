// SPDX-License-Identifier: GPL-2.0-only
// What a device's receiving is impaired by: the plan in force, and a wire for each queue. It is
// made when a device is first impaired and stays until the device goes.
//
// Concurrency: control, while no poll runs; set_run() and the statistics while polls do.
#pragma once

#include "core/impair/trace_upload.h"
#include "core/impair/wire.h"

namespace vnet {

class Queue;

class Impairment {
 public:
  // Null: no memory.
  static Impairment* create(u32 queue_count);
  void destroy();

  // Another plan, in two steps. The error of the first is that of Plan::compile(), or kNoMemory:
  // nothing has changed. Then it is put in force, which cannot fail, or given up.
  int prepare(const vnet_impairment& config, Refusal& why);
  void commit();
  void abandon();
  const Plan* plan() const { return plan_; }  // null: all knobs are off
  Wire* wire(u32 queue) { return &wires_[queue]; }
  const Wire* wire(u32 queue) const { return &wires_[queue]; }

  // The trace that is being handed over.
  TraceUpload& upload() { return upload_; }
  const TraceUpload& upload() const { return upload_; }

  // Another seed, or another place of the device in its link: a new run.
  void set_run(u64 seed, u32 direction);
  void add_stats(vnet_impair_stats& stats) const;

 private:
  explicit Impairment(u32 queue_count);
  bool grow_heaps(const Plan& plan);

  const u32 queue_count_;
  Plan* plan_ = nullptr;
  Plan* prepared_ = nullptr;
  TraceUpload upload_;
  Run run_;
  Wire* const wires_;  // behind this object in memory
};

}  // namespace vnet
