// SPDX-License-Identifier: GPL-2.0-only
// The transmit watchdog of hosts whose stack has none: a queue that stays stopped for too long has
// timed out. Linux's own (net/sched/sch_generic.c, dev_watchdog()) does the same for net_devices.
//
// Concurrency: check() by control; restart() by whoever wakes the queue.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

class Watchdog {
 public:
  struct Outcome {
    bool expired;
    u64 remaining;  // ns to the next deadline; 0: none
  };

  // The first check after the stop starts the time; an expiry starts it anew.
  Outcome check(bool stopped, u64 now, u64 timeout) {
    if (!stopped) return {false, 0};
    const u64 since = since_.load_relaxed();
    if (since == kIdle) {
      since_.store_relaxed(now);
      return {false, timeout};
    }
    const u64 elapsed = now - since;
    if (elapsed < timeout) return {false, timeout - elapsed};
    since_.store_relaxed(now);
    return {true, timeout};
  }

  void restart() { since_.store_relaxed(kIdle); }

 private:
  static constexpr u64 kIdle = ~0ull;
  Atomic<u64> since_{kIdle};
};

}  // namespace vnet
