// SPDX-License-Identifier: GPL-2.0-only
// The snull translation against the reference of frame_maker.h.
#include "core/translate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/unit/frame_maker.h"
#include "tests/unit/threads.h"

namespace vnet::reference {
namespace {

struct Translated {
  bool ok;
  Bytes frame;
};

// As the core calls it: the head alone, in a block of its own, so that sanitizers see its end.
Translated translated(const Bytes& frame, vnet_csum csum = VNET_CSUM_NONE, u32 csum_start = 0) {
  const size_t length = std::min<size_t>(frame.size(), kTranslateBytes);
  const auto head = std::make_unique<u8[]>(length);
  std::copy_n(frame.begin(), length, head.get());
  Translated result{translate(head.get(), static_cast<u32>(frame.size()), csum, csum_start), frame};
  std::copy_n(head.get(), length, result.frame.begin());
  return result;
}

std::string hex(const Bytes& bytes) {
  std::ostringstream out;
  for (size_t i = 0; i < bytes.size(); i++) {
    char text[4];
    std::snprintf(text, sizeof(text), "%02x%s", bytes[i], i % 2 ? " " : "");
    out << text;
  }
  return out.str();
}

vnet_csum csum_of(const FrameDescription& frame) {
  const bool partial = frame.kind == FrameDescription::Kind::kIpv4 && frame.datagram.partial;
  return partial ? VNET_CSUM_PARTIAL : VNET_CSUM_NONE;
}

u32 csum_start_of(const FrameDescription& frame) {
  return csum_of(frame) == VNET_CSUM_PARTIAL ? network_offset(frame) + header_length(frame.datagram)
                                             : 0;
}

void expect_translation(const FrameDescription& description) {
  const Bytes before = render(description, false), expected = render(description, true);
  const vnet_csum csum = csum_of(description);
  const u32 start = csum_start_of(description);
  const Translated once = translated(before, csum, start);
  ASSERT_TRUE(once.ok) << hex(before);
  ASSERT_TRUE(once.frame == expected) << hex(before) << "became\n"
                                      << hex(once.frame) << "instead of\n"
                                      << hex(expected);
  const Translated twice = translated(once.frame, csum, start);
  ASSERT_TRUE(twice.frame == before) << hex(before) << "came back as\n" << hex(twice.frame);
}

TEST(Translate, GuidesExample_IsExact) {
  const Bytes seen = translated(render(udp_frame(0), false)).frame;
  EXPECT_EQ(Bytes(seen.begin() + 26, seen.begin() + 34), (Bytes{192, 168, 1, 1, 192, 168, 1, 2}));
  EXPECT_EQ(seen, render(udp_frame(1), false));
}

TEST(Translate, RandomFrames_AgreeWithTheReference) {
  Random random(test_seed());
  const u32 count = std::max(test::scaled(250000), 50000u);
  for (u32 i = 0; i < count; i++) {
    const FrameDescription description = random_frame(random);
    ASSERT_TRUE(checksums_valid(render(description, false), csum_of(description),
                                csum_start_of(description)))
        << "the reference contradicts itself: " << hex(render(description, false));
    expect_translation(description);
    if (testing::Test::HasFatalFailure()) FAIL() << "frame " << i;
  }
}

// ---- each rule on its own

FrameDescription with_protocol(u8 protocol, size_t bytes) {
  FrameDescription frame = udp_frame(0);
  frame.datagram.protocol = protocol;
  frame.datagram.payload.resize(bytes, 0x5a);
  return frame;
}

TEST(Translate, EveryProtocolWithAPseudoHeader_KeepsItsChecksum) {
  for (const u8 protocol : {kTcp, kUdp, kUdpLite, kDccp}) {
    FrameDescription frame = with_protocol(protocol, 40);
    frame.datagram.payload[4] = 0;
    frame.datagram.payload[5] = 0;
    expect_translation(frame);
  }
}

TEST(Translate, EveryOptionLength_IsFollowed) {
  for (size_t words = 0; words <= 10; words++) {
    FrameDescription frame = with_protocol(kTcp, 20);
    frame.datagram.options = Bytes(4 * words, 1);
    expect_translation(frame);
  }
}

TEST(Translate, UdpChecksumZero_StaysZero) {
  FrameDescription frame = udp_frame(0);
  frame.datagram.no_checksum = true;
  expect_translation(frame);
  const Bytes out = translated(render(frame, false)).frame;
  EXPECT_EQ(out[40] | out[41], 0);
}

TEST(Translate, UdpChecksumThatWouldBecomeZero_BecomesAllOnes) {
  for (u32 word = 0; word <= 0xffff; word++) {
    FrameDescription frame = udp_frame(0);
    frame.datagram.payload[8] = static_cast<u8>(word >> 8);
    frame.datagram.payload[9] = static_cast<u8>(word);
    const Bytes expected = render(frame, true);
    if (expected[40] != 0xff || expected[41] != 0xff) continue;
    EXPECT_EQ(translated(render(frame, false)).frame, expected);
    return;
  }
  FAIL() << "no such frame";
}

TEST(Translate, PartialChecksum_IsUpdatedInItsOwnForm) {
  for (const u8 protocol : {kTcp, kUdp}) {
    for (const u32 tags : {0u, 1u, 2u}) {
      FrameDescription frame = with_protocol(protocol, 60);
      frame.vlans = std::vector<u16>(tags, 0x8100);
      frame.datagram.partial = true;
      expect_translation(frame);
    }
  }
}

TEST(Translate, PartialChecksumElsewhere_LeavesTheLayerFourRuleInForce) {
  const FrameDescription frame = udp_frame(0);  // say, a tunnel's inner checksum is partial
  const Translated out = translated(render(frame, false), VNET_CSUM_PARTIAL, 100);
  EXPECT_EQ(out.frame, render(frame, true));
}

TEST(Translate, SuperFrameWithTotalLengthZero_IsTranslated) {
  FrameDescription frame = with_protocol(kTcp, 1000);
  frame.datagram.partial = true;
  frame.datagram.zero_total = true;
  expect_translation(frame);
}

TEST(Translate, IcmpErrors_TranslateTheQuoteAndARedirectsGateway) {
  for (const u8 type : Bytes{3, 4, 5, 11, 12}) {
    for (const u8 quoted : {kTcp, kUdp, kUdpLite, kIcmp}) {
      FrameDescription frame = with_protocol(kIcmp, 8);
      frame.datagram.payload = {type, 1, 0, 0, 192, 168, 0, 254};
      frame.datagram.quote = std::make_shared<Datagram::Quote>();
      frame.datagram.quote->datagram = with_protocol(quoted, 40).datagram;
      frame.datagram.quote->datagram.payload[4] = frame.datagram.quote->datagram.payload[5] = 0;
      for (const u32 length : {0u, 10u, 19u, 20u, 26u, 28u, 60u}) {
        frame.datagram.quote->length = length;
        expect_translation(frame);
      }
    }
  }
}

TEST(Translate, IcmpQueries_AreLeftAloneBehindTheHeader) {
  for (const u8 type : Bytes{0, 8, 9, 10, 13, 14, 17}) {
    FrameDescription frame = with_protocol(kIcmp, 40);
    frame.datagram.payload[0] = type;
    expect_translation(frame);
  }
}

TEST(Translate, Fragments_ChangeTheChecksumInTheFirstOnly) {
  for (const u8 protocol : {kTcp, kUdp}) {
    FrameDescription frame = with_protocol(protocol, 64);
    for (const Datagram::Fragment fragment :
         {Datagram::Fragment{0, 24}, {0, 8}, {0, 32}, {24, 40}, {24, 16}}) {
      frame.datagram.fragment = fragment;
      expect_translation(frame);
    }
  }
}

TEST(Translate, ThreeTags_AreTooMany) {
  FrameDescription frame = udp_frame(0);
  frame.vlans = {0x88a8, 0x8100, 0x8100};
  expect_translation(frame);
  EXPECT_EQ(translated(render(frame, false)).frame, render(frame, false));
}

TEST(Translate, EthernetTrailer_BelongsToNobody) {
  FrameDescription frame = udp_frame(0, 2);
  frame.trailer = Bytes(20, 0xff);
  expect_translation(frame);
}

TEST(Translate, OtherTypes_PassByteForByte) {
  Random random(test_seed());
  for (const u16 type :
       std::vector<u16>{0x86dd, 0x88cc, 0x8035, 0x0000, 0x05dc, 0x0801, 0x9100, 0x8864}) {
    for (size_t length = 0; length < 80; length++) {
      Bytes frame(14 + length);
      for (u8& byte : frame) byte = static_cast<u8>(random());
      frame[12] = static_cast<u8>(type >> 8);
      frame[13] = static_cast<u8>(type);
      const Translated out = translated(frame);
      EXPECT_TRUE(out.ok);
      EXPECT_EQ(out.frame, frame);
    }
  }
}

TEST(Translate, ArpOfOtherProtocolsOrHardware_PassesByteForByte) {
  FrameDescription description;
  description.kind = FrameDescription::Kind::kArp;
  description.addresses = Bytes(12, 2);
  description.body = Bytes(12, 2);
  expect_translation(description);
  const Bytes arp = render(description, false);
  for (const size_t field : {14u, 15u, 16u, 17u, 18u, 19u}) {
    Bytes other = arp;
    other[field] ^= 0x20;
    const Translated out = translated(other);
    EXPECT_TRUE(out.ok);
    EXPECT_EQ(out.frame, other) << "byte " << field;
  }
}

TEST(Translate, BadIpv4Headers_AreRefusedUnchanged) {
  const Bytes good = render(udp_frame(0), false);
  for (u32 first = 0; first < 256; first++) {
    Bytes frame = good;
    frame[14] = static_cast<u8>(first);
    const u32 header = (first & 15) * 4;
    const bool valid = first >> 4 == 4 && header >= 20 && header <= frame.size() - 14;
    const Translated out = translated(frame);
    EXPECT_EQ(out.ok, valid) << first;
    if (!valid) {
      EXPECT_EQ(out.frame, frame) << first;
    }
  }
}

TEST(Translate, TotalLengthThatDoesNotHoldTheHeader_IsRefusedUnchanged) {
  for (u8 total = 1; total < 20; total++) {
    Bytes frame = render(udp_frame(0), false);
    frame[16] = 0;
    frame[17] = total;
    const Translated out = translated(frame);
    EXPECT_FALSE(out.ok) << int{total};
    EXPECT_EQ(out.frame, frame) << int{total};
  }
}

// ---- truncation at every length

u32 sum_of(const Bytes& bytes, size_t from) {
  return internet_checksum(Bytes(bytes.begin() + static_cast<long>(from), bytes.end())) % 0xffff;
}

// What a frame cut to `length` bytes must give: refused where the header is cut; otherwise the
// beginning of the whole frame's translation, a half checksum field and a cut quote aside.
void expect_truncation(const FrameDescription& description, size_t length) {
  Bytes cut = render(description, false), expected = render(description, true);
  cut.resize(length);
  expected.resize(length);
  const Translated out = translated(cut);
  const size_t network = network_offset(description);
  if (length < network) {  // a cut tag: of no known type
    EXPECT_TRUE(out.ok) << length;
    EXPECT_EQ(out.frame, cut) << length;
    return;
  }
  const bool arp = description.kind == FrameDescription::Kind::kArp;
  const size_t header = arp ? 28 : header_length(description.datagram);
  if (length < network + header) {
    EXPECT_FALSE(out.ok) << length;
    EXPECT_EQ(out.frame, cut) << length;
    return;
  }
  EXPECT_TRUE(out.ok) << length;
  if (description.datagram.quote) {  // what can be kept true is the ICMP message's sum
    EXPECT_EQ(sum_of(out.frame, network + header), sum_of(cut, network + header)) << length;
    expected.resize(std::min(length, network + header));
    cut = out.frame;
    cut.resize(expected.size());
    EXPECT_EQ(hex(cut), hex(expected)) << length;
    return;
  }
  const u32 field = pseudo_field(description.datagram.protocol);
  if (!arp && field && length == network + header + field + 1) expected.back() = cut.back();
  EXPECT_EQ(hex(out.frame), hex(expected)) << length;
}

TEST(Translate, Truncation_AtEveryLengthOfManyFrames) {
  Random random(test_seed());
  u32 frames = 0;
  while (frames < 400) {
    FrameDescription description = random_frame(random);
    if (description.kind == FrameDescription::Kind::kOther || description.vlans.size() > 2)
      continue;
    if (description.datagram.fragment || description.datagram.partial) continue;
    if (description.datagram.payload.size() > 200) continue;
    description.trailer.clear();
    frames++;
    const size_t whole = render(description, false).size();
    for (size_t length = 14; length < whole; length++) expect_truncation(description, length);
    if (testing::Test::HasFailure()) FAIL() << hex(render(description, false));
  }
}

TEST(Translate, FramesShorterThanAHeader_AreUntouched) {
  for (size_t length = 0; length < 14; length++) {
    const Bytes frame(length, 0x08);
    EXPECT_EQ(translated(frame).frame, frame);
  }
}

// ---- captured frames

std::vector<Bytes> captured_frames() {
  std::ifstream file(VNET_TEST_DATA "/unit/captured_frames.hex");
  std::vector<Bytes> frames;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    Bytes frame;
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
      frame.push_back(static_cast<u8>(std::stoul(line.substr(i, 2), nullptr, 16)));
    }
    frames.push_back(frame);
  }
  return frames;
}

TEST(Translate, CapturedFrames_StayValidAndComeBack) {
  const auto frames = captured_frames();
  ASSERT_GE(frames.size(), 8u);
  for (const Bytes& frame : frames) {
    ASSERT_TRUE(checksums_valid(frame)) << hex(frame);
    const Translated once = translated(frame);
    EXPECT_TRUE(once.ok);
    EXPECT_TRUE(checksums_valid(once.frame)) << hex(frame);
    const bool ipv6 = frame[12] == 0x86;
    EXPECT_EQ(once.frame == frame, ipv6) << hex(frame);
    EXPECT_EQ(translated(once.frame).frame, frame);
  }
}

}  // namespace
}  // namespace vnet::reference
