// SPDX-License-Identifier: GPL-2.0-only
// Where the payload of every frame lives: slots for a whole GSO frame each, mapped once.
//
// Last in, first out: on an undisturbed link the same few slots go round and stay in the CPU's
// cache (facts: 128 cold ones cost 20 % of bulk throughput). A slot that was never needed is never
// touched, so a large ring costs address space, not memory. Nor is more than the first page of one
// that held short frames only: those that a wire holds of many super-frames cost no more than they
// need. The pool grows by whole mappings; frames stay where they are.
//
// Concurrency: one thread.
#pragma once

#include <vnet/types.h>

#include <cstddef>
#include <vector>

#include "user/result.h"
#include "user/virtio_header.h"

namespace vnet::user {

class FramePool;

// One slot. The descriptor comes first: the core's pointer to it is the pointer to the slot.
struct PoolFrame {
  // A GSO frame is at most 65536 bytes and its Ethernet header with two tags; the rest tells a
  // frame that was cut off by the read from one that fits.
  static constexpr size_t kDataSize = 65536 + 2048;

  // What a TAP reads and writes in one piece.
  struct Wire {
    VirtioHeader virtio;
    vnet_u8 data[kDataSize];
  };

  vnet_frame frame;
  FramePool* pool;
  alignas(16) bool wide;  // it has held more than its first page
  alignas(8) Wire wire;   // here the IP header, 14 bytes on, is aligned to 16

  static PoolFrame& of(vnet_frame* frame) { return *reinterpret_cast<PoolFrame*>(frame); }
  static const PoolFrame& of(const vnet_frame* frame) {
    return *reinterpret_cast<const PoolFrame*>(frame);
  }
};
static_assert(offsetof(PoolFrame, frame) == 0);
static_assert(offsetof(PoolFrame::Wire, data) == sizeof(VirtioHeader));
static_assert((offsetof(PoolFrame, wire) + sizeof(VirtioHeader) + 14) % 16 == 0);

class FramePool {
 public:
  static constexpr size_t kSlotSize = 68 * 1024;
  // What a slot's first page has room for.
  static constexpr size_t kNarrow = 4096 - offsetof(PoolFrame, wire.data);

  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  // Room for this many frames in all, if there is not already. A failure changes nothing.
  Failure reserve(size_t frames);

  // For `len` bytes. An impaired wire holds what it is asked to hold, so the pool grows for it.
  // Null: no memory.
  PoolFrame* take(size_t len = PoolFrame::kDataSize);
  void give(PoolFrame& frame);
  bool empty() const { return !narrow_ && !wide_ && fresh_ == 0; }

 private:
  struct Mapping {
    Mapping(vnet_u8* at, size_t slots) : memory(at), count(slots) {}
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping();

    vnet_u8* memory;
    size_t count;
    size_t used = 0;  // slots from here on were never used
  };

  PoolFrame* take_fresh();

  std::vector<Mapping> mappings_;
  size_t count_ = 0;  // slots in all
  size_t fresh_ = 0;  // of them never used
  vnet_frame* narrow_ = nullptr;
  vnet_frame* wide_ = nullptr;
};

static_assert(sizeof(PoolFrame) <= FramePool::kSlotSize && FramePool::kSlotSize % 64 == 0);

// Gives a list, linked by next, back to the pools it came from.
void release_frames(vnet_frame* list);

}  // namespace vnet::user
