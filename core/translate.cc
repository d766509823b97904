// SPDX-License-Identifier: GPL-2.0-only
#include "core/translate.h"

namespace vnet {
namespace {

constexpr u16 kTypeIpv4 = 0x0800, kTypeArp = 0x0806, kTypeVlan = 0x8100, kTypeVlanService = 0x88a8;
constexpr u8 kIcmp = 1, kTcp = 6, kUdp = 17, kDccp = 33, kUdpLite = 136;
constexpr u32 kIpv4Header = 20, kArpIpv4 = 28, kIcmpErrorHeader = 8;
constexpr u32 kThirdOctet = 2, kIpv4Checksum = 10, kIpv4Source = 12, kIpv4Destination = 16;

u16 load16(const u8* p) {
  return static_cast<u16>(p[0] << 8 | p[1]);
}

void store16(u8* p, u16 value) {
  p[0] = static_cast<u8>(value >> 8);
  p[1] = static_cast<u8>(value);
}

u16 fold(u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u16>(sum + (sum >> 16));
}

// The sum of ~old + new over changed 16-bit words: the m and m' of RFC 1624.
class Delta {
 public:
  void changed(u16 old_word, u16 new_word) {
    sum_ = fold(sum_ + static_cast<u16>(~old_word) + new_word);
  }
  // RFC 1624 equation 3, for a complemented sum.
  u16 complete(u16 checksum) const {
    return static_cast<u16>(~fold(static_cast<u16>(~checksum) + sum_));
  }
  // For a partial checksum, whose field holds the sum itself.
  u16 partial(u16 checksum) const { return fold(checksum + sum_); }

 private:
  u32 sum_ = 0;
};

// Toggles the third octet of the IPv4 address at `address`, which is 16-bit aligned in its message.
void toggle(u8* address, Delta& delta) {
  u8* const word = address + kThirdOctet;
  const u16 old_word = load16(word);
  word[0] ^= 1;
  delta.changed(old_word, load16(word));
}

void store_changed(u8* field, u16 value, Delta& outer) {
  outer.changed(load16(field), value);
  store16(field, value);
}

struct Ipv4 {
  u8* header;
  u32 header_len;
  u32 payload_len;  // of this fragment, without the padding of a short frame
  u8 protocol;
  bool first;  // not a later fragment: the layer-4 header is here
};

// False: too short, not version 4, a header length below 20 bytes or beyond the frame, or a total
// length that does not hold the header (RFC 791).
bool parse_ipv4(u8* header, u32 len, Ipv4& ip) {
  if (len < kIpv4Header || header[0] >> 4 != 4) return false;
  const u32 header_len = (header[0] & 15u) * 4;
  if (header_len < kIpv4Header || header_len > len) return false;
  // A total length of 0 is a super-frame of more than 64 KiB (BIG TCP): then the frame's length
  // counts.
  const u32 total = load16(header + 2);
  if (total != 0 && total < header_len) return false;
  const u32 end = total != 0 && total < len ? total : len;
  ip = {header, header_len, end - header_len, header[9], (load16(header + 6) & 0x1fff) == 0};
  return true;
}

Delta toggle_addresses(const Ipv4& ip) {
  Delta delta;
  toggle(ip.header + kIpv4Source, delta);
  toggle(ip.header + kIpv4Destination, delta);
  return delta;
}

// Where the checksum over the pseudo-header is, from the layer-4 header on; 0: there is none.
u32 pseudo_checksum_offset(u8 protocol) {
  switch (protocol) {
    case kTcp:
      return 16;
    case kUdp:
    case kUdpLite:
    case kDccp:
      return 6;
    default:
      return 0;
  }
}

// The layer-4 checksum field of `ip`, or null: none, in another fragment, or cut off.
u8* pseudo_checksum(const Ipv4& ip) {
  const u32 offset = pseudo_checksum_offset(ip.protocol);
  if (!offset || !ip.first || ip.payload_len < offset + 2) return nullptr;
  return ip.header + ip.header_len + offset;
}

u16 updated_checksum(u8 protocol, u16 checksum, const Delta& delta) {
  if (protocol == kUdp && checksum == 0) return 0;  // RFC 768: the sender made none
  const u16 updated = delta.complete(checksum);
  return updated == 0 && (protocol == kUdp || protocol == kUdpLite) ? 0xffff : updated;
}

bool icmp_quotes_a_datagram(u8 type) {
  // RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem.
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

void translate_icmp_error(const Ipv4& outer) {
  u8* const icmp = outer.header + outer.header_len;
  Delta delta;
  if (icmp[0] == 5)
    toggle(icmp + 4, delta);  // a redirect names a gateway on the translated network
  Ipv4 quoted;
  if (parse_ipv4(icmp + kIcmpErrorHeader, outer.payload_len - kIcmpErrorHeader, quoted)) {
    const Delta addresses = toggle_addresses(quoted);
    delta.changed(0, addresses.partial(0));
    u8* const header_checksum = quoted.header + kIpv4Checksum;
    store_changed(header_checksum, addresses.complete(load16(header_checksum)), delta);
    if (u8* const checksum = pseudo_checksum(quoted))
      store_changed(checksum, updated_checksum(quoted.protocol, load16(checksum), addresses),
                    delta);
  }
  store16(icmp + 2, delta.complete(load16(icmp + 2)));
}

bool translate_ipv4(u8* header, u32 len, bool partial_here, u32 partial_start) {
  Ipv4 ip;
  if (!parse_ipv4(header, len, ip)) return false;
  const Delta delta = toggle_addresses(ip);
  store16(header + kIpv4Checksum, delta.complete(load16(header + kIpv4Checksum)));
  if (u8* const checksum = pseudo_checksum(ip)) {
    const u16 old_checksum = load16(checksum);
    const bool partial = partial_here && partial_start == ip.header_len;
    store16(checksum, partial ? delta.partial(old_checksum)
                              : updated_checksum(ip.protocol, old_checksum, delta));
  } else if (ip.protocol == kIcmp && ip.first && ip.payload_len >= kIcmpErrorHeader &&
             icmp_quotes_a_datagram(header[ip.header_len])) {
    translate_icmp_error(ip);
  }
  return true;
}

bool translate_arp(u8* arp, u32 len) {
  if (len < 8) return false;
  const bool ethernet_ipv4 =
      load16(arp) == 1 && load16(arp + 2) == kTypeIpv4 && arp[4] == 6 && arp[5] == 4;
  if (!ethernet_ipv4) return true;
  if (len < kArpIpv4) return false;
  arp[14 + kThirdOctet] ^= 1;  // sender
  arp[24 + kThirdOctet] ^= 1;  // target
  return true;
}

}  // namespace

bool translate(u8* header, u32 frame_len, vnet_csum csum, u32 csum_start) {
  const u32 len = frame_len < kTranslateBytes ? frame_len : kTranslateBytes;
  if (len < kEthernetHeader) return true;
  u32 l3 = kEthernetHeader;
  u16 type = load16(header + 12);
  for (int tags = 0; tags < 2 && (type == kTypeVlan || type == kTypeVlanService); tags++) {
    if (len < l3 + kVlanTag) return true;
    type = load16(header + l3 + 2);
    l3 += kVlanTag;
  }
  if (type == kTypeArp) return translate_arp(header + l3, len - l3);
  if (type != kTypeIpv4) return true;
  const bool partial = csum == VNET_CSUM_PARTIAL && csum_start >= l3;
  return translate_ipv4(header + l3, len - l3, partial, csum_start - l3);
}

}  // namespace vnet
