// SPDX-License-Identifier: GPL-2.0-only
#include "user/frame_pool.h"

#include <sys/mman.h>

#include <utility>

namespace vnet::user {

Result<FramePool> FramePool::create(size_t frames) {
  void* const memory = mmap(nullptr, frames * kSlotSize, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return errno_error("no memory for the frame pool");
  return FramePool(static_cast<vnet_u8*>(memory), frames);
}

FramePool::FramePool(FramePool&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      count_(other.count_),
      fresh_(other.fresh_),
      free_(other.free_) {}

FramePool::~FramePool() {
  if (memory_) munmap(memory_, count_ * kSlotSize);
}

PoolFrame* FramePool::take() {
  if (free_) {
    PoolFrame& frame = PoolFrame::of(free_);
    free_ = free_->next;
    return &frame;
  }
  if (fresh_ == count_) return nullptr;
  auto* const frame = reinterpret_cast<PoolFrame*>(memory_ + fresh_++ * kSlotSize);
  frame->pool = this;
  return frame;
}

void FramePool::give(PoolFrame& frame) {
  frame.frame.next = free_;
  free_ = &frame.frame;
}

void release_frames(vnet_frame* list) {
  while (list) {
    PoolFrame& frame = PoolFrame::of(list);
    list = list->next;
    frame.pool->give(frame);
  }
}

}  // namespace vnet::user
