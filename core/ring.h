// SPDX-License-Identifier: GPL-2.0-only
// Bounded single-producer single-consumer FIFO, a power of two in size.
//
// Concurrency: push(), full() by one producer at a time; pop() by one consumer at a time; size() by
// anybody. Positions run freely over u32, so the whole capacity is usable and full and empty
// differ.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"

namespace vnet {

template <class T>
class Ring {
 public:
  // `slots` holds `capacity` elements, a power of two; it outlives the ring and stays the caller's.
  void init(T* slots, u32 capacity) {
    slots_ = slots;
    mask_ = capacity - 1;
  }

  u32 capacity() const { return mask_ + 1; }
  u32 size() const { return tail_.load_acquire() - head_.load_acquire(); }

  // Producer: true if there is room for sure, by its last view of the consumer.
  bool has_room() const { return tail_.load_relaxed() - head_seen_ <= mask_; }

  // Producer: whether push() would fail.
  bool full() {
    if (has_room()) return false;
    head_seen_ = head_.load_acquire();
    return tail_.load_relaxed() - head_seen_ > mask_;
  }

  // Producer: false if there is no room.
  bool push(T value) {
    if (full()) return false;
    put(value);
    return true;
  }

  // Producer, with room for it: true if the ring is full now.
  bool put(T value) {
    const u32 tail = tail_.load_relaxed();
    slots_[tail & mask_] = value;
    tail_.store_release(tail + 1);
    if (tail + 1 - head_seen_ <= mask_) return false;
    head_seen_ = head_.load_acquire();
    return tail + 1 - head_seen_ > mask_;
  }

  // Consumer: how many there are to take, at most `limit`.
  u32 available(u32 limit) {
    const u32 count = tail_.load_acquire() - head_.load_relaxed();
    return count < limit ? count : limit;
  }

  // Consumer: the i-th of what is available.
  T at(u32 i) const { return slots_[(head_.load_relaxed() + i) & mask_]; }

  // Consumer: the first `count` of what is available are taken; the producer has their room.
  void release(u32 count) { head_.store_release(head_.load_relaxed() + count); }

  // Consumer: false if there is nothing.
  bool pop(T& value) {
    if (!available(1)) return false;
    value = at(0);
    release(1);
    return true;
  }

 private:
  // The producer's line, then the consumer's. The producer keeps its last view of the other's
  // position, so that the line comes over once per lap of news and not once per frame.
  alignas(kCacheLine) Atomic<u32> tail_{0};
  u32 head_seen_ = 0;
  alignas(kCacheLine) Atomic<u32> head_{0};
  alignas(kCacheLine) T* slots_ = nullptr;
  u32 mask_ = 0;
};

}  // namespace vnet
