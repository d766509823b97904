// SPDX-License-Identifier: GPL-2.0-only
// Wire: one direction of a link between the ring and the port of one queue, where it is impaired.
// It begins where the ring ends: the receiver's poll takes each frame off the ring and puts it on
// the wire, and takes off the wire what is due. So the poll alone has it, and there is no lock.
//
// A frame's ordinal is its number, from 1, among the frames of the wire that the ring accepted
// since the device was made or its seed set.
//
// Concurrency: the queue's poll, and control while no poll runs; surplus() and held() by anybody,
// add_stats() and state() by control.
#pragma once

#include "core/base/atomic.h"
#include "core/impair/delay_line.h"
#include "core/impair/lateness.h"
#include "core/impair/stages.h"
#include "core/impair/teller.h"
#include "core/stats.h"

namespace vnet {

// What all wires of a direction draw from. Control changes it while they are in use.
struct Run {
  Atomic<u64> seed;
  Atomic<u32> direction;  // 0: the link's first end sends
  Atomic<u32> number;     // stored last; another one: models begin anew
};

class Wire {
 public:
  // (C) Once. What is pointed to outlives the wire.
  void init(const Run* run, u32 queue) {
    run_ = run;
    queue_ = queue;
  }
  // (C) Where the queue counts drops, and where it has its host's, which may come later.
  void count_in(RxCounters* rx, void* const* host_queue) {
    rx_ = rx;
    host_queue_ = host_queue;
  }
  // (C) From now on; null: nothing is done to frames.
  void set_plan(const Plan* plan);
  // (C) Behind set_plan(): the number of the last frame that has come off the ring.
  void remember(u64 ordinal);
  // (C) Room for the plan's heap; returns what is to be freed, perhaps null.
  void* set_heap(void* slots, u32 capacity);
  bool needs_heap(const Plan& plan) const { return plan.heap_capacity > line_.heap_capacity(); }
  // (C) The frames on the wire are lost.
  void empty();

  // (C) No poll runs: the ordinal of the last frame that has come off the ring.
  void come_to(u64 ordinal);
  // (C) No poll runs.
  void view(vnet_wire_view& view) const;

  // (P) Before the frames that a poll puts; `ordinal` is that of the last frame that has come off
  // the ring.
  void begin_poll(u64 ordinal, u64 now);
  // (P) A frame from the ring.
  void put(vnet_frame* frame, u64 now);
  // (P) The frame of next_due(), which is not after `now`.
  vnet_frame* take(u64 due, u64 now);
  // (P) Its number in this run; 0: it came before, or 2^24 frames have come since.
  u64 number_of(const vnet_frame& frame) const;
  // (P) The poll is over: what is to be told is told.
  void end_poll() { teller_.flush(); }
  // (P) kNever: nothing is on the wire.
  u64 next_due() const { return line_.next_due(); }
  static constexpr u64 kNever = DelayLine::kNever;
  // (P) False: no deadline is to be asked for, or it has been asked for then.
  bool arm(u64 at) {
    if (at == kNever || at == armed_.load_relaxed()) return false;
    armed_.store_relaxed(at);
    return true;
  }
  // (T) False: one comes by then, perhaps that of a poll which runs meanwhile.
  bool arm_by(u64 at) {
    for (;;) {
      const u64 armed = armed_.load_relaxed();
      if (is_by(armed, at)) return false;
      if (armed_.compare_exchange(armed, at)) return true;
    }
  }
  // (T, P) Whether it comes by then.
  bool comes_by(u64 at) const { return is_by(armed_.load_relaxed(), at); }
  u64 armed() const { return armed_.load_relaxed(); }  // 0: none
  // (C) Whether each frame is held for so long, and nothing depends on when it is put.
  bool gathers(u64 delay) const;
  // (timer) It came.
  void deadline_over() { armed_.store_relaxed(0); }
  // (P) A deadline came since the poll.
  bool is_over() const { return !armed_.load_relaxed() && !line_.empty(); }
  bool idle() const { return !plan_ && line_.empty(); }
  u64 held() const { return line_.frames(); }
  // Frames of the wire that have come and not left, less those that have left and never came.
  u64 surplus() const { return line_.wire_frames() - duplicated_.get(); }
  void add_stats(vnet_impair_stats& stats) const;
  // (C) With the number of frames given.
  void state(vnet_wire_state& state) const;

 private:
  static bool is_by(u64 armed, u64 at) { return armed && armed <= at; }
  void begin_run();
  // While somebody listens.
  [[gnu::noinline]] void tell(const Fate& fate, const vnet_frame& frame);
  [[gnu::noinline]] void tell_bit(u32 index, u32 bit);
  void tell_timing(vnet_decision_kind what, u64 value);
  void follow_run(u64 ordinal);
  void enter(vnet_frame* frame, u64 now) const;
  void pass(vnet_frame* frame, u64 now);
  void put_segments(vnet_frame* frame, u64 now);
  void put_one(vnet_frame* frame, u64 now);
  [[gnu::noinline]] void put_altered(vnet_frame* frame, const Fate& fate, u64 now);
  bool corrupt(vnet_frame* frame);
  bool truncate(vnet_frame* frame);
  vnet_frame* alter(vnet_frame* frame, const Fate& fate);
  vnet_frame* duplicate(const vnet_frame* frame);
  void schedule(vnet_frame* frame, const Fate& fate, u64 now);
  bool is_full(const vnet_frame& frame) const;
  void overflow(vnet_frame* frame);
  u64 sent(RateState& state, u64 now, const vnet_frame& frame) const;
  void follow_trace(u64 now);
  void drop(vnet_frame* frame, vnet_drop reason);
  void measure(const vnet_frame& frame, u64 now);

  const Plan* plan_ = nullptr;
  const Run* run_ = nullptr;
  RxCounters* rx_ = nullptr;
  void* const* host_queue_ = nullptr;
  u32 queue_ = 0;
  Atomic<u32> run_seen_;  // 0: none yet
  Chance chance_;
  StageState state_;
  RateState rate_state_;
  u64 ordinal_ = 0;   // of the last frame
  u64 deciding_ = 0;  // the frame that is decided upon
  u64 origin_ = 0;    // frames of earlier runs: with it, numbers go on from run to run
  // When the plan took over, or the run began: for who repeats the decisions.
  Atomic<u64> after_;
  Atomic<u32> loss_state_then_, since_early_then_;
  Teller teller_;
  TracePlace row_{};   // of a trace, that of the last poll
  Atomic<u64> armed_;  // the deadline asked for; 0: none
  DelayLine line_;
  Counter<u64> duplicated_, copies_failed_, corrupted_, truncated_, reordered_;
  Lateness late_;
  Counter<u64> delays_, delay_sum_, delay_squares_;
};

}  // namespace vnet
