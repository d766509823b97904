// SPDX-License-Identifier: GPL-2.0-only
// Random frame descriptions: weighted towards the cases that have a rule of their own.
#include <algorithm>

#include "tests/unit/frame_maker.h"

namespace vnet::reference {

namespace {

Bytes random_bytes(Random& random, size_t count) {
  Bytes bytes(count);
  for (u8& byte : bytes) byte = static_cast<u8>(random());
  return bytes;
}

u8 random_protocol(Random& random) {
  constexpr u8 kProtocols[] = {kTcp,  kTcp,  kUdp,  kUdp, kUdp, kUdpLite,
                               kDccp, kIcmp, kIcmp, kGre, kEsp, kSctp};
  return kProtocols[pick(random, std::size(kProtocols))];
}

size_t transport_header(u8 protocol) {
  switch (protocol) {
    case kTcp:
      return 20;
    case kDccp:
      return 16;
    default:
      return 8;
  }
}

void shape_payload(Random& random, Datagram& datagram) {
  Bytes& payload = datagram.payload;
  switch (datagram.protocol) {
    case kTcp:
      payload[12] = 0x50;
      break;
    case kUdp:
      datagram.no_checksum = chance(random, 8);
      break;
    case kUdpLite: {
      const u32 covered =
          chance(random, 2) ? 0 : 8 + pick(random, static_cast<u32>(payload.size()) - 7);
      payload[4] = static_cast<u8>(covered >> 8);
      payload[5] = static_cast<u8>(covered);
      break;
    }
    case kDccp: {
      const u32 coverage = std::min(16u, static_cast<u32>(payload.size() - 16) / 4 + 2);
      payload[4] = 4;  // data offset, words
      payload[5] = static_cast<u8>(payload[5] & 0xf0) |
                   static_cast<u8>(chance(random, 2) ? 0 : pick(random, coverage));
      break;
    }
    case kIcmp:
      payload[0] = chance(random, 2) ? 8 : 0;
      break;
    default:
      break;
  }
}

// Makes the checksum come out as 0 before the translation: the other zero of one's complement sums
// is where incremental updates go wrong (RFC 1624 section 3).
void force_zero_sum(Random& random, Datagram& datagram) {
  const u32 field = pseudo_field(datagram.protocol);
  if (!field || datagram.no_checksum || datagram.payload.size() < 24) return;
  if (datagram.protocol == kUdpLite || datagram.protocol == kDccp) return;
  const size_t word = 20 + 2 * pick(random, static_cast<u32>(datagram.payload.size() - 22) / 2 + 1);
  datagram.payload[word] = datagram.payload[word + 1] = 0;
  const Bytes rendered = render(datagram, chance(random, 2));
  const size_t at = header_length(datagram) + field;
  datagram.payload[word] = rendered[at];
  datagram.payload[word + 1] = rendered[at + 1];
}

void make_icmp_error(Random& random, Datagram& datagram) {
  constexpr u8 kTypes[] = {3, 4, 5, 11, 12};
  datagram.protocol = kIcmp;
  datagram.payload = random_bytes(random, 8);
  datagram.payload[0] = kTypes[pick(random, std::size(kTypes))];
  datagram.no_checksum = false;
  auto quote = std::make_shared<Datagram::Quote>();
  quote->datagram = random_datagram(random, false);
  const u32 whole = static_cast<u32>(render(quote->datagram, false).size());
  const u32 header = header_length(quote->datagram);
  const u32 classic = std::min(whole, header + 8);  // RFC 792
  quote->length = chance(random, 2) ? classic : chance(random, 2) ? whole : pick(random, whole + 1);
  // Half a checksum cannot be kept true.
  if (quote->length == header + pseudo_field(quote->datagram.protocol) + 1) quote->length--;
  datagram.quote = quote;
}

void make_fragment(Random& random, Datagram& datagram) {
  const u32 size = static_cast<u32>(datagram.payload.size());
  if (size < 16) return;
  Datagram::Fragment fragment;
  fragment.offset = chance(random, 2) ? 0 : 8 * pick(random, size / 8);
  // A TCP header in two pieces is an attack (RFC 1858) and not translated with care.
  if (datagram.protocol == kTcp && fragment.offset != 0) fragment.offset = 24;
  if (fragment.offset >= size) fragment.offset = 0;
  const u32 rest = size - fragment.offset;
  fragment.length = chance(random, 3) ? rest : std::min(rest, 8 + 8 * pick(random, (rest + 7) / 8));
  datagram.fragment = fragment;
}

Bytes random_options(Random& random) {
  if (!chance(random, 4)) return {};
  return random_bytes(random, 4 * (1 + pick(random, 10)));
}

void make_other(Random& random, FrameDescription& frame) {
  constexpr u16 kTypes[] = {0x86dd, 0x88cc, 0x8035, 0x0042, 0x9100, 0x8847, 0x0806};
  frame.type = kTypes[pick(random, std::size(kTypes))];
  frame.body = random_bytes(random, 40 + pick(random, 60));
  if (frame.type == 0x0806) {  // ARP of something that is not IPv4 over Ethernet
    frame.body[0] = 0;
    frame.body[1] = 1;
    frame.body[2] = 0x86;
    frame.body[3] = 0xdd;
  }
}

}  // namespace

Datagram random_datagram(Random& random, bool may_quote) {
  Datagram datagram;
  // Half of the time both ends are on networks that differ in the last bit only, as in the guide.
  datagram.source = static_cast<u32>(random());
  datagram.destination =
      chance(random, 2) ? (datagram.source ^ pick(random, 512)) : static_cast<u32>(random());
  datagram.protocol = random_protocol(random);
  datagram.ttl = static_cast<u8>(random());
  datagram.tos = static_cast<u8>(random());
  datagram.id = static_cast<u16>(random());
  datagram.options = random_options(random);
  const size_t data = chance(random, 16) ? pick(random, 1400) : pick(random, 64);
  datagram.payload = random_bytes(random, transport_header(datagram.protocol) + data);
  shape_payload(random, datagram);
  if (may_quote && chance(random, 5)) {
    make_icmp_error(random, datagram);
    return datagram;
  }
  if (chance(random, 8)) force_zero_sum(random, datagram);
  if (chance(random, 6)) make_fragment(random, datagram);
  return datagram;
}

FrameDescription random_frame(Random& random) {
  FrameDescription frame;
  frame.addresses = random_bytes(random, 12);
  frame.addresses[0] &= 0xfe;
  if (chance(random, 4)) {
    const u32 tags = 1 + pick(random, 3);
    for (u32 i = 0; i < tags; i++) frame.vlans.push_back(chance(random, 2) ? 0x8100 : 0x88a8);
  }
  const u32 kind = pick(random, 16);
  if (kind < 13) {
    frame.kind = FrameDescription::Kind::kIpv4;
    frame.datagram = random_datagram(random, true);
    Datagram& datagram = frame.datagram;
    const bool offloads = datagram.protocol == kTcp || datagram.protocol == kUdp;
    if (offloads && !datagram.fragment && !datagram.no_checksum)
      datagram.partial = chance(random, 4);
  } else if (kind < 14) {
    frame.kind = FrameDescription::Kind::kArp;
    frame.body = random_bytes(random, 12);
    frame.arp_operation = static_cast<u16>(1 + pick(random, 2));
    frame.arp_sender = static_cast<u32>(random());
    frame.arp_target = static_cast<u32>(random());
  } else {
    make_other(random, frame);
  }
  if (chance(random, 4)) frame.trailer = random_bytes(random, pick(random, 46));
  return frame;
}

FrameDescription udp_frame(u32 net, size_t data) {
  FrameDescription frame;
  frame.kind = FrameDescription::Kind::kIpv4;
  frame.addresses = {2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 0x0a};
  frame.datagram.source = 0xc0a80001 + (net << 8);
  frame.datagram.destination = 0xc0a80002 + (net << 8);
  const u32 length = 8 + static_cast<u32>(data);
  frame.datagram.payload = {
      0x12, 0x34, 0x00, 0x07, static_cast<u8>(length >> 8), static_cast<u8>(length), 0, 0};
  for (size_t i = 0; i < data; i++) frame.datagram.payload.push_back(static_cast<u8>(i));
  return frame;
}

}  // namespace vnet::reference
