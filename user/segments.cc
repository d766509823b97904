// SPDX-License-Identifier: GPL-2.0-only
#include "user/segments.h"

#include <algorithm>
#include <cstring>

#include "user/packet.h"

namespace vnet::user {
namespace {

constexpr vnet_u32 kTcpHeader = 20, kUdpHeader = 8;
constexpr vnet_u32 kTcpSequence = 4, kTcpFlags = 13;  // RFC 9293, 3.1
constexpr vnet_u8 kFin = 0x01, kPush = 0x08, kCwr = 0x80;

struct Headers {
  Network network;
  vnet_u32 transport;  // where it begins
  vnet_u32 length;     // all that each segment repeats
  bool udp;
};

bool find_headers(const PoolFrame& frame, Headers& headers) {
  const VirtioHeader& virtio = frame.wire.virtio;
  if (frame.frame.csum != VNET_CSUM_PARTIAL || frame.frame.wire_frames < 2) return false;
  headers.network = network_of(frame.wire.data, frame.frame.len);
  headers.transport = frame.frame.csum_start;
  headers.length = virtio.hdr_len;
  headers.udp = (virtio.gso_type & ~kVirtioGsoEcn) == kVirtioGsoUdpL4;
  const vnet_u32 network_least = headers.network.type == kIpv6 ? kIpv6Header : kIpv4Header;
  const vnet_u32 least = headers.udp ? kUdpHeader : kTcpHeader;
  return headers.network.type && headers.network.start + network_least <= headers.transport &&
         headers.transport + least <= headers.length;
}

vnet_u32 long_at(const vnet_u8* data) {
  return vnet_u32{word_at(data)} << 16 | word_at(data + 2);
}
void set_long(vnet_u8* data, vnet_u32 value) {
  set_word(data, static_cast<vnet_u16>(value >> 16));
  set_word(data + 2, static_cast<vnet_u16>(value));
}

// inet_gso_segment(), ipv6_gso_segment(): its length, and in IPv4 the next identification.
void finish_network(vnet_u8* data, const Headers& headers, vnet_u32 len, vnet_u32 index) {
  vnet_u8* const ip = data + headers.network.start;
  const vnet_u32 length = len - headers.network.start;
  if (headers.network.type == kIpv6)
    return set_word(ip + 4, static_cast<vnet_u16>(length - kIpv6Header));
  set_word(ip + 2, static_cast<vnet_u16>(length));
  set_word(ip + 4, static_cast<vnet_u16>(word_at(ip + 4) + index));
  set_word(ip + 10, 0);
  const vnet_u32 header = std::min((ip[0] & 0xfu) * 4, headers.transport - headers.network.start);
  set_word(ip + 10, static_cast<vnet_u16>(~internet_sum(ip, header)));
}

// tcp_gso_segment(), __udp_gso_segment(). The checksum's field holds the sum of the pseudo-header,
// which has the length in it (RFC 1624).
void finish_transport(vnet_u8* data, const Headers& headers, vnet_u32 super_len, vnet_u32 len,
                      vnet_u32 at, bool last) {
  vnet_u8* const transport = data + headers.transport;
  const vnet_u32 before = super_len - headers.transport, after = len - headers.transport;
  vnet_u8* const sum = transport + (headers.udp ? kUdpChecksum : kTcpChecksum);
  const vnet_u16 without = static_cast<vnet_u16>(~fold(before));
  set_word(sum, fold(vnet_u64{word_at(sum)} + without + after));
  if (headers.udp) return set_word(transport + 4, static_cast<vnet_u16>(after));
  set_long(transport + kTcpSequence, long_at(transport + kTcpSequence) + (at - headers.length));
  if (!last) transport[kTcpFlags] &= static_cast<vnet_u8>(~(kFin | kPush));
  if (at != headers.length) transport[kTcpFlags] &= static_cast<vnet_u8>(~kCwr);
}

// The payload from `at` on, behind headers of its own. Null: no memory.
PoolFrame* make_segment(const PoolFrame& super, const Headers& headers, vnet_u32 at) {
  const vnet_u32 size = super.wire.virtio.gso_size;
  const vnet_u32 payload = std::min(size, super.frame.len - at);
  const vnet_u32 len = headers.length + payload;
  PoolFrame* const segment = super.pool->take(len);
  if (!segment) return nullptr;
  segment->frame = {};
  segment->frame.len = segment->frame.wire_len = len;
  segment->frame.wire_frames = 1;
  segment->frame.csum = VNET_CSUM_PARTIAL;
  segment->frame.csum_start = super.frame.csum_start;
  segment->frame.csum_offset = super.frame.csum_offset;
  std::memcpy(segment->frame.dst, super.frame.dst, sizeof(segment->frame.dst));
  segment->wire.virtio = {};
  std::memcpy(segment->wire.data, super.wire.data, headers.length);
  std::memcpy(segment->wire.data + headers.length, super.wire.data + at, payload);
  finish_network(segment->wire.data, headers, len, (at - headers.length) / size);
  finish_transport(segment->wire.data, headers, super.frame.len, len, at,
                   at + payload == super.frame.len);
  return segment;
}

}  // namespace

vnet_frame* cut_up(PoolFrame& frame) {
  Headers headers;
  if (!find_headers(frame, headers)) return nullptr;
  vnet_frame* list = nullptr;
  vnet_frame** last = &list;
  for (vnet_u32 at = headers.length; at < frame.frame.len; at += frame.wire.virtio.gso_size) {
    PoolFrame* const segment = make_segment(frame, headers, at);
    if (!segment) {
      release_frames(list);
      return nullptr;
    }
    *last = &segment->frame;
    last = &segment->frame.next;
  }
  frame.pool->give(frame);
  return list;
}

}  // namespace vnet::user
