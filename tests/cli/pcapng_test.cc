// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture/pcapng.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <vector>

namespace vnet::cli {
namespace {

template <typename T>
T number_at(std::string_view bytes, std::size_t at) {
  T value{};
  EXPECT_LE(at + sizeof(value), bytes.size());
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// Walks a block as a reader does (draft-ietf-opsawg-pcapng, 3.1 and 3.5).
struct Block {
  vnet_u32 type = 0;
  std::string body;  // between the lengths

  explicit Block(std::string_view bytes) {
    type = number_at<vnet_u32>(bytes, 0);
    const auto length = number_at<vnet_u32>(bytes, 4);
    EXPECT_EQ(length, bytes.size());
    EXPECT_EQ(length % 4, 0u);
    EXPECT_EQ(number_at<vnet_u32>(bytes, length - 4), length);
    body = bytes.substr(8, length - 12);
  }

  std::map<int, std::string> options(std::size_t at) const {
    std::map<int, std::string> found;
    for (;;) {
      const int code = number_at<vnet_u16>(body, at);
      const std::size_t length = number_at<vnet_u16>(body, at + 2);
      at += 4;
      if (code == 0) break;
      found[code] = body.substr(at, length);
      at += (length + 3) / 4 * 4;
    }
    EXPECT_EQ(at, body.size());
    return found;
  }
};

std::string as_bytes(vnet_u32 value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

TEST(Pcapng, Section_SaysByteOrderVersionAndWhoWroteIt) {
  std::string out;
  append_section(out, {"", "Linux 6.1", "vnet 1"});
  const Block block(out);
  EXPECT_EQ(block.type, 0x0a0d0d0au);
  EXPECT_EQ(number_at<vnet_u32>(block.body, 0), 0x1a2b3c4du);
  EXPECT_EQ(number_at<vnet_u16>(block.body, 4), 1);
  EXPECT_EQ(number_at<vnet_u16>(block.body, 6), 0);
  EXPECT_EQ(number_at<vnet_u64>(block.body, 8), ~vnet_u64{0});
  EXPECT_EQ(block.options(16), (std::map<int, std::string>{{3, "Linux 6.1"}, {4, "vnet 1"}}));
}

TEST(Pcapng, Interface_HasNameResolutionAndFilter) {
  std::string out;
  PcapngInterface interface;
  interface.name = "v0";
  interface.filter = "icmp";
  interface.snaplen = 96;
  append_interface(out, interface);
  const Block block(out);
  EXPECT_EQ(block.type, 1u);
  EXPECT_EQ(number_at<vnet_u16>(block.body, 0), 1);  // Ethernet
  EXPECT_EQ(number_at<vnet_u32>(block.body, 4), 96u);
  EXPECT_EQ(block.options(8),
            (std::map<int, std::string>{{2, "v0"}, {9, "\x09"}, {11, std::string("\0icmp", 5)}}));
}

TEST(Pcapng, Packet_HasTimeBytesAndOptions) {
  for (std::size_t length = 0; length <= 9; ++length) {
    const std::string data = std::string("123456789").substr(0, length);
    std::string out;
    PcapngPacket packet;
    packet.time_ns = 0x1122334455667788;
    packet.data = data;
    packet.length = 1500;
    packet.direction = PcapngDirection::kOutbound;
    packet.queue = 7;
    packet.comment = "dropped: ring_full";
    append_packet(out, packet);
    const Block block(out);
    EXPECT_EQ(block.type, 6u);
    EXPECT_EQ(number_at<vnet_u32>(block.body, 4), 0x11223344u);
    EXPECT_EQ(number_at<vnet_u32>(block.body, 8), 0x55667788u);
    EXPECT_EQ(number_at<vnet_u32>(block.body, 12), length);
    EXPECT_EQ(number_at<vnet_u32>(block.body, 16), 1500u);
    EXPECT_EQ(block.body.substr(20, length), data);
    EXPECT_EQ(block.options(20 + (length + 3) / 4 * 4),
              (std::map<int, std::string>{
                  {1, "dropped: ring_full"}, {2, as_bytes(2)}, {6, as_bytes(7)}}));
  }
}

TEST(Pcapng, Packet_LeavesOutWhatIsNotKnown) {
  std::string out;
  append_packet(out, {});
  EXPECT_TRUE(Block(out).options(20).empty());
}

TEST(Pcapng, Statistics_TellWhatIsMissing) {
  std::string out;
  PcapngStatistics statistics;
  statistics.start_ns = 0x0000000100000002;
  statistics.received = 12;
  statistics.missed = 3;
  statistics.delivered = 9;
  append_statistics(out, statistics);
  const Block block(out);
  EXPECT_EQ(block.type, 5u);
  std::map<int, std::string> options = block.options(12);
  EXPECT_EQ(options[2], as_bytes(1) + as_bytes(2));  // the high half first
  EXPECT_EQ(number_at<vnet_u64>(options[4], 0), 12u);
  EXPECT_EQ(number_at<vnet_u64>(options[7], 0), 3u);
  EXPECT_EQ(number_at<vnet_u64>(options[8], 0), 9u);
}

TEST(Pcapng, Option_TooLongIsCut) {
  std::string out;
  append_section(out, {std::string(100000, 'x'), "", ""});
  EXPECT_EQ(Block(out).options(16)[2].size(), 65535u);
}

}  // namespace
}  // namespace vnet::cli
