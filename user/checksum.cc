// SPDX-License-Identifier: GPL-2.0-only
#include "user/checksum.h"

#include <cstddef>

namespace vnet::user {
namespace {

constexpr vnet_u32 kEtherType = 12, kVlanTag = 4;
constexpr vnet_u16 kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100, kServiceVlan = 0x88a8;
constexpr vnet_u8 kTcp = 6, kUdp = 17;
constexpr vnet_u32 kIpv4Header = 20, kIpv6Header = 40;
constexpr vnet_u16 kTcpChecksum = 16;  // RFC 9293, 3.1: where the field is in the header
constexpr vnet_u16 kUdpChecksum = 6;   // RFC 768

vnet_u16 word_at(const vnet_u8* data) {
  return static_cast<vnet_u16>(data[0] << 8 | data[1]);
}
void set_word(vnet_u8* data, vnet_u16 value) {
  data[0] = static_cast<vnet_u8>(value >> 8);
  data[1] = static_cast<vnet_u8>(value);
}

vnet_u16 fold(vnet_u64 sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<vnet_u16>(sum);
}

// RFC 1071, over the bytes as 16-bit words in network order.
vnet_u16 internet_sum(const vnet_u8* data, vnet_u32 len) {
  vnet_u64 sum = 0;
  for (vnet_u32 i = 0; i + 1 < len; i += 2) sum += word_at(data + i);
  if (len % 2) sum += data[len - 1] * 256u;
  return fold(sum);
}

struct Transport {
  vnet_u32 start;  // 0: none
  vnet_u8 protocol;
};

// A fragment has no checksum of its own; extension headers (RFC 8200) are not followed.
Transport transport_of(const vnet_u8* data, vnet_u32 len) {
  vnet_u32 type = kEtherType;
  for (int tags = 0; tags < 2 && type + kVlanTag + 2 <= len; tags++) {
    const vnet_u16 tag = word_at(data + type);
    if (tag != kVlan && tag != kServiceVlan) break;
    type += kVlanTag;
  }
  const vnet_u32 ip = type + 2;
  if (ip + kIpv4Header > len) return {};
  if (word_at(data + type) == kIpv4) {
    const bool fragment = word_at(data + ip + 6) & 0x3fff;  // RFC 791: more fragments, offset
    return {fragment ? 0 : ip + (data[ip] & 0xfu) * 4, data[ip + 9]};
  }
  if (word_at(data + type) == kIpv6 && ip + kIpv6Header <= len)
    return {ip + kIpv6Header, data[ip + 6]};
  return {};
}

}  // namespace

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
  set_word(data + field, sum);
}

// Linux ignores VIRTIO_NET_HDR_F_DATA_VALID of a frame that is written to a TAP, but trusts a
// partial checksum that is delivered here. So it gets one, of which completion (on the way to
// somewhere else) makes the sum that the frame came with.
void vouch_for_checksum(PoolFrame& frame) {
  vnet_frame& descriptor = frame.frame;
  if (descriptor.csum == VNET_CSUM_PARTIAL) return;
  vnet_u8* const data = frame.wire.data;
  const Transport transport = transport_of(data, descriptor.len);
  if (transport.start == 0 || (transport.protocol != kTcp && transport.protocol != kUdp)) return;
  const vnet_u16 offset = transport.protocol == kTcp ? kTcpChecksum : kUdpChecksum;
  const vnet_u32 field = transport.start + offset;
  if (field + 2 > descriptor.len) return;
  const vnet_u16 came = word_at(data + field);
  if (came == 0 && transport.protocol == kUdp) return;  // RFC 768: there is none
  set_word(data + field, 0);
  const vnet_u16 rest = internet_sum(data + transport.start, descriptor.len - transport.start);
  set_word(data + field,
           fold(vnet_u64{static_cast<vnet_u16>(~came)} + static_cast<vnet_u16>(~rest)));
  descriptor.csum = VNET_CSUM_PARTIAL;
  descriptor.csum_start = static_cast<vnet_u16>(transport.start);
  descriptor.csum_offset = offset;
}

}  // namespace vnet::user
