// SPDX-License-Identifier: GPL-2.0-only
// A list of frames in order, linked through vnet_frame::next and ended by null.
#pragma once

#include "core/base/types.h"

namespace vnet {

class FrameList {
 public:
  FrameList() = default;
  FrameList(const FrameList&) = delete;
  FrameList& operator=(const FrameList&) = delete;

  void push_back(vnet_frame* frame) {
    frame->next = nullptr;
    *last_ = frame;
    last_ = &frame->next;
  }

  // Null if there is none.
  vnet_frame* pop_front() {
    vnet_frame* const frame = first_;
    if (!frame) return nullptr;
    first_ = frame->next;
    if (!first_) last_ = &first_;
    return frame;
  }

  bool empty() const { return !first_; }
  vnet_frame* first() const { return first_; }

 private:
  vnet_frame* first_ = nullptr;
  vnet_frame** last_ = &first_;
};

}  // namespace vnet
