// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/teller.h"

#include <vnet/host.h>

namespace vnet {

void Teller::begin_poll(void* host_queue) {
  host_queue_ = host_queue;
  heard_ = vnet_host_decisions_heard(host_queue) != 0;
}

void Teller::begin_run(u64 seed, u32 run) {
  seed_ = seed;
  run_ = run;
}

void Teller::tell(vnet_decision_kind what, Stream stream, u64 frame, u64 draw, u64 value,
                  u32 length) {
  add({frame, draw, value, static_cast<u8>(what), static_cast<u8>(stream), 1, length});
}

void Teller::tell_listed(vnet_decision_kind what, Stream stream, u64 frame) {
  add({frame, 0, 0, static_cast<u8>(what), static_cast<u8>(stream), 0, 0});
}

void Teller::tell_timing(vnet_decision_kind what, u64 frame, u64 value) {
  add({frame, 0, value, static_cast<u8>(what), VNET_DECISION_NO_STREAM, 0, 0});
}

void Teller::add(const vnet_decision& decision) {
  if (count_ == kBatch) flush();
  batch_[count_++] = decision;
}

void Teller::flush() {
  if (!count_) return;
  const vnet_decisions decisions{batch_, count_, run_, seed_, told_};
  told_ += count_;
  count_ = 0;
  vnet_host_decisions(host_queue_, &decisions);
}

}  // namespace vnet
