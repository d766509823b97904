// SPDX-License-Identifier: GPL-2.0-only
#include "user/checksum.h"

#include <cstddef>

#include "user/packet.h"

namespace vnet::user {
namespace {

constexpr vnet_u8 kTcp = 6, kUdp = 17;

struct Transport {
  vnet_u32 start;  // 0: none
  vnet_u8 protocol;
};

// A fragment has no checksum of its own; extension headers (RFC 8200) are not followed.
Transport transport_of(const vnet_u8* data, vnet_u32 len) {
  const Network network = network_of(data, len);
  const vnet_u8* const ip = data + network.start;
  if (network.type == kIpv6) return {network.start + kIpv6Header, ip[6]};
  if (network.type != kIpv4) return {};
  const bool fragment = word_at(ip + 6) & 0x3fff;  // RFC 791: more fragments, offset
  return {fragment ? 0 : network.start + (ip[0] & 0xfu) * 4, ip[9]};
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
