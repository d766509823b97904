// SPDX-License-Identifier: GPL-2.0-only
// Which destination MACs a port lets in: its own, broadcast, and a table of exact addresses.
//
// The table is a hash set of fixed size, as in hardware: what does not fit turns the port
// all-multicast or promiscuous, which lets too much in and never too little.
//
// Concurrency: set(), set_own() and look_at_own() by control; check() by any number of polls at the
// same time. While a writer is at work nothing is refused (a sequence count tells): too much for a
// moment, never too little.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

// A MAC address as one word: its six bytes in memory order, then two of 0.
inline u64 mac_value(const u8* mac) {
  u64 value = 0;
  __builtin_memcpy(&value, mac, 6);
  return value;
}

// The same from a place that has two more bytes, of whatever value: one load.
inline u64 mac_value_of_8(const u8* mac) {
  constexpr u8 kAddress[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  u64 value, mask;
  __builtin_memcpy(&value, mac, 8);
  __builtin_memcpy(&mask, kAddress, 8);
  return value & mask;
}

inline void mac_store(u8* mac, u64 value) {
  __builtin_memcpy(mac, &value, 6);
}

// IEEE 802: the lowest bit of the first byte.
inline bool mac_is_multicast(u64 mac) {
  u8 first;
  __builtin_memcpy(&first, &mac, 1);
  return first & 1;
}

class MacFilter {
 public:
  enum class Verdict : u8 { kPass, kUnicast, kMulticast };  // otherwise: why it is refused

  // How many addresses fit: half of the slots, so that probing stays short.
  static constexpr u32 kCapacity = VNET_FILTER_MAX;
  static constexpr u32 kSlots = 2 * kCapacity;

  // `slots`: kSlots of them, zero, that outlive the filter. Before, any address is one too many.
  void init(Atomic<u64>* slots) { slots_ = slots; }
  void set_own(u64 mac);
  u64 own() const { return own_.load_relaxed(); }
  // The MAC whose frames nobody needs to look at: the port's own, or none while another filter
  // wants to see those, too.
  u64 unseen() const { return unseen_.load_relaxed(); }
  void look_at_own(bool look);
  void set(const vnet_filter& filter);
  Verdict check(u64 destination) const;

 private:
  static constexpr u32 kPromiscuous = 1, kAllMulticast = 2;
  static constexpr u64 kNone = ~0ull;  // no MAC's value

  void insert(u64 mac);
  bool contains(u64 mac) const;

  Atomic<u64> own_;
  Atomic<u64> unseen_;
  Atomic<u32> sequence_;  // odd: a writer is at work
  Atomic<u32> flags_;
  Atomic<u64>* slots_ = nullptr;  // 0: empty; the zero MAC is never a destination
};

}  // namespace vnet
