// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/host.h, what an impaired wire and faults ask of a frame. A frame that was read from
// a TAP has nothing that ties it to its sender, and its VLAN tag is in its place.
#include <vnet/host.h>

#include <cerrno>
#include <cstring>

#include "user/checksum.h"
#include "user/frame_pool.h"
#include "user/segments.h"

using vnet::user::complete_checksum;
using vnet::user::PoolFrame;

extern "C" {

vnet_frame* vnet_host_frame_hold(vnet_frame* frame) {
  return frame;
}

vnet_frame* vnet_host_frame_segment(vnet_frame* frame) {
  return vnet::user::cut_up(PoolFrame::of(frame));
}

vnet_frame* vnet_host_frame_copy(const vnet_frame* frame) {
  const PoolFrame& from = PoolFrame::of(frame);
  PoolFrame* const copy = from.pool->take(frame->len);
  if (!copy) return nullptr;
  copy->frame = *frame;
  std::memcpy(&copy->wire, &from.wire, sizeof(from.wire.virtio) + frame->len);
  return &copy->frame;
}

int vnet_host_frame_flip(vnet_frame* frame, vnet_u32 bit) {
  complete_checksum(PoolFrame::of(frame));
  PoolFrame::of(frame).wire.data[bit / 8] ^= static_cast<vnet_u8>(0x80 >> bit % 8);
  return 0;
}

int vnet_host_frame_report(vnet_frame* frame, int good) {
  if (good)
    vnet::user::vouch_for_checksum(PoolFrame::of(frame));
  else
    complete_checksum(PoolFrame::of(frame));
  return 0;
}

int vnet_host_frame_truncate(vnet_frame* frame, vnet_u32 len) {
  complete_checksum(PoolFrame::of(frame));
  frame->len = frame->wire_len = len;
  return 0;
}

int vnet_host_frame_read(const vnet_frame* frame, vnet_u32 offset, void* to, vnet_u32 len) {
  if (offset + vnet_u64{len} > frame->len) return -ENOMEM;
  std::memcpy(to, PoolFrame::of(frame).wire.data + offset, len);
  return 0;
}

}  // extern "C"
