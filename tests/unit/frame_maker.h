// SPDX-License-Identifier: GPL-2.0-only
// Frames made from a description, with every checksum computed from scratch.
//
// This is the reference for the snull translation, and shares nothing with it: a description is
// rendered twice, as it is and with the third octet of every IPv4 address in it toggled.
// Translating the first rendering has to give the second, byte for byte.
#pragma once

#include <optional>
#include <random>

#include "tests/fake/ledger.h"

namespace vnet::reference {

using fake::Bytes;
using Random = std::mt19937_64;

// The seed of this run: VNET_TEST_SEED, or a constant. Printed once.
u64 test_seed();
u32 pick(Random& random, u32 below);
bool chance(Random& random, u32 one_in);

enum Protocol : u8 {
  kIcmp = 1,
  kTcp = 6,
  kUdp = 17,
  kDccp = 33,
  kGre = 47,
  kEsp = 50,
  kSctp = 132,
  kUdpLite = 136
};

struct Datagram {
  u32 source = 0, destination = 0;
  u8 protocol = kUdp;
  u8 ttl = 64, tos = 0;
  u16 id = 0;
  Bytes options;             // a multiple of four bytes, at most 40
  Bytes payload;             // the layer-4 header (checksum field ignored) and what follows
  bool no_checksum = false;  // UDP's 0
  bool partial = false;      // only the pseudo-header's sum is in the field
  bool zero_total = false;   // a super-frame beyond 64 KiB: total length 0

  struct Fragment {
    u32 offset = 0, length = 0;  // bytes of the payload; offset is a multiple of eight
  };
  std::optional<Fragment> fragment;

  // ICMP errors: the payload is the eight-byte ICMP header (gateway inside if a redirect), then
  // this.
  struct Quote;
  std::shared_ptr<Quote> quote;
};

struct Datagram::Quote {
  Datagram datagram;
  u32 length = 0;  // how much of it is quoted
};

struct FrameDescription {
  Bytes addresses;         // two MACs
  std::vector<u16> vlans;  // TPIDs, outermost first; more than two: not translated
  enum class Kind { kIpv4, kArp, kOther } kind = Kind::kOther;
  u16 type = 0;           // kOther
  Datagram datagram;      // kIpv4
  u16 arp_operation = 1;  // kArp
  u32 arp_sender = 0, arp_target = 0;
  Bytes body;     // kOther; kArp: the four MACs' bytes (12)
  Bytes trailer;  // Ethernet padding
};

u16 internet_checksum(const Bytes& bytes, u32 sum = 0);  // RFC 1071
u32 header_length(const Datagram& datagram);
// Offset of the checksum over the pseudo-header in the layer-4 header; 0: none.
u32 pseudo_field(u8 protocol);
Bytes render(const Datagram& datagram, bool toggled);
Bytes render(const FrameDescription& frame, bool toggled);
// Where the datagram begins.
u32 network_offset(const FrameDescription& frame);

Datagram random_datagram(Random& random, bool may_quote);
FrameDescription random_frame(Random& random);

// An UDP frame from 192.168.`net`.1 to 192.168.`net`.2.
FrameDescription udp_frame(u32 net, size_t data = 18);

// Whether every IPv4 and layer-4 checksum that can be verified in the frame is right. Parses by the
// RFCs.
bool checksums_valid(const Bytes& frame, vnet_csum csum = VNET_CSUM_NONE, u32 csum_start = 0);

}  // namespace vnet::reference
