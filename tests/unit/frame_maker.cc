// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/frame_maker.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace vnet::reference {

namespace {
constexpr u32 kToggle = 0x100;  // the lowest bit of the third octet

void put16(Bytes& out, u32 value) {
  out.push_back(static_cast<u8>(value >> 8));
  out.push_back(static_cast<u8>(value));
}

void put32(Bytes& out, u32 value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

void set16(Bytes& out, size_t at, u32 value) {
  out.at(at) = static_cast<u8>(value >> 8);
  out.at(at + 1) = static_cast<u8>(value);
}

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

u32 sum_words(const Bytes& bytes, size_t begin, size_t end) {
  u64 sum = 0;
  for (size_t i = begin; i < end; i++)
    sum += static_cast<u64>(bytes[i]) << ((i - begin) % 2 ? 0 : 8);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u32>(sum);
}

u32 fold(u32 sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

// RFC 793: source, destination, zero and protocol, length.
u32 pseudo_sum(const Datagram& datagram, u32 toggle) {
  const u32 source = datagram.source ^ toggle, destination = datagram.destination ^ toggle;
  return fold((source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) +
              datagram.protocol + static_cast<u32>(datagram.payload.size()));
}

// How many bytes the checksum covers: all, except where UDP-Lite (RFC 3828) and DCCP (RFC 4340) say
// less.
size_t coverage(const Datagram& datagram) {
  const Bytes& payload = datagram.payload;
  if (datagram.protocol == kUdpLite) {
    const size_t covered = static_cast<size_t>(payload[4]) << 8 | payload[5];
    return covered == 0 ? payload.size() : std::min(covered, payload.size());
  }
  if (datagram.protocol == kDccp && (payload[5] & 15) != 0) {
    return std::min<size_t>(payload.size(), payload[4] * 4u + ((payload[5] & 15u) - 1) * 4u);
  }
  return payload.size();
}

void fill_checksum(const Datagram& datagram, Bytes& payload, u32 toggle) {
  if (datagram.protocol == kIcmp && payload.size() >= 4) {
    set16(payload, 2, 0);
    set16(payload, 2, internet_checksum(payload));
    return;
  }
  const u32 field = pseudo_field(datagram.protocol);
  if (field == 0) return;
  set16(payload, field, 0);
  if (datagram.no_checksum) return;
  const u32 pseudo = pseudo_sum(datagram, toggle);
  if (datagram.partial) return set16(payload, field, pseudo);
  const Bytes covered(payload.begin(), payload.begin() + static_cast<long>(coverage(datagram)));
  u32 checksum = internet_checksum(covered, pseudo);
  if (checksum == 0 && datagram.protocol != kTcp && datagram.protocol != kDccp) checksum = 0xffff;
  set16(payload, field, checksum);
}

// The quote is toggled only if its IPv4 header is whole: half a header has no checksum to keep
// true.
Bytes render_payload(const Datagram& datagram, bool toggled) {
  Bytes payload = datagram.payload;
  if (!datagram.quote) return payload;
  if (toggled && payload[0] == 5) payload[6] ^= 1;  // RFC 792, redirect: gateway internet address
  const Datagram::Quote& quote = *datagram.quote;
  const bool whole = quote.length >= header_length(quote.datagram);
  Bytes quoted = render(quote.datagram, toggled && whole);
  quoted.resize(std::min<size_t>(quoted.size(), quote.length));
  append(payload, quoted);
  return payload;
}
}  // namespace

u64 test_seed() {
  static const u64 seed = [] {
    const char* text = std::getenv("VNET_TEST_SEED");
    const u64 value = text ? std::strtoull(text, nullptr, 0) : 20261122;
    std::printf("VNET_TEST_SEED=%llu\n", value);
    return value;
  }();
  return seed;
}

u32 pick(Random& random, u32 below) {
  return static_cast<u32>(random() % below);
}
bool chance(Random& random, u32 one_in) {
  return pick(random, one_in) == 0;
}

u16 internet_checksum(const Bytes& bytes, u32 sum) {
  return static_cast<u16>(~fold(sum + sum_words(bytes, 0, bytes.size())));
}

u32 header_length(const Datagram& datagram) {
  return 20 + static_cast<u32>(datagram.options.size());
}

u32 pseudo_field(u8 protocol) {
  if (protocol == kTcp) return 16;
  return protocol == kUdp || protocol == kUdpLite || protocol == kDccp ? 6 : 0;
}

Bytes render(const Datagram& datagram, bool toggled) {
  const u32 toggle = toggled ? kToggle : 0;
  Bytes payload = render_payload(datagram, toggled);
  fill_checksum(datagram, payload, toggle);
  u32 flags = 0;
  if (datagram.fragment) {
    const auto [offset, length] = *datagram.fragment;
    const bool more = offset + length < payload.size();
    payload = Bytes(payload.begin() + offset, payload.begin() + offset + length);
    flags = (more ? 0x2000u : 0) | offset / 8;
  }
  const u32 header = header_length(datagram);
  Bytes out;
  out.push_back(static_cast<u8>(0x40 | header / 4));
  out.push_back(datagram.tos);
  put16(out, datagram.zero_total ? 0 : header + static_cast<u32>(payload.size()));
  put16(out, datagram.id);
  put16(out, flags);
  out.push_back(datagram.ttl);
  out.push_back(datagram.protocol);
  put16(out, 0);
  put32(out, datagram.source ^ toggle);
  put32(out, datagram.destination ^ toggle);
  append(out, datagram.options);
  set16(out, 10, internet_checksum(out));
  append(out, payload);
  return out;
}

Bytes render(const FrameDescription& frame, bool toggled) {
  Bytes out = frame.addresses;
  const bool translated = toggled && frame.vlans.size() <= 2;
  for (const u16 tpid : frame.vlans) {
    put16(out, tpid);
    put16(out, 0x2042);
  }
  switch (frame.kind) {
    case FrameDescription::Kind::kIpv4:
      put16(out, 0x0800);
      append(out, render(frame.datagram, translated));
      break;
    case FrameDescription::Kind::kArp: {
      const u32 toggle = translated ? kToggle : 0;
      const Bytes& macs = frame.body;
      put16(out, 0x0806);
      put32(out, 0x00010800);
      put16(out, 0x0604);
      put16(out, frame.arp_operation);
      out.insert(out.end(), macs.begin(), macs.begin() + 6);
      put32(out, frame.arp_sender ^ toggle);
      out.insert(out.end(), macs.begin() + 6, macs.begin() + 12);
      put32(out, frame.arp_target ^ toggle);
      break;
    }
    case FrameDescription::Kind::kOther:
      put16(out, frame.type);
      append(out, frame.body);
      break;
  }
  append(out, frame.trailer);
  return out;
}

u32 network_offset(const FrameDescription& frame) {
  return 14 + 4 * static_cast<u32>(frame.vlans.size());
}

}  // namespace vnet::reference
