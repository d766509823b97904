// SPDX-License-Identifier: GPL-2.0-only
// Tells the host what befalls frames, while somebody there listens: a batch at a time, at the
// latest at the end of a poll.
//
// Concurrency: the queue's poll.
#pragma once

#include <vnet/decision.h>

#include "core/impair/draw.h"

namespace vnet {

class Teller {
 public:
  // Asks the host once a poll, so that nothing is paid for a frame without a listener.
  void begin_poll(void* host_queue);
  void begin_run(u64 seed, u32 run);
  bool is_heard() const { return heard_; }

  // By chance: `draw` is what the stream gave; `length` that of a frame that is altered, or 0.
  void tell(vnet_decision_kind what, Stream stream, u64 frame, u64 draw, u64 value, u32 length);
  // By a list, or by time.
  void tell_listed(vnet_decision_kind what, Stream stream, u64 frame);
  void tell_timing(vnet_decision_kind what, u64 frame, u64 value);
  void flush();

 private:
  static constexpr u32 kBatch = 16;

  void add(const vnet_decision& decision);

  void* host_queue_ = nullptr;
  bool heard_ = false;
  u32 count_ = 0, run_ = 0;
  u64 seed_ = 0, told_ = 0;
  vnet_decision batch_[kBatch];
};

}  // namespace vnet
