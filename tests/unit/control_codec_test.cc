// SPDX-License-Identifier: GPL-2.0-only
// What is decoded and encoded again is the same bytes; replies from a newer vnet; what does not
// fit.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "cli/schema_gen.h"
#include "tests/unit/control_message.h"
#include "tests/unit/frame_maker.h"

namespace vnet::reference {
namespace {

constexpr int kInvalid = -22;      // EINVAL
constexpr int kMessageSize = -90;  // EMSGSIZE

std::vector<u8> encoded(vnet_set set, const void* values) {
  alignas(8) static u8 out[65536];
  const int length = vnet_core_encode(set, values, out, sizeof(out));
  EXPECT_GE(length, 0);
  return {out, out + std::max(length, 0)};
}

class ControlCodecTest : public ::testing::Test {
 protected:
  AnyValues values_;
  vnet_control_error error_{};
};

TEST_F(ControlCodecTest, RandomMessages_AreTheSameAfterDecodingAndEncoding) {
  std::mt19937_64 random(test_seed());
  for (int round = 0; round < 200; round++)
    for (u32 number = 0; number < VNET_SET_COUNT; number++) {
      const auto set = static_cast<vnet_set>(number);
      const Message message = random_message(set, ~0ull, random);
      ASSERT_EQ(vnet_core_set_decode(set, message.bytes().data(), message.length(), values_.get(),
                                     &error_),
                0)
          << error_.text;
      ASSERT_EQ(encoded(set, values_.get()), message.bytes()) << "set " << number;
      ASSERT_EQ(
          vnet_core_reply_decode(set, message.bytes().data(), message.length(), values_.get()), 0);
      ASSERT_EQ(encoded(set, values_.get()), message.bytes()) << "set " << number;
    }
}

TEST_F(ControlCodecTest, RandomRequests_AreTakenAndComeOutTheSame) {
  std::mt19937_64 random(test_seed());
  for (int round = 0; round < 200; round++)
    for (u32 number = 1; number <= VNET_CMD_MAX; number++)
      for (const bool dump : {false, true}) {
        const Command& command = command_schema(number);
        const Request& request = dump ? command.dump : command.one;
        if (!request.exists) continue;
        const Message message = random_message(command.set, request.takes.attributes, random);
        ASSERT_EQ(vnet_core_request_decode(number, dump, message.bytes().data(), message.length(),
                                           values_.get(), &error_),
                  0)
            << error_.text;
        ASSERT_EQ(encoded(command.set, values_.get()), message.bytes()) << "command " << number;
      }
}

TEST_F(ControlCodecTest, Values_AreInTheirMembers) {
  Message info, device, link;
  info.put(VNET_INFO_RX_RING, number(512, 4));
  info.put(VNET_INFO_SEED, number(0x0123456789abcdef, 8));
  device.put(VNET_A_DEVICE_IFNAME, {'v', '0'});
  device.put(VNET_A_DEVICE_MAC, {2, 0, 0, 0, 0, 9});
  device.put(VNET_A_DEVICE_PEER_NETNSID, number(~0ull, 4));
  device.put_nest(VNET_A_DEVICE_INFO, info);
  link.put_nest(VNET_A_LINK_PEER, device);
  ASSERT_EQ(vnet_core_set_decode(VNET_SET_LINK, link.bytes().data(), link.length(), values_.get(),
                                 &error_),
            0);
  const auto& values = values_.as<vnet_link_values>();
  EXPECT_EQ(values.has, bit(VNET_A_LINK_PEER));
  EXPECT_EQ(values.device.has, 0u);
  EXPECT_STREQ(values.peer.ifname, "v0");
  EXPECT_EQ(values.peer.mac[5], 9);
  EXPECT_EQ(values.peer.peer_netnsid, -1);
  EXPECT_EQ(values.peer.info.rx_ring, 512u);
  EXPECT_EQ(values.peer.info.seed, 0x0123456789abcdefu);
  EXPECT_EQ(values.peer.info.has, bit(VNET_INFO_RX_RING) | bit(VNET_INFO_SEED));
}

TEST_F(ControlCodecTest, Views_PointIntoTheMessage) {
  Message counter, stats;
  counter.put(VNET_A_HOST_COUNTER_NAME, {'x', 'd', 'p', 0});
  counter.put(VNET_A_HOST_COUNTER_VALUE, number(7, 8));
  for (int i = 0; i < 3; i++) stats.put_nest(VNET_A_STATS_HOST_COUNTER, counter);
  ASSERT_EQ(
      vnet_core_reply_decode(VNET_SET_STATS, stats.bytes().data(), stats.length(), values_.get()),
      0);
  const auto& values = values_.as<vnet_stats_values>();
  ASSERT_EQ(values.host_counter_count, 3u);
  const vnet_host_counter_values& last = values.host_counter[2];
  EXPECT_EQ(last.value, 7u);
  ASSERT_EQ(last.name.len, 3u);
  const auto* const name = static_cast<const u8*>(last.name.data);
  EXPECT_TRUE(name > stats.bytes().data() && name < stats.bytes().data() + stats.length());
  EXPECT_EQ(std::memcmp(name, "xdp", 3), 0);
}

// ---- replies

TEST_F(ControlCodecTest, Replies_OfANewerVnetAreTakenWithoutWhatIsNew) {
  for (const Named& each : all_attributes()) {
    SCOPED_TRACE(each.name);
    Message message;
    message.put(attribute_set(each.set).count + 1, number(5, 8));
    message.put(each.id, smallest(*each.schema));
    message.put(0x3fff, {});
    message.put(0, {1});
    ASSERT_EQ(
        vnet_core_reply_decode(each.set, message.bytes().data(), message.length(), values_.get()),
        0);
    EXPECT_EQ(values_.memory[0], bit(each.id));
  }
}

TEST_F(ControlCodecTest, Replies_MayHaveNumbersThatARequestMayNot) {
  for (const Named& each : all_attributes()) {
    if (each.schema->kind != Kind::kNumber) continue;
    Message message;
    message.put(each.id, number(~0ull, each.schema->min_length));
    EXPECT_EQ(
        vnet_core_reply_decode(each.set, message.bytes().data(), message.length(), values_.get()),
        0)
        << each.name;
  }
}

TEST_F(ControlCodecTest, Replies_OfTwoTheLastCountsAndMoreThanThereIsRoomForIsLeftOut) {
  for (const Named& each : all_attributes()) {
    SCOPED_TRACE(each.name);
    std::mt19937_64 random(test_seed());
    Message message, last;
    const u32 flag = each.schema->kind == Kind::kNest ? kNestedFlag : 0;
    const u32 most = each.schema->count_max ? each.schema->count_max : 1;
    for (u32 i = 0; i <= most; i++) {
      const Payload payload = random_payload(*each.schema, random);
      message.put(each.id | flag, payload);
      if (each.schema->count_max ? i < most : i == most) last.put(each.id | flag, payload);
    }
    ASSERT_EQ(
        vnet_core_reply_decode(each.set, message.bytes().data(), message.length(), values_.get()),
        0);
    EXPECT_EQ(encoded(each.set, values_.get()), last.bytes());
  }
}

TEST_F(ControlCodecTest, Replies_ThatAreMalformedAreRefused) {
  Message message;
  message.put(VNET_A_STATS_TX_FRAMES, number(1, 4));  // it is a u64
  EXPECT_EQ(vnet_core_reply_decode(VNET_SET_STATS, message.bytes().data(), message.length(),
                                   values_.get()),
            kInvalid);
  Message good;
  good.put(VNET_A_STATS_TX_FRAMES, number(1, 8));
  for (u32 length = 1; length < good.length(); length++)
    EXPECT_EQ(vnet_core_reply_decode(VNET_SET_STATS, good.bytes().data(), length, values_.get()),
              kInvalid)
        << length;
}

// ---- room

TEST_F(ControlCodecTest, Encode_WithOneByteLessThanItTakesIsRefused) {
  std::mt19937_64 random(test_seed());
  for (u32 number = 0; number < VNET_SET_COUNT; number++) {
    const auto set = static_cast<vnet_set>(number);
    const Message message = random_message(set, ~0ull, random);
    ASSERT_EQ(
        vnet_core_set_decode(set, message.bytes().data(), message.length(), values_.get(), &error_),
        0);
    for (u32 size = 0; size < message.length(); size++) {
      // Of that size, so that the sanitizer sees who writes on.
      std::vector<u8> out(size);
      ASSERT_EQ(vnet_core_encode(set, values_.get(), out.data(), size), kMessageSize) << size;
    }
    std::vector<u8> out(message.length());
    EXPECT_EQ(vnet_core_encode(set, values_.get(), out.data(), message.length()),
              static_cast<int>(message.length()));
  }
}

TEST_F(ControlCodecTest, Encode_OfMoreThanAnAttributeHoldsIsRefused) {
  const std::vector<u8> bytes(65532), longest(65531);
  std::vector<u8> out(200000);
  vnet_dropped_values dropped{};
  dropped.has = bit(VNET_A_DROPPED_DATA);
  const auto encode = [&](const std::vector<u8>& data) {
    dropped.data = {data.data(), static_cast<u32>(data.size())};
    return vnet_core_encode(VNET_SET_DROPPED, &dropped, out.data(), static_cast<u32>(out.size()));
  };
  EXPECT_EQ(encode(bytes), kMessageSize);
  EXPECT_EQ(encode(longest), 65536);
  // A nest's own length has 16 bits, too.
  vnet_stats_values stats{};
  stats.has = bit(VNET_A_STATS_HOST_COUNTER);
  stats.host_counter_count = 1;
  stats.host_counter[0].has = bit(VNET_A_HOST_COUNTER_NAME);
  stats.host_counter[0].name = {longest.data(), 65529};
  EXPECT_EQ(vnet_core_encode(VNET_SET_STATS, &stats, out.data(), 200000), kMessageSize);
  stats.host_counter[0].name.len = ~0u;
  EXPECT_EQ(vnet_core_encode(VNET_SET_STATS, &stats, out.data(), 200000), kMessageSize);
  stats.host_counter_count = 33;
  EXPECT_EQ(vnet_core_encode(VNET_SET_STATS, &stats, out.data(), 200000), kMessageSize);
}

// ---- the command's tables are of the same schema

TEST_F(ControlCodecTest, TheCommandsTables_AgreeWithTheCodecs) {
  for (const Named& each : all_attributes()) {
    const cli::Attribute& attribute = cli::attribute_set(each.set).attributes[each.id - 1];
    SCOPED_TRACE(each.name);
    EXPECT_EQ(attribute.id, each.id);
    EXPECT_EQ(attribute.offset, each.schema->offset);
    EXPECT_EQ(attribute.count_offset, each.schema->count_offset);
    EXPECT_EQ(attribute.count_max, each.schema->count_max);
    EXPECT_EQ(attribute.nested, each.schema->nested);
    if (each.schema->kind == Kind::kNest) {
      EXPECT_EQ(attribute.size, attribute_set(attribute.nested).size);
    }
  }
  for (const cli::Knob& knob : cli::knobs()) {
    const Attribute& schema = attribute_set(VNET_SET_INFO).attributes[knob.attribute->id - 1];
    EXPECT_EQ(knob.min, schema.min) << knob.keyword;
    EXPECT_EQ(knob.max, schema.max) << knob.keyword;
  }
}

// Answers and events are written into a buffer of one size and are never cut: the longest that a
// set's values can make fits what NLMSG_GOODSIZE leaves of a page of 4 KiB, headers included.
// Longer byte strings stand in requests only.
constexpr u32 kAnswerRoom = 4096 - 320 - 16 - 4;
constexpr u32 kLongestBytes = 1024;

void fill_longest(const AttributeSet& set, u8* values) {
  static u64 bytes[kLongestBytes / sizeof(u64)];
  std::memset(values, 'x', set.size);
  u64 has = 0;
  for (u32 id = 1; id <= set.count; id++) {
    const Attribute& attribute = set.attributes[id - 1];
    u8* const member = values + attribute.offset;
    if (attribute.kind == Kind::kBytes || attribute.kind == Kind::kStringView) {
      const bool any_length = attribute.max_length == kNoLimit;
      if (!any_length && attribute.max_length > kLongestBytes) continue;
      const vnet_bytes view{reinterpret_cast<const vnet_u8*>(bytes),
                            any_length ? 24 : attribute.max_length};
      std::memcpy(member, &view, sizeof(view));
    } else if (attribute.kind == Kind::kString) {
      member[attribute.max_length] = 0;
    } else if (attribute.kind == Kind::kNest) {
      const AttributeSet& nested = attribute_set(attribute.nested);
      const u32 count = attribute.count_max ? attribute.count_max : 1;
      if (attribute.count_max) std::memcpy(values + attribute.count_offset, &count, sizeof(count));
      for (u32 i = 0; i < count; i++) fill_longest(nested, member + i * nested.size);
    }
    has |= bit(id);
  }
  std::memcpy(values, &has, sizeof(has));
}

TEST_F(ControlCodecTest, TheLongestAnswerOfEachSet_FitsItsBuffer) {
  for (u32 number = 0; number < VNET_SET_COUNT; number++) {
    const auto set = static_cast<vnet_set>(number);
    fill_longest(attribute_set(set), static_cast<u8*>(values_.get()));
    EXPECT_LE(encoded(set, values_.get()).size(), kAnswerRoom) << "set " << number;
  }
}

}  // namespace
}  // namespace vnet::reference
