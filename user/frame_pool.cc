// SPDX-License-Identifier: GPL-2.0-only
#include "user/frame_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace vnet::user {

FramePool::Mapping::Mapping(Mapping&& other) noexcept
    : memory(std::exchange(other.memory, nullptr)), count(other.count), used(other.used) {}

FramePool::Mapping::~Mapping() {
  if (memory) munmap(memory, count * kSlotSize);
}

Failure FramePool::reserve(size_t frames) {
  if (frames <= count_) return {};
  const size_t more = frames - count_;
  void* const memory = mmap(nullptr, more * kSlotSize, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return errno_error("no memory for the frame pool");
  mappings_.emplace_back(static_cast<vnet_u8*>(memory), more);
  count_ += more;
  fresh_ += more;
  return {};
}

PoolFrame* FramePool::take(size_t len) {
  vnet_frame*& list = len > kNarrow && wide_ ? wide_ : narrow_;
  if (!list) return take_fresh();
  PoolFrame& frame = PoolFrame::of(list);
  list = list->next;
  return &frame;
}

PoolFrame* FramePool::take_fresh() {
  if (fresh_ == 0 && reserve(2 * count_)) return nullptr;
  if (fresh_ == 0) return nullptr;  // nothing was ever reserved
  fresh_--;
  const auto has_fresh = [](const Mapping& mapping) { return mapping.used < mapping.count; };
  Mapping& mapping = *std::find_if(mappings_.begin(), mappings_.end(), has_fresh);
  auto* const frame = reinterpret_cast<PoolFrame*>(mapping.memory + mapping.used++ * kSlotSize);
  frame->pool = this;
  return frame;
}

void FramePool::give(PoolFrame& frame) {
  frame.wide |= frame.frame.len > kNarrow;
  vnet_frame*& list = frame.wide ? wide_ : narrow_;
  frame.frame.next = list;
  list = &frame.frame;
}

void release_frames(vnet_frame* list) {
  while (list) {
    PoolFrame& frame = PoolFrame::of(list);
    list = list->next;
    frame.pool->give(frame);
  }
}

}  // namespace vnet::user
