// SPDX-License-Identifier: GPL-2.0-only
// What the driver has to know of a packet's bytes: words in network order, the Internet checksum,
// and where the network's header begins.
#pragma once

#include <vnet/types.h>

namespace vnet::user {

inline constexpr vnet_u16 kIpv4 = 0x0800, kIpv6 = 0x86dd;
inline constexpr vnet_u32 kIpv4Header = 20, kIpv6Header = 40;
inline constexpr vnet_u16 kTcpChecksum = 16;  // RFC 9293, 3.1: where the field is in the header
inline constexpr vnet_u16 kUdpChecksum = 6;   // RFC 768

inline vnet_u16 word_at(const vnet_u8* data) {
  return static_cast<vnet_u16>(data[0] << 8 | data[1]);
}
inline void set_word(vnet_u8* data, vnet_u16 value) {
  data[0] = static_cast<vnet_u8>(value >> 8);
  data[1] = static_cast<vnet_u8>(value);
}

inline vnet_u16 fold(vnet_u64 sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<vnet_u16>(sum);
}

// RFC 1071, over the bytes as 16-bit words in network order.
inline vnet_u16 internet_sum(const vnet_u8* data, vnet_u32 len) {
  vnet_u64 sum = 0;
  for (vnet_u32 i = 0; i + 1 < len; i += 2) sum += word_at(data + i);
  if (len % 2) sum += data[len - 1] * 256u;
  return fold(sum);
}

// Behind the Ethernet header and up to two VLAN tags.
struct Network {
  vnet_u32 start;
  vnet_u16 type;  // kIpv4 or kIpv6: all of its fixed header is there; else 0
};

inline Network network_of(const vnet_u8* data, vnet_u32 len) {
  constexpr vnet_u32 kEtherType = 12, kTag = 4;
  constexpr vnet_u16 kVlan = 0x8100, kServiceVlan = 0x88a8;
  vnet_u32 type = kEtherType;
  for (int tags = 0; tags < 2 && type + kTag + 2 <= len; tags++) {
    const vnet_u16 tag = word_at(data + type);
    if (tag != kVlan && tag != kServiceVlan) break;
    type += kTag;
  }
  const vnet_u32 start = type + 2;
  if (start + kIpv4Header <= len && word_at(data + type) == kIpv4) return {start, kIpv4};
  if (start + kIpv6Header <= len && word_at(data + type) == kIpv6) return {start, kIpv6};
  return {start, 0};
}

}  // namespace vnet::user
