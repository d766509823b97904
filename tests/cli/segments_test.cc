// SPDX-License-Identifier: GPL-2.0-only
// Super-frames of the user-space driver as frames of the wire: each header is that of a frame of
// its own.
#include "user/segments.h"

#include <gtest/gtest.h>

#include <vector>

#include "user/packet.h"

namespace vnet::user {
namespace {

using Bytes = std::vector<vnet_u8>;

constexpr vnet_u32 kGsoSize = 100, kPayload = 250;  // three segments

struct Shape {
  bool ipv6, udp;
  std::vector<vnet_u16> tags;

  vnet_u32 network() const { return 14 + 4 * static_cast<vnet_u32>(tags.size()); }
  vnet_u32 transport() const { return network() + (ipv6 ? 40 : 24); }  // IPv4: one option
  vnet_u32 headers() const { return transport() + (udp ? 8 : 32); }    // TCP: with options
  vnet_u8 protocol() const { return udp ? 17 : 6; }
};

void append(Bytes& to, std::initializer_list<unsigned> words) {
  for (const unsigned word : words) {
    to.push_back(static_cast<vnet_u8>(word >> 8));
    to.push_back(static_cast<vnet_u8>(word));
  }
}

// RFC 9293, 3.1; RFC 8200, 8.1.
vnet_u16 pseudo_header(const Shape& shape, const Bytes& frame, vnet_u32 length) {
  Bytes bytes(frame.begin() + shape.network() + (shape.ipv6 ? 8 : 12),
              frame.begin() + shape.network() + (shape.ipv6 ? 40 : 20));
  append(bytes, {shape.protocol(), length});
  return internet_sum(bytes.data(), static_cast<vnet_u32>(bytes.size()));
}

Bytes super_frame(const Shape& shape) {
  Bytes frame;
  append(frame, {0x0200, 0, 1, 0x0200, 0, 2});
  for (const vnet_u16 tag : shape.tags) append(frame, {tag, 5});
  const unsigned rest = shape.headers() - shape.transport() + kPayload;
  if (shape.ipv6) {
    append(frame,
           {kIpv6, 0x6000, 0, rest, shape.protocol() << 8 | 64u, 0xfd00, 0, 0, 0, 0, 0, 0, 1});
    append(frame, {0xfd00, 0, 0, 0, 0, 0, 0, 2});
  } else {
    append(frame, {kIpv4, 0x4600, 24 + rest, 0xffff, 0x4000, 0x4000u | shape.protocol(), 0x1234});
    append(frame, {0x0a09, 1, 0x0a09, 2, 0x0101, 0x0101});
  }
  if (shape.udp)
    append(frame, {1000, 2000, rest, 0});
  else  // sequence number 0xffffffc0, CWR ACK PSH FIN
    append(frame,
           {1000, 2000, 0xffff, 0xffc0, 0, 7, 0x8099, 500, 0, 0, 0x0101, 0x080a, 1, 2, 3, 4});
  for (vnet_u32 i = 0; i < kPayload; i++) frame.push_back(static_cast<vnet_u8>(i));
  set_word(&frame[shape.transport() + (shape.udp ? 6 : 16)], pseudo_header(shape, frame, rest));
  return frame;
}

class SegmentsTest : public testing::Test {
 protected:
  SegmentsTest() { EXPECT_FALSE(pool_.reserve(8)); }

  PoolFrame& make(const Shape& shape, const Bytes& bytes) {
    PoolFrame& frame = *pool_.take();
    frame.wire.virtio = {kVirtioNeedsCsum,
                         shape.udp    ? kVirtioGsoUdpL4
                         : shape.ipv6 ? kVirtioGsoTcpV6
                                      : kVirtioGsoTcpV4,
                         0,
                         kGsoSize,
                         static_cast<vnet_u16>(shape.transport()),
                         static_cast<vnet_u16>(shape.udp ? 6 : 16)};
    std::copy(bytes.begin(), bytes.end(), frame.wire.data);
    describe_frame(frame.wire.virtio, frame.wire.data, static_cast<vnet_u32>(bytes.size()),
                   frame.frame);
    return frame;
  }

