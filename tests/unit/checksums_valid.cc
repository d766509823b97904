// SPDX-License-Identifier: GPL-2.0-only
// Whether a frame's checksums are true, from the RFCs' texts: 791 (IPv4), 793 (TCP), 768 (UDP),
// 3828 (UDP-Lite), 4340 (DCCP), 792 (ICMP). What cannot be verified (a fragment, a cut quote)
// counts as true.
#include <algorithm>
#include <span>

#include "tests/unit/frame_maker.h"

namespace vnet::reference {

namespace {

using View = std::span<const u8>;

u32 get16(View bytes, size_t at) {
  return static_cast<u32>(bytes[at] << 8 | bytes[at + 1]);
}

// True checksums make the whole sum 0xffff, of which internet_checksum() is the complement.
bool sums_up(View bytes, u32 start = 0) {
  return internet_checksum(Bytes(bytes.begin(), bytes.end()), start) == 0;
}

u32 pseudo_header(View ip, size_t length) {
  return get16(ip, 12) + get16(ip, 14) + get16(ip, 16) + get16(ip, 18) + ip[9] +
         static_cast<u32>(length);
}

u32 folded(u32 sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

size_t covered(u8 protocol, View payload) {
  if (protocol == kUdpLite && get16(payload, 4) != 0) return get16(payload, 4);
  if (protocol == kDccp && (payload[5] & 15) != 0)
    return payload[4] * 4u + ((payload[5] & 15u) - 1) * 4u;
  return payload.size();
}

bool datagram_valid(View ip, bool partial, bool quoted);

bool transport_valid(View ip, View payload, bool partial) {
  const u8 protocol = ip[9];
  if (protocol == kIcmp) {
    if (payload.size() < 8) return true;
    if (!sums_up(payload)) return false;
    const u8 type = payload[0];
    const bool error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    return !error || datagram_valid(payload.subspan(8), false, true);
  }
  const u32 field = pseudo_field(protocol);
  if (field == 0 || payload.size() < (protocol == kTcp ? 20u : 8u)) return true;
  const u32 pseudo = pseudo_header(ip, payload.size());
  const u32 checksum = get16(payload, field);
  if (partial) return checksum % 0xffff == folded(pseudo) % 0xffff;
  if (protocol == kUdp && checksum == 0) return true;
  const size_t end = covered(protocol, payload);
  return end <= payload.size() && sums_up(payload.first(end), pseudo);
}

bool datagram_valid(View ip, bool partial, bool quoted) {
  if (ip.size() < 20 || ip[0] >> 4 != 4) return quoted;
  const size_t header = (ip[0] & 15u) * 4;
  if (header < 20 || header > ip.size()) return quoted;
  if (!sums_up(ip.first(header))) return false;
  const size_t total = get16(ip, 2);
  const bool whole = total >= header && total <= ip.size();
  const bool fragmented = (get16(ip, 6) & 0x3fff) != 0;
  if (!whole || fragmented) return true;
  return transport_valid(ip, ip.subspan(header, total - header), partial);
}

}  // namespace

bool checksums_valid(const Bytes& frame, vnet_csum csum, u32 csum_start) {
  if (frame.size() < 14) return true;
  size_t at = 12;
  for (int tags = 0; tags < 2; tags++) {
    if (frame.size() < at + 6) return true;
    const u32 type = get16(frame, at);
    if (type != 0x8100 && type != 0x88a8) break;
    at += 4;
  }
  if (frame.size() < at + 2 || get16(frame, at) != 0x0800) return true;
  const View ip = View(frame).subspan(at + 2);
  const bool here = !ip.empty() && csum_start == at + 2 + (ip[0] & 15u) * 4;
  return datagram_valid(ip, csum == VNET_CSUM_PARTIAL && here, false);
}

}  // namespace vnet::reference
