// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture/frame_order.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace vnet::cli {
namespace {

bool is_refused(const CapturedFrame& frame) {
  return frame.direction == PcapngDirection::kOutbound && !frame.drop.empty();
}
bool is_sent(const CapturedFrame& frame) {
  return frame.direction == PcapngDirection::kOutbound && frame.drop.empty();
}

// As far as both were captured.
bool same_bytes(const CapturedFrame& a, const CapturedFrame& b) {
  const std::size_t common = std::min(a.data.size(), b.data.size());
  return a.length == b.length && a.data.compare(0, common, b.data, 0, common) == 0;
}

}  // namespace

void FrameOrder::add(CapturedFrame frame) {
  if (is_refused(frame)) ++refused_;
  const vnet_u64 time = frame.time_ns;
  frames_.emplace(time, std::move(frame));  // behind those of the same time
}

// Whether the device refused just this frame. Of several alike, it is the last before the drop.
bool FrameOrder::is_refused_later(Frames::const_iterator sent) const {
  if (refused_ == 0 || !is_sent(sent->second)) return false;
  const vnet_u64 end = sent->first + window_ns_;
  for (auto it = std::next(sent); it != frames_.end() && it->first <= end; ++it) {
    const CapturedFrame& other = it->second;
    if (!is_refused(other) && !is_sent(other)) continue;
    if (same_bytes(sent->second, other)) return is_refused(other);
  }
  return false;
}

std::optional<CapturedFrame> FrameOrder::take(vnet_u64 now_ns) {
  while (!frames_.empty() && frames_.begin()->first + window_ns_ <= now_ns) {
    const auto first = frames_.begin();
    const bool hidden = is_refused_later(first);
    CapturedFrame frame = std::move(first->second);
    frames_.erase(first);
    if (is_refused(frame)) --refused_;
    if (!hidden) return frame;
  }
  return {};
}

std::optional<CapturedFrame> FrameOrder::take_any() {
  return take(std::numeric_limits<vnet_u64>::max());
}

std::optional<vnet_u64> FrameOrder::due_ns() const {
  if (frames_.empty()) return {};
  return frames_.begin()->first + window_ns_;
}

}  // namespace vnet::cli
