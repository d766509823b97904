// SPDX-License-Identifier: GPL-2.0-only
// Fault: one that was asked for, and how far it has come. It decides for each frame, interrupt or
// reset that could meet it whether it does; what then happens is the queue's or the device's.
//
// What is counted, and all chance, is of one queue: a fault of all queues is at each of them by
// itself. Chance is a function of (seed, end of the link, queue, kind, id, number): of a received
// frame the number in its run, so that the same seed meets the same frames; else the fault's count.
//
// Concurrency: strikes() by the one context that its side has per queue, and by control; the
// rest by control; lasts() and info() by anybody.
#pragma once

#include <vnet/fault.h>

#include "core/base/atomic.h"
#include "core/fault/kinds.h"
#include "core/impair/match.h"
#include "core/impair/wire.h"

namespace vnet {

// What the faults of a device share.
struct FaultHost {
  void* host_device = nullptr;
  Run run;
  Atomic<u32> due;  // control has something to do for them

  // (any) The timer comes soon. Control takes the mark, then arms the timer, then looks again: so
  // neither's arming hides the other's.
  void call_control();
};

class Fault {
 public:
  // Null: no memory. `config` is one that fault_refusal() likes.
  static Fault* create(const vnet_fault& config, u32 id, u32 queue_count, FaultHost& host, u64 now);
  void destroy();

  // Beside a number: not that frame but a copy, which the wire has made of it.
  static constexpr u64 kCopy = 1ull << 63;
  // Whether it meets `frames` frames of the wire that come now: one, or the super-frame `frame`.
  // Null: it is an interrupt, a reset, or time itself. `number`: the first one's in its run, or 0.
  bool strikes(u32 queue, const vnet_frame* frame, u32 frames, u64 now, u64 number = 0);
  u64 window() const;  // how long a beginning lasts; 0: it strikes and is over
  // What has begun and is not over.
  bool lasts(u32 queue, u64 now) const;
  bool is_armed() const { return state_.load_acquire() == VNET_FAULT_ARMED; }
  bool has_fired() const { return sum(&Place::fired); }
  bool is_at(u32 queue) const { return place_of(queue) != nullptr; }

  // (C) It begins with what comes next.
  void fire();
  // (C) What is over is closed; what time makes begin begins. False: nothing has begun.
  bool tick(u32 queue, u64 now);
  void reset(u32 queue);
  void end(u32 state);
  // When tick() has something to do next; kNever: at no time.
  u64 next_tick() const;
  static constexpr u64 kNever = ~0ull;

  const vnet_fault& config() const { return config_; }
  FaultKind kind() const { return fault_kind(config_.what); }
  u32 id() const { return id_; }
  u64 value() const { return config_.value ? config_.value : kind().value_default; }
  void info(vnet_fault_info& info, u64 now) const;

 private:
  static constexpr u64 kUnlimited = ~0ull;
  struct Place {
    Atomic<u64> ordinal, fired, hits;
    Atomic<u64> left;    // how often it will begin
    Atomic<u64> until;   // while it lasts; 0: it does not
    Atomic<u64> next;    // of `every TIME`, and of what begins by itself
    Atomic<u32> forced;  // begins with what comes next
    Atomic<u32> done;
  };
  // What comes: `ordinal` by this fault's count, `number` in its run.
  struct Unit {
    u64 ordinal, number;
  };

  Fault(const vnet_fault& config, u32 id, u32 places, FaultHost& host, u64 now);
  Place* place_of(u32 queue) const;
  void close(Place& place, u64 now);
  bool wants_to_begin(Place& place, u32 queue, const Unit& unit, const vnet_frame* frame, u64 now);
  bool begin(Place& place, u32 queue, const Unit& unit, u32 frames, u64 now);
  bool take_one(Place& place);
  void finish(Place& place);
  void tell(u32 news, u32 queue, u64 value, u64 number = 0, u64 fired = 0) const;
  u64 sum(Atomic<u64> Place::*member) const;

  vnet_fault config_;
  const u32 id_, places_count_;
  const u32 first_queue_;
  FaultHost& host_;
  const u64 start_, expires_;
  Match match_;
  Atomic<u32> state_;    // VNET_FAULT_ARMED, _DONE or _EXPIRED
  Atomic<u32> open_;     // places that are not done
  Place* const places_;  // behind this object in memory, then the program
};

}  // namespace vnet
