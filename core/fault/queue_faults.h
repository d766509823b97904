// SPDX-License-Identifier: GPL-2.0-only
// A queue's view of its device's faults: which of them each side has to ask, and what has come of
// those that last.
//
// Concurrency: the masks are control's; the rest says whose it is.
#pragma once

#include "core/fault/fault.h"
#include "core/frame_list.h"

namespace vnet {

// What has met a frame.
struct Strike {
  u32 kinds = 0;   // kind_bit()
  u64 length = 0;  // of truncate and bad-length
  u64 slow = 0;    // ns, of dma-slow
  bool by(vnet_fault_kind what) const { return kinds & kind_bit(what); }
};

class QueueFaults {
 public:
  static constexpr u32 kKeepsFrames =
      kind_bit(VNET_FAULT_MAC_FILTER_LEAK) | kind_bit(VNET_FAULT_MAC_FILTER_DEAF);

  void init(Atomic<Fault*>* table, u32 queue, FaultHost* host) {
    table_ = table;
    queue_ = queue;
    host_ = host;
  }

  // (C) Which faults, a bit for each place in the table, are at this queue.
  struct Masks {
    u32 transmit, receive, interrupt, reset;
    bool cuts;
    bool any() const { return transmit | receive | interrupt | reset; }
  };
  void set(const Masks& masks);
  bool any() const;
  bool at_transmit() const { return transmit_.load_relaxed(); }
  bool cuts() const { return cuts_.load_relaxed(); }

  // (T) A frame that is about to be admitted.
  Strike strike_transmit(const vnet_frame& frame, u64 now);
  // (P) A frame that has come; the MAC filter's faults, each with the frames it can hit.
  Strike strike_receive(const vnet_frame& frame, u64 now);
  bool strikes_filter(vnet_fault_kind what, const vnet_frame& frame, u64 now);
  // (T of the other end) A receive interrupt.
  bool loses_interrupt(u64 now);
  // (P, C) A reset.
  bool fails_reset(u64 now);
  // (P, C) It worked: ends what lasts until then.
  void reset() const;
  // (any)
  bool lasts(vnet_fault_kind what, u64 now) const;

  // (T, P) Something is left behind that the fault's end has to put right. Control may have seen
  // that end already: it looks again.
  void leave(Atomic<bool>& behind) {
    if (!behind.exchange(true)) host_->call_control();
  }

  // (P) The fault has called control as it began, which may have looked before this.
  void raise_spurious() {
    spurious.fetch_add(1);
    host_->call_control();
  }

  // Written by T, and by C once it has let go.
  Atomic<bool> hung;  // the transmitter, by tx-stall
  // Written by P, and by C when it is over.
  Atomic<bool> stalled;  // the receiver, by rx-stall
  // Written by the other end's T, and by C when it is over.
  Atomic<bool> losing;   // interrupts, by an irq-lost that lasts
  Atomic<u32> spurious;  // interrupts to be raised by C

  // P's: the number in its run of the received frame that is asked about, perhaps with
  // Fault::kCopy; 0: not known.
  u64 arriving = 0;

  // P's, and C's without a poll.
  FrameList parked;  // decided, and not delivered yet
  Counter<u64> parked_count, parked_wire_frames;
  u64 slow_until = 0;
  bool needs_reset = false;

 private:
  template <class Do>
  void each(u32 mask, const Do& act) const {
    for (; mask; mask &= mask - 1)
      if (Fault* const fault = table_[__builtin_ctz(mask)].load_acquire()) act(*fault);
  }

  Atomic<Fault*>* table_ = nullptr;
  u32 queue_ = 0;
  FaultHost* host_ = nullptr;
  Atomic<u32> transmit_, receive_, interrupt_, reset_;
  Atomic<bool> cuts_;
};

}  // namespace vnet
