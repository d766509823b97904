// SPDX-License-Identifier: GPL-2.0-only
// Frames of two sources, those that the device's stack saw and those that were dropped, in one
// order: by time. Each source is a little late, so a frame waits for `window` before it is taken.
//
// A frame that its own device refuses to send was seen by the stack's tap just before. It is one
// frame: what the tap saw is left out, and the drop is shown.
#pragma once

#include <vnet/types.h>

#include <map>
#include <optional>
#include <string>

#include "cli/capture/pcapng.h"

namespace vnet::cli {

struct CapturedFrame {
  vnet_u64 time_ns = 0;  // since 1970
  std::string data;
  vnet_u32 length = 0;  // on the wire; `data` may be less
  PcapngDirection direction = PcapngDirection::kUnknown;
  std::optional<vnet_u32> queue;
  std::string drop;  // why it was dropped; empty: it was not
};

class FrameOrder {
 public:
  explicit FrameOrder(vnet_u64 window_ns) : window_ns_(window_ns) {}

  void add(CapturedFrame frame);
  // The oldest frame, if it is older than the window.
  std::optional<CapturedFrame> take(vnet_u64 now_ns);
  // The oldest frame, however young: for the end.
  std::optional<CapturedFrame> take_any();
  // When take() has something, as things are.
  std::optional<vnet_u64> due_ns() const;

 private:
  using Frames = std::multimap<vnet_u64, CapturedFrame>;

  bool is_refused_later(Frames::const_iterator sent) const;

  vnet_u64 window_ns_;
  Frames frames_;
  std::size_t refused_ = 0;  // how many of them are drops on the way out
};

}  // namespace vnet::cli
