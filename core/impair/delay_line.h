// SPDX-License-Identifier: GPL-2.0-only
// The frames that are on the wire, each with the time at which it is due.
//
// Four parts, none of which allocates while frames come: a list for those that keep their order,
// a list for those sent ahead of them, one for those that are not impaired at all, linked through
// the frames themselves and so without a limit; and a binary heap for a wire whose jitter
// reorders, which control has made.
//
// Concurrency: the queue's poll; frames(), wire_frames() and bytes() by anybody.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

class DelayLine {
 public:
  struct Entry {
    u64 due;
    u64 sequence;  // first in, first out, of those due at the same time
    vnet_frame* frame;
  };

  u64 frames() const { return frames_.get(); }
  u64 bytes() const { return bytes_.get(); }
  u64 wire_frames() const { return wire_frames_.get(); }
  bool empty() const { return !frames(); }

  // Behind all that keep their order, whatever `due` says.
  void put_in_order(vnet_frame* frame, u64 due);
  // Past those.
  void put_ahead(vnet_frame* frame, u64 due);
  // Past these, too: those may be due later, by a rate.
  void put_at_once(vnet_frame* frame, u64 now);
  // Anywhere; false: the heap is full.
  bool put_anywhere(vnet_frame* frame, u64 due);
  // When the last of all is due that were not sent ahead, if that is yet to come.
  u64 last_due() const { return last_due_; }

  // The earliest if it is due, with frame->due; otherwise null.
  vnet_frame* take(u64 now) {
    const u64 due = next_due();
    return due > now || due == kNever ? nullptr : take_due(due);
  }
  // What is due at next_due().
  vnet_frame* take_due(u64 due);
  u64 next_due() const { return next_due_; }  // kNever: empty
  static constexpr u64 kNever = ~0ull;

  // All have been taken, whether due or not.
  void restart() { last_due_ = 0; }

  // Control, without a poll: another place for the heap. Returns the former one.
  Entry* replace_heap(Entry* slots, u32 capacity);
  u32 heap_capacity() const { return heap_capacity_; }

 private:
  struct List {
    vnet_frame *first = nullptr, *last = nullptr;
    u64 due() const { return first ? first->due : kNever; }
    void push(vnet_frame* frame, u64 due);
    vnet_frame* pop();
  };
  u64 heap_due() const { return heap_count_ ? heap_[0].due : kNever; }
  vnet_frame* pop_heap();
  void count(const vnet_frame& frame, bool in);
  void came(const vnet_frame& frame, u64 due) {
    if (due < next_due_) next_due_ = due;
    count(frame, true);
  }
  void lasts_to(u64 due) {
    if (due > last_due_) last_due_ = due;
  }

  List in_order_, ahead_, at_once_;
  Entry* heap_ = nullptr;
  u32 heap_count_ = 0, heap_capacity_ = 0;
  u64 sequence_ = 0;
  u64 next_due_ = kNever, last_due_ = 0;
  Counter<u64> frames_, wire_frames_, bytes_;
};

}  // namespace vnet
