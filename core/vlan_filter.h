// SPDX-License-Identifier: GPL-2.0-only
// Which VLANs a port lets in: a bit for each VID, of customer and of service tags (IEEE 802.1Q).
//
// Off, it costs a poll one look at active(). Untagged and priority-tagged frames (VID 0) always
// pass, and a promiscuous port lets everything in, as with hardware.
//
// Concurrency: set_member() and set_on() by control; set_promiscuous() beside them, since the
// kernel's address lists have a lock of their own; active() and passes() by any number of polls.
// A change is one word's: a poll sees what was or what is.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

class VlanFilter {
 public:
  static constexpr u32 kVids = 4096;

  // 0, or kNoMemory: nothing has changed.
  int set_member(vnet_vlan protocol, u32 vid, bool member);
  void set_on(vnet_vlan protocol, bool on);
  void set_promiscuous(bool promiscuous);
  void free();

  // Any protocol on and not promiscuous: 1 to 3.
  bool active() const { return (state_.load_relaxed() & kFlags) - 1 < kPromiscuous - 1; }
  // `tag`: the type behind a frame's MACs and the two bytes that follow it.
  bool passes(u32 tag) const;

 private:
  using Word = Atomic<u64>;
  static constexpr u32 kWordBits = 64;
  static constexpr u32 kPromiscuous = 1u << VNET_VLAN_COUNT;  // above a bit for each protocol
  static constexpr u32 kFlags = 2 * kPromiscuous - 1;
  static constexpr u32 kEpoch = kFlags + 1;  // above that: how often a table was emptied

  bool has(vnet_vlan protocol, u32 vid) const;

  Atomic<u32> state_;
  Atomic<Word*> members_[VNET_VLAN_COUNT];  // null: no VID was ever added
};

}  // namespace vnet
