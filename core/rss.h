// SPDX-License-Identifier: GPL-2.0-only
// Receive-side scaling: which of its queues a port wants a flow on. Toeplitz hash and indirection
// table as in Microsoft's "RSS Hashing Types" and "Verifying the RSS Hash Calculation" (Windows
// driver documentation), which is what hardware does.
//
// Concurrency: set() and config() by control; queue_of() by any number of transmitters at the same
// time. There are two banks: the one in force is complete, set() writes the other and then changes
// over. So a reader that preempts the writer has a bank to read, and waits for nobody.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

// A text that says what is wrong, or null.
const char* rss_error(const vnet_rss& config, u32 queues);
void rss_default(vnet_rss& config, u32 queues);

class Rss {
 public:
  void set(const vnet_rss& config);
  const vnet_rss& config() const { return config_; }
  vnet_rss_result queue_of(const vnet_rss_tuple& tuple) const;

 private:
  static constexpr u32 kNibbles = 2 * sizeof(vnet_rss_tuple::bytes);

  struct Bank {
    void fill(const vnet_rss& config);
    u32 hash(const u8* bytes, u32 length) const;
    vnet_rss_result queue_of(const vnet_rss_tuple& tuple) const;

    // What each value of each half of a byte adds to the hash; from the key.
    Atomic<u32> parts[kNibbles][16];
    Atomic<u8> table[VNET_RSS_ENTRIES];
    Atomic<u8> ports[VNET_RSS_PORT_FLOWS];
  };

  Atomic<u32> version_;  // how often it was set; its lowest bit is the bank in force
  Bank banks_[2];
  vnet_rss config_;
};

}  // namespace vnet
