// SPDX-License-Identifier: GPL-2.0-only
#include "user/virtio_header.h"

#include <cstring>

namespace vnet::user {
namespace {

constexpr vnet_u32 kTcpDataOffset = 12;  // RFC 9293, 3.1: header length in 32-bit words, upper half
constexpr vnet_u32 kTcpHeaderMin = 20;
constexpr vnet_u32 kUdpHeader = 8;

// Bytes of header before a GSO frame's payload; 0 if the frame is too short to tell.
vnet_u32 gso_header_len(const VirtioHeader& header, const vnet_u8* data, vnet_u32 len) {
  const vnet_u32 start = header.csum_start;
  if (!(header.flags & kVirtioNeedsCsum)) return header.hdr_len;
  if ((header.gso_type & ~kVirtioGsoEcn) == kVirtioGsoUdpL4) return start + kUdpHeader;
  if (start + kTcpHeaderMin > len) return 0;
  return start + 4u * (data[start + kTcpDataOffset] >> 4);
}

void describe_gso(VirtioHeader& header, const vnet_u8* data, vnet_frame& frame) {
  const vnet_u32 headers = gso_header_len(header, data, frame.len);
  if (headers == 0 || headers >= frame.len || header.gso_size == 0) return;
  const vnet_u32 segments = (frame.len - headers + header.gso_size - 1) / header.gso_size;
  frame.wire_frames = static_cast<vnet_u16>(segments);
  frame.wire_len = frame.len + (segments - 1) * headers;
  header.hdr_len = static_cast<vnet_u16>(headers);
}

}  // namespace

void describe_frame(VirtioHeader& header, const vnet_u8* data, vnet_u32 len, vnet_frame& frame) {
  frame = {};
  frame.len = len;
  frame.wire_len = len;
  frame.wire_frames = 1;
  if (header.flags & kVirtioNeedsCsum) {
    frame.csum = VNET_CSUM_PARTIAL;
    frame.csum_start = header.csum_start;
    frame.csum_offset = header.csum_offset;
  } else {
    frame.csum = header.flags & kVirtioDataValid ? VNET_CSUM_VERIFIED : VNET_CSUM_NONE;
  }
  if (header.gso_type != kVirtioGsoNone) describe_gso(header, data, frame);
}

void update_header(const vnet_frame& frame, VirtioHeader& header) {
  header.flags = 0;
  header.csum_start = header.csum_offset = 0;
  if (frame.csum == VNET_CSUM_PARTIAL) {
    header.flags = kVirtioNeedsCsum;
    header.csum_start = frame.csum_start;
    header.csum_offset = frame.csum_offset;
  } else if (frame.csum == VNET_CSUM_VERIFIED) {
    header.flags = kVirtioDataValid;
  }
}

}  // namespace vnet::user
