// SPDX-License-Identifier: GPL-2.0-only
// Which destination MACs a port lets in: its own, broadcast, and a table of exact addresses.
//
// The table is a hash set of fixed size, as in hardware: what does not fit turns the port
// all-multicast or promiscuous, which lets too much in and never too little.
//
// Concurrency: set() and set_own() by control; check() by any number of polls at the same time.
// While a writer is at work nothing is refused (a sequence count tells): too much for a moment,
// never too little.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

// A MAC address as a number, first byte highest.
constexpr u64 mac_value(const u8* mac) {
  u64 value = 0;
  for (int i = 0; i < 6; i++) value = value << 8 | mac[i];
  return value;
}

constexpr bool mac_is_multicast(u64 mac) {
  return mac >> 40 & 1;
}

class MacFilter {
 public:
  enum class Verdict : u8 { kPass, kUnicast, kMulticast };  // otherwise: why it is refused

  // How many addresses fit: half of the slots, so that probing stays short.
  static constexpr u32 kCapacity = VNET_FILTER_MAX;

  void set_own(u64 mac) { own_.store_relaxed(mac); }
  u64 own() const { return own_.load_relaxed(); }
  void set(const vnet_filter& filter);
  Verdict check(u64 destination) const;

 private:
  static constexpr u32 kSlots = 2 * kCapacity;
  static constexpr u64 kBroadcast = 0xffffffffffffull;
  static constexpr u32 kPromiscuous = 1, kAllMulticast = 2;

  void insert(u64 mac);
  bool contains(u64 mac) const;

  Atomic<u64> own_;
  Atomic<u32> sequence_;  // odd: a writer is at work
  Atomic<u32> flags_;
  Atomic<u64> slots_[kSlots];  // 0: empty; the zero MAC is never a destination
};

}  // namespace vnet
