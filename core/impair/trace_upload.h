// SPDX-License-Identifier: GPL-2.0-only
// A trace on its way from control: messages have an end, and a trace may be longer.
//
// Concurrency: control.
#pragma once

#include <vnet/impair.h>

#include "core/base/types.h"
#include "core/impair/refusals.h"

namespace vnet {

class TraceUpload {
 public:
  // Rows from number `at` on, as bytes that need not be aligned. The first begins another trace, of
  // `count` rows, whose memory it takes. 0, kInvalid with `why`, or kNoMemory.
  int add(u64 id, u32 count, u32 at, const void* rows, u32 length, Refusal& why);
  // The whole trace of that name; null: it is not there, or not all of it.
  const vnet_trace_row* rows(u64 id) const { return id == id_ && at_ == count_ ? rows_ : nullptr; }
  u32 count() const { return count_; }
  void clear();

 private:
  vnet_trace_row* rows_ = nullptr;
  u64 id_ = 0;
  u32 count_ = 0, at_ = 0;
};

}  // namespace vnet