  FramePool pool_;
};

void expect_network(const Shape& shape, const Bytes& frame, unsigned index) {
  const vnet_u8* const ip = &frame[shape.network()];
  const auto length = static_cast<vnet_u32>(frame.size()) - shape.network();
  if (shape.ipv6) {
    EXPECT_EQ(word_at(ip + 4), length - 40);
    return;
  }
  EXPECT_EQ(word_at(ip + 2), length);
  EXPECT_EQ(word_at(ip + 4), (0xffff + index) & 0xffff);
  EXPECT_EQ(internet_sum(ip, 24), 0xffff);
}

void expect_transport(const Shape& shape, const Bytes& frame, unsigned index) {
  const vnet_u8* const transport = &frame[shape.transport()];
  const auto length = static_cast<vnet_u32>(frame.size()) - shape.transport();
  EXPECT_EQ(word_at(transport + (shape.udp ? 6 : 16)), pseudo_header(shape, frame, length));
  if (shape.udp) {
    EXPECT_EQ(word_at(transport + 4), length);
    return;
  }
  const vnet_u32 sequence = 0xffffffc0 + index * kGsoSize;
  EXPECT_EQ(word_at(transport + 4), sequence >> 16);
  EXPECT_EQ(word_at(transport + 6), sequence & 0xffff);
  EXPECT_EQ(transport[13], std::vector({0x90, 0x10, 0x19})[index]);
}

TEST_F(SegmentsTest, EachHasTheHeadersOfAFrameOfItsOwn) {
  for (const bool ipv6 : {false, true})
    for (const bool udp : {false, true})
      for (const std::vector<vnet_u16>& tags :
           {std::vector<vnet_u16>{}, {0x8100}, {0x88a8, 0x8100}}) {
        const Shape shape{ipv6, udp, tags};
        const Bytes bytes = super_frame(shape);
        PoolFrame& super = make(shape, bytes);
        const vnet_u32 wire_len = super.frame.wire_len;
        ASSERT_EQ(super.frame.wire_frames, 3);
        vnet_frame* const list = cut_up(super);
        unsigned index = 0;
        vnet_u32 sent = 0;
        for (const vnet_frame* each = list; each; each = each->next, index++) {
          ASSERT_LT(index, 3u);
          const PoolFrame& segment = PoolFrame::of(each);
          const Bytes frame(segment.wire.data, segment.wire.data + each->len);
          EXPECT_EQ(each->len, shape.headers() + (index < 2 ? 100 : 50));
          EXPECT_EQ(each->wire_len, each->len);
          EXPECT_EQ(each->wire_frames, 1);
          EXPECT_EQ(each->csum, VNET_CSUM_PARTIAL);
          EXPECT_EQ(each->csum_start, shape.transport());
          EXPECT_EQ(segment.wire.virtio.gso_type, kVirtioGsoNone);
          EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + shape.network(), frame.begin()));
          expect_network(shape, frame, index);
          expect_transport(shape, frame, index);
          EXPECT_TRUE(std::equal(frame.begin() + shape.headers(), frame.end(),
                                 bytes.begin() + shape.headers() + index * kGsoSize));
          sent += each->wire_len;
        }
        EXPECT_EQ(index, 3u);
        EXPECT_EQ(sent, wire_len);
        release_frames(list);
      }
}

TEST_F(SegmentsTest, WhatIsNoSuperFrameOfIpStaysAsItIs) {
  const Shape shape{false, false, {}};
  Bytes bytes = super_frame(shape);
  set_word(&bytes[12], 0x8847);  // MPLS
  PoolFrame& other = make(shape, bytes);
  EXPECT_EQ(cut_up(other), nullptr);
  EXPECT_EQ(Bytes(other.wire.data, other.wire.data + other.frame.len), bytes);

  bytes = super_frame(shape);
  PoolFrame& verified = make(shape, bytes);
  verified.frame.csum = VNET_CSUM_VERIFIED;
  EXPECT_EQ(cut_up(verified), nullptr);

  bytes[shape.transport() + 12] = 0x10;  // a TCP header of 4 bytes
  EXPECT_EQ(cut_up(make(shape, bytes)), nullptr);
}

}  // namespace
}  // namespace vnet::user
