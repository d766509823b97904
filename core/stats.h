// SPDX-License-Identifier: GPL-2.0-only
// Counters, grouped by the context that writes them: one writer each, so no locked instruction, and
// any number of readers.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

// Drops by reason, in wire frames; and their sum, which an impaired wire's polls ask for.
struct DropCounters {
  Counter<u64> by_reason[VNET_DROP_COUNT], all;
  void add(vnet_drop reason, u64 frames) {
    by_reason[reason].add(frames);
    all.add(frames);
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
