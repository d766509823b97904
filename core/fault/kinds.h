// SPDX-License-Identifier: GPL-2.0-only
// What kinds of fault there are, and what the others need to know of each: the one table.
#pragma once

#include <vnet/fault.h>

#include "core/base/types.h"

namespace vnet {

// Who meets a fault, and so what `N frames` counts.
enum class Side : u8 {
  kTransmit,   // frames that the queue sends
  kReceive,    // frames that come off the receive ring or its wire
  kInterrupt,  // receive interrupts that would be told to the host
  kReset       // resets of the queue
};

inline constexpr u64 kUntilReset = ~0ull;

struct FaultKind {
  Side side = Side::kReceive;
  u64 lasts = 0;  // ns, or kUntilReset, unless `for` says otherwise; 0: it strikes and is over
  bool by_itself = false;  // time alone makes it begin: it needs no frame
  bool of_device = false;  // not of a queue
  bool cuts = false;       // super-frames are cut up: it is decided for each frame of the wire
  u64 value_min = 0, value_max = 0, value_default = 0;  // value_max 0: takes none
  u32 excludes = 0;  // bits of kinds that may not be at the same queue at the same time
};

constexpr u32 kind_bit(vnet_fault_kind what) {
  return 1u << what;
}

constexpr FaultKind fault_kind(u32 what) {
  constexpr u64 kSecond = 1000000000;
  FaultKind kind;
  switch (what) {
    case VNET_FAULT_IRQ_LOST:
      kind.side = Side::kInterrupt;
      kind.excludes = kind_bit(VNET_FAULT_IRQ_STORM);
      break;
    case VNET_FAULT_IRQ_SPURIOUS:
      kind.by_itself = true;
      break;
    case VNET_FAULT_IRQ_STORM:
      kind.by_itself = true;
      kind.lasts = kSecond;
      kind.excludes = kind_bit(VNET_FAULT_IRQ_LOST) | kind_bit(VNET_FAULT_IRQ_STORM);
      break;
    case VNET_FAULT_TX_STALL:
      kind.side = Side::kTransmit;
      kind.lasts = kUntilReset;
      kind.excludes = kind_bit(VNET_FAULT_TX_STALL);
      break;
    case VNET_FAULT_RX_STALL:
      kind.lasts = kSecond;
      kind.excludes = kind_bit(VNET_FAULT_RX_STALL);
      break;
    case VNET_FAULT_LINK_FLAP:
      kind.side = Side::kTransmit;
      kind.by_itself = kind.of_device = true;
      kind.lasts = kSecond;
      kind.excludes = kind_bit(VNET_FAULT_LINK_FLAP);
      break;
    case VNET_FAULT_CSUM_GOOD:
      kind.cuts = true;
      kind.excludes = kind_bit(VNET_FAULT_CSUM_BAD);
      break;
    case VNET_FAULT_CSUM_BAD:
      kind.cuts = true;
      kind.excludes = kind_bit(VNET_FAULT_CSUM_GOOD);
      break;
    case VNET_FAULT_TRUNCATE:
      kind.cuts = true;
      kind.value_min = 1, kind.value_max = 65535, kind.value_default = 20;
      kind.excludes = kind_bit(VNET_FAULT_BAD_LENGTH);
      break;
    case VNET_FAULT_BAD_LENGTH:
      kind.cuts = true;
      kind.value_min = 1, kind.value_max = 0xffffffff, kind.value_default = 0xffff;
      kind.excludes = kind_bit(VNET_FAULT_TRUNCATE);
      break;
    case VNET_FAULT_DMA_SLOW:
      kind.cuts = true;
      kind.value_min = 1, kind.value_max = VNET_FAULT_SLOW_MAX, kind.value_default = 1000000;
      break;
    case VNET_FAULT_DMA_ERROR:
      kind.side = Side::kTransmit;
      break;
    case VNET_FAULT_RESET_FAIL:
      kind.side = Side::kReset;
      break;
    case VNET_FAULT_REMOVE:
      kind.side = Side::kTransmit;
      kind.by_itself = kind.of_device = true;
      kind.excludes = kind_bit(VNET_FAULT_REMOVE);
      break;
    case VNET_FAULT_MAC_FILTER_LEAK:
    case VNET_FAULT_MAC_FILTER_DEAF:
      break;
    default:  // rx-overrun, ring-corrupt, alloc-fail
      kind.cuts = true;
  }
  return kind;
}

constexpr bool recurs(u32 when) {
  return when == VNET_FAULT_EVERY_FRAMES || when == VNET_FAULT_EVERY_TIME ||
         when == VNET_FAULT_PROB || when == VNET_FAULT_MATCH;
}
constexpr bool by_time(u32 when) {
  return when == VNET_FAULT_NOW || when == VNET_FAULT_AT || when == VNET_FAULT_EVERY_TIME;
}

}  // namespace vnet
