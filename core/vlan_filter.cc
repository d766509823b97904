// SPDX-License-Identifier: GPL-2.0-only
#include "core/vlan_filter.h"

#include <vnet/host.h>

#include "core/base/memory.h"
#include "core/params.h"

namespace vnet {
namespace {

constexpr u32 kPriorityVid = 0;  // IEEE 802.1Q: the tag has a priority and no VLAN
constexpr u32 kVidMask = 0xfff;

// IEEE 802.1Q table 9-1. VNET_VLAN_COUNT: no tag.
vnet_vlan protocol_of(u32 tag) {
  const u32 type = tag >> 16;
  return type == 0x8100 ? VNET_VLAN_CTAG : type == 0x88a8 ? VNET_VLAN_STAG : VNET_VLAN_COUNT;
}

}  // namespace

int VlanFilter::set_member(vnet_vlan protocol, u32 vid, bool member) {
  Word* words = members_[protocol].load_relaxed();
  if (!words) {
    if (!member) return 0;
    words = static_cast<Word*>(vnet_host_alloc(kVids / 8));
    if (!words) return kNoMemory;
    members_[protocol].store_release(words);
  }
  Word& word = words[vid / kWordBits];
  const u64 bit = 1ull << vid % kWordBits;
  const u64 old = word.load_relaxed();
  word.store_release(member ? old | bit : old & ~bit);
  return 0;
}

void VlanFilter::set_on(vnet_vlan protocol, bool on) {
  if (on) {
    state_.fetch_or(1u << protocol);
    return;
  }
  state_.fetch_and(~(1u << protocol));
  state_.fetch_add(kEpoch);
  Word* const words = members_[protocol].load_relaxed();
  for (u32 i = 0; words && i < kVids / kWordBits; i++) words[i].store_release(0);
}

void VlanFilter::set_promiscuous(bool promiscuous) {
  if (promiscuous)
    state_.fetch_or(kPromiscuous);
  else
    state_.fetch_and(~kPromiscuous);
}

void VlanFilter::free() {
  for (Atomic<Word*>& words : members_) free_if_any(words.load_relaxed());
}

bool VlanFilter::has(vnet_vlan protocol, u32 vid) const {
  const Word* const words = members_[protocol].load_acquire();
  return words && words[vid / kWordBits].load_acquire() >> vid % kWordBits & 1;
}

bool VlanFilter::passes(u32 tag) const {
  const vnet_vlan protocol = protocol_of(tag);
  const u32 vid = tag & kVidMask;
  if (protocol == VNET_VLAN_COUNT || vid == kPriorityVid) return true;
  const u32 state = state_.load_acquire();
  if (!(state & 1u << protocol) || state & kPromiscuous || has(protocol, vid)) return true;
  // A refusal by a table that is being emptied is none, even if the filter is on again by now.
  return state_.load_relaxed() != state;
}

}  // namespace vnet
