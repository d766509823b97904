// SPDX-License-Identifier: GPL-2.0-only
// Counters, grouped by the context that writes them: one writer each, so no locked instruction, and
// any number of readers.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

// Drops by reason, in wire frames.
struct DropCounters {
  Counter<u64> by_reason[VNET_DROP_COUNT];
  void add(vnet_drop reason, u64 frames) { by_reason[reason].add(frames); }
  u64 sum() const {
    u64 all = 0;
    for (const Counter<u64>& each : by_reason) all += each.get();
    return all;
  }
};

struct TxCounters {
  Counter<u64> frames, bytes;
  DropCounters drops;
};

struct RxCounters {
  Counter<u64> frames, bytes, multicast;
  Counter<u64> polls, polls_without_rx, tx_irqs;  // rx_irqs is the difference: one count a poll
  DropCounters drops;
};

}  // namespace vnet
