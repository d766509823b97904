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
};

struct TxCounters {
  Counter<u64> frames, bytes;
  DropCounters drops;
};

// What one poll has taken for the host.
struct RxCounts {
  u64 frames = 0, bytes = 0, multicast = 0;
};

struct RxCounters {
  Counter<u64> frames, bytes, multicast;
  Counter<u64> polls, rx_irqs, tx_irqs;
  DropCounters drops;
};

}  // namespace vnet
