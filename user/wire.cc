// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/host.h, what an impaired wire and faults ask of a frame. A frame that was read from
// a TAP has nothing that ties it to its sender, and its VLAN tag is in its place.
#include <vnet/host.h>

#include <cerrno>
#include <cstring>

#include "user/frame_pool.h"

using vnet::user::PoolFrame;

namespace {

constexpr vnet_u16 kUdpChecksum = 6;  // RFC 768: where the field is in the header

// RFC 1071, over the bytes as 16-bit words in network order.
vnet_u16 internet_sum(const vnet_u8* data, vnet_u32 len) {
  vnet_u64 sum = 0;
  for (vnet_u32 i = 0; i + 1 < len; i += 2) sum += data[i] * 256u + data[i + 1];
  if (len % 2) sum += data[len - 1] * 256u;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<vnet_u16>(sum);
}

// The field holds the pseudo-header's sum, which is part of what is summed up (virtio, 5.1.6.2).
void complete_checksum(PoolFrame& frame) {
  vnet_frame& descriptor = frame.frame;
  const bool partial = descriptor.csum == VNET_CSUM_PARTIAL;
  descriptor.csum = VNET_CSUM_NONE;
  const vnet_u32 start = descriptor.csum_start, field = start + descriptor.csum_offset;
  if (!partial || field + 2 > descriptor.len) return;
  vnet_u8* const data = frame.wire.data;
  vnet_u16 sum = static_cast<vnet_u16>(~internet_sum(data + start, descriptor.len - start));
  if (sum == 0 && descriptor.csum_offset == kUdpChecksum) sum = 0xffff;
  data[field] = static_cast<vnet_u8>(sum >> 8);
  data[field + 1] = static_cast<vnet_u8>(sum);
}

}  // namespace

extern "C" {

vnet_frame* vnet_host_frame_hold(vnet_frame* frame) {
  return frame;
}

// The TAP's offloads are off while super-frames are to be cut up; one that waited in the TAP stays.
vnet_frame* vnet_host_frame_segment(vnet_frame* frame) {
  frame->next = nullptr;
  return frame;
}

vnet_frame* vnet_host_frame_copy(const vnet_frame* frame) {
  const PoolFrame& from = PoolFrame::of(frame);
  PoolFrame* const copy = from.pool->take();
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
  if (!good)
    complete_checksum(PoolFrame::of(frame));
  else if (frame->csum != VNET_CSUM_PARTIAL)
    frame->csum = VNET_CSUM_VERIFIED;
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
