// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/delay_line.h"

namespace vnet {
namespace {

bool before(const DelayLine::Entry& a, const DelayLine::Entry& b) {
  return a.due != b.due ? a.due < b.due : a.sequence < b.sequence;
}

}  // namespace

// A time before that of the last one's would be earlier than the list can say.
void DelayLine::List::push(vnet_frame* frame, u64 due) {
  frame->due = first && last->due > due ? last->due : due;
  frame->next = nullptr;
  if (first)
    last->next = frame;
  else
    first = frame;
  last = frame;
}

vnet_frame* DelayLine::List::pop() {
  vnet_frame* const frame = first;
  first = frame->next;
  return frame;
}

void DelayLine::count(const vnet_frame& frame, bool in) {
  const u64 sign = in ? 1 : ~0ull;  // -1
  frames_.add(sign);
  bytes_.add(sign * frame.wire_len);
  wire_frames_.add(sign * frame.wire_frames);
}

void DelayLine::put_in_order(vnet_frame* frame, u64 due) {
  in_order_.push(frame, due);
  lasts_to(due);
  came(*frame, frame->due);
}

void DelayLine::put_ahead(vnet_frame* frame, u64 due) {
  ahead_.push(frame, due);
  came(*frame, frame->due);
}

void DelayLine::put_at_once(vnet_frame* frame, u64 now) {
  at_once_.push(frame, now);
  came(*frame, frame->due);
}

bool DelayLine::put_anywhere(vnet_frame* frame, u64 due) {
  if (heap_count_ == heap_capacity_) return false;
  const Entry entry{due, sequence_++, frame};
  u32 hole = heap_count_++;
  for (; hole; hole = (hole - 1) / 2) {
    const Entry& parent = heap_[(hole - 1) / 2];
    if (!before(entry, parent)) break;
    heap_[hole] = parent;
  }
  heap_[hole] = entry;
  lasts_to(due);
  came(*frame, due);
  return true;
}

vnet_frame* DelayLine::pop_heap() {
  vnet_frame* const frame = heap_[0].frame;
  frame->due = heap_[0].due;
  const Entry last = heap_[--heap_count_];
  u32 hole = 0;
  for (;;) {
    u32 child = 2 * hole + 1;
    if (child >= heap_count_) break;
    if (child + 1 < heap_count_ && before(heap_[child + 1], heap_[child])) child++;
    if (!before(heap_[child], last)) break;
    heap_[hole] = heap_[child];
    hole = child;
  }
  heap_[hole] = last;
  return frame;
}

vnet_frame* DelayLine::take_due(u64 due) {
  vnet_frame* frame;
  if (at_once_.due() == due)
    frame = at_once_.pop();
  else if (ahead_.due() == due)
    frame = ahead_.pop();
  else if (in_order_.due() == due)
    frame = in_order_.pop();
  else
    frame = pop_heap();
  count(*frame, false);
  next_due_ = in_order_.due();
  if (ahead_.due() < next_due_) next_due_ = ahead_.due();
  if (at_once_.due() < next_due_) next_due_ = at_once_.due();
  if (heap_due() < next_due_) next_due_ = heap_due();
  return frame;
}

DelayLine::Entry* DelayLine::replace_heap(Entry* slots, u32 capacity) {
  Entry* const former = heap_;
  for (u32 i = 0; i < heap_count_; i++) slots[i] = heap_[i];
  heap_ = slots;
  heap_capacity_ = capacity;
  return former;
}

}  // namespace vnet
