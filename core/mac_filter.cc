// SPDX-License-Identifier: GPL-2.0-only
#include "core/mac_filter.h"

namespace vnet {
namespace {

constexpr u8 kBroadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// Multiplicative hashing (Knuth, TAOCP 6.4): the highest bits of mac * 2^64/phi.
u32 slot_of(u64 mac, u32 slots) {
  return static_cast<u32>((mac * 0x9e3779b97f4a7c15ull) >> 32) & (slots - 1);
}

}  // namespace

void MacFilter::insert(u64 mac) {
  for (u32 slot = slot_of(mac, kSlots);; slot = (slot + 1) & (kSlots - 1)) {
    const u64 there = slots_[slot].load_relaxed();
    if (there == mac) return;
    if (there == 0) return slots_[slot].store_release(mac);
  }
}

bool MacFilter::contains(u64 mac) const {
  // Bounded: a half-written table may have no empty slot; check() then ignores the outcome.
  u32 slot = slot_of(mac, kSlots);
  for (u32 probes = 0; probes < kSlots; probes++, slot = (slot + 1) & (kSlots - 1)) {
    const u64 there = slots_[slot].load_acquire();
    if (there == 0) return false;
    if (there == mac) return true;
  }
  return false;
}

void MacFilter::set_own(u64 mac) {
  own_.store_relaxed(mac);
  look_at_own(unseen_.load_relaxed() == kNone);
}

void MacFilter::look_at_own(bool look) {
  unseen_.store_relaxed(look ? kNone : own_.load_relaxed());
}

void MacFilter::set(const vnet_filter& filter) {
  u32 flags = 0;
  u32 room = slots_ ? kCapacity : 0;
  sequence_.fetch_add(1);
  for (u32 slot = 0; slots_ && slot < kSlots; slot++) slots_[slot].store_release(0);
  if (filter.promiscuous || filter.unicast_count > room) {
    flags |= kPromiscuous;
  } else {
    for (u32 i = 0; i < filter.unicast_count; i++) insert(mac_value(filter.unicast[i]));
    room -= filter.unicast_count;
  }
  if (filter.all_multicast || filter.multicast_count > room) {
    flags |= kAllMulticast;
  } else {
    for (u32 i = 0; i < filter.multicast_count; i++) insert(mac_value(filter.multicast[i]));
  }
  flags_.store_release(flags);
  sequence_.fetch_add(1);
}

MacFilter::Verdict MacFilter::check(u64 destination) const {
  if (destination == own_.load_relaxed() || destination == mac_value(kBroadcast))
    return Verdict::kPass;
  const bool multicast = mac_is_multicast(destination);
  const u32 sequence = sequence_.load_acquire();
  const u32 flags = flags_.load_acquire();
  if (flags & kPromiscuous || (multicast && flags & kAllMulticast) || contains(destination))
    return Verdict::kPass;
  // A refusal that was read while a writer was at work is none. Repeating the look-up instead could
  // spin for ever where the poll preempts the writer.
  if (sequence & 1 || sequence_.load_relaxed() != sequence) return Verdict::kPass;
  return multicast ? Verdict::kMulticast : Verdict::kUnicast;
}

}  // namespace vnet
