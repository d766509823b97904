// SPDX-License-Identifier: GPL-2.0-only
// Requests that are wrong in one thing: each attribute of the schema at its limits and beyond, of
// wrong length, missing, twice, where it may not stand. A refusal names it, what it allows and
// where it is.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "cli/schema_gen.h"
#include "tests/unit/control_message.h"

namespace vnet::reference {
namespace {

constexpr int kInvalid = -22;       // EINVAL
constexpr int kNotSupported = -95;  // EOPNOTSUPP

class ControlDecodeTest : public ::testing::Test {
 protected:
  int decode(vnet_set set, const Message& message) {
    return vnet_core_set_decode(set, message.bytes().data(), message.length(), values_.get(),
                                &error_);
  }
  int request(u32 command, bool dump, const Message& message) {
    return vnet_core_request_decode(command, dump, message.bytes().data(), message.length(),
                                    values_.get(), &error_);
  }
  u64 has() const { return values_.memory[0]; }
  std::string text() const { return error_.text ? error_.text : ""; }

  void expect_names(const std::string& part) const {
    EXPECT_NE(text().find(part), std::string::npos) << "'" << text() << "' lacks " << part;
  }
  // Alone, and behind another attribute, so that the offset means something.
  void expect_refused(const Named& each, u32 type, const Payload& payload,
                      const std::vector<std::string>& parts) {
    SCOPED_TRACE(each.name);
    const u32 other = each.id == 1 ? 2 : 1;
    const bool alone = attribute_set(each.set).count == 1;
    Message message;
    if (!alone) {
      const Attribute& before = attribute_set(each.set).attributes[other - 1];
      message.put(other, smallest(before));
    }
    const u32 offset = message.put(type, payload);
    ASSERT_EQ(decode(each.set, message), kInvalid);
    EXPECT_EQ(error_.offset, offset);
    for (const std::string& part : parts) expect_names(part);
  }
  void expect_accepted(const Named& each, const Payload& payload) {
    SCOPED_TRACE(each.name);
    Message message;
    message.put(each.id, payload);
    ASSERT_EQ(decode(each.set, message), 0) << text();
    EXPECT_EQ(has(), bit(each.id));
  }

  AnyValues values_;
  vnet_control_error error_{};
};

TEST_F(ControlDecodeTest, Numbers_AtTheirLimitsAreTakenAndOneBeyondIsRefusedWithTheRange) {
  u32 ranges = 0;
  for (const Named& each : all_attributes()) {
    const Attribute& schema = *each.schema;
    if (schema.kind != Kind::kNumber) continue;
    const u32 width = schema.min_length;
    const u64 full = width == 8 ? ~0ull : (1ull << (8 * width)) - 1;
    expect_accepted(each, number(schema.min, width));
    expect_accepted(each, number(schema.max, width));
    const std::vector<std::string> parts{each.name, std::to_string(schema.min),
                                         std::to_string(schema.max)};
    if (schema.min > 0) expect_refused(each, each.id, number(schema.min - 1, width), parts);
    if (schema.max == full) continue;
    expect_refused(each, each.id, number(schema.max + 1, width), parts);
    expect_refused(each, each.id, number(full, width), parts);
    ranges++;
  }
  EXPECT_GE(ranges, 20u);
}

std::string lengths(const Attribute& schema) {
  const std::string least = std::to_string(schema.min_length);
  const bool one = schema.max_length == schema.min_length || schema.max_length == kNoLimit;
  return one ? least : least + " to " + std::to_string(schema.max_length);
}

TEST_F(ControlDecodeTest, AnotherLength_IsRefusedWithTheRightOnes) {
  for (const Named& each : all_attributes()) {
    const Attribute& schema = *each.schema;
    if (schema.kind == Kind::kNest || schema.kind == Kind::kString ||
        schema.kind == Kind::kStringView)
      continue;
    expect_accepted(each, smallest(schema));
    const u32 longest = schema.max_length == kNoLimit ? schema.min_length : schema.max_length + 9;
    for (u32 length = 0; length < longest; length++) {
      if (length >= schema.min_length && length <= schema.max_length) continue;
      expect_refused(each, each.id, Payload(length), {each.name, lengths(schema) + " byte"});
    }
  }
}

TEST_F(ControlDecodeTest, Strings_AreTakenWithAndWithoutNulAndNeverTooLong) {
  for (const Named& each : all_attributes()) {
    const Attribute& schema = *each.schema;
    const bool limited = schema.kind == Kind::kString;
    if (!limited && schema.kind != Kind::kStringView) continue;
    const u32 longest = limited ? schema.max_length : 300;
    for (const u32 length : {schema.min_length, longest}) {
      Payload payload(length, 'x');
      expect_accepted(each, payload);
      if (limited) {
        const auto& attribute = cli::attribute_set(each.set).attributes[each.id - 1];
        const char* const member = static_cast<char*>(values_.get()) + attribute.offset;
        EXPECT_EQ(member, std::string(length, 'x'));
      }
      payload.push_back(0);
      expect_accepted(each, payload);
      payload.push_back(0);
      expect_refused(each, each.id, payload, {each.name});  // one NUL is not the end
    }
    expect_refused(each, each.id, {'x', 0, 'x'}, {each.name});
    if (schema.min_length) {
      expect_refused(each, each.id, {}, {each.name});
      expect_refused(each, each.id, {0}, {each.name});
    }
    if (limited)
      expect_refused(each, each.id, Payload(longest + 1, 'x'),
                     {each.name, std::to_string(longest)});
  }
}

TEST_F(ControlDecodeTest, Twice_IsRefusedAtTheSecond) {
  for (const Named& each : all_attributes()) {
    SCOPED_TRACE(each.name);
    Message message;
    const u32 most = each.schema->count_max ? each.schema->count_max : 1;
    for (u32 i = 0; i < most; i++) message.put(each.id, smallest(*each.schema));
    ASSERT_EQ(decode(each.set, message), 0) << text();
    const u32 offset = message.put(each.id, smallest(*each.schema));
    ASSERT_EQ(decode(each.set, message), kInvalid);
    EXPECT_EQ(error_.offset, offset);
    expect_names(each.name);
    expect_names(each.schema->count_max ? std::to_string(most) + " times" : "twice");
  }
}

TEST_F(ControlDecodeTest, Missing_IsSaidByItsBitAndReadsAsZero) {
  for (u32 set = 0; set < VNET_SET_COUNT; set++) {
    const auto which = static_cast<vnet_set>(set);
    ASSERT_EQ(decode(which, Message()), 0);
    const auto* const bytes = static_cast<const u8*>(values_.get());
    for (u32 i = 0; i < attribute_set(which).size; i++) ASSERT_EQ(bytes[i], 0) << i;
  }
}

TEST_F(ControlDecodeTest, Unknown_IsRefusedWithAllThatThereIs) {
  for (const Named& each : all_attributes())
    for (const u32 id : {0u, attribute_set(each.set).count + 1, 0x3fffu})
      expect_refused(each, id, {}, {"unknown", each.name});
}

TEST_F(ControlDecodeTest, FlagsOfTheType_AreTakenWhereTheyMeanSomething) {
  for (const Named& each : all_attributes()) {
    SCOPED_TRACE(each.name);
    const Kind kind = each.schema->kind;
    Message message;
    message.put(each.id | kNestedFlag, smallest(*each.schema));
    if (kind == Kind::kNest || kind == Kind::kBytes)
      EXPECT_EQ(decode(each.set, message), 0) << text();
    else
      expect_refused(each, each.id | kNestedFlag, smallest(*each.schema), {each.name});
    expect_refused(each, each.id | kByteOrderFlag, smallest(*each.schema), {"byte order"});
  }
}

// link holds device holds info, and info holds none.
TEST_F(ControlDecodeTest, NestedTooDeep_IsRefusedWhereItIs) {
  Message deepest, info, device, link;
  deepest.put(VNET_INFO_PAD, {1});
  info.put(VNET_INFO_CSUM, {1});
  const u32 in_info = info.put_nest(VNET_INFO_QUEUES, deepest);
  const u32 in_device = device.put_nest(VNET_A_DEVICE_INFO, info);
  const u32 in_link = link.put_nest(VNET_A_LINK_DEVICE, device);
  ASSERT_EQ(decode(VNET_SET_LINK, link), kInvalid);
  EXPECT_EQ(error_.offset, in_link + 4 + in_device + 4 + in_info);
  expect_names("queues");
}

// The other end of a pair that rtnetlink makes; a link has a nest for it.
TEST_F(ControlDecodeTest, InfoPeer_IsRefusedInANest) {
  Message info, device;
  info.put(VNET_INFO_PAD, {1});
  const u32 in_info = info.put(VNET_INFO_PEER, Payload(16));
  ASSERT_EQ(decode(VNET_SET_INFO, info), 0) << text();
  const u32 in_device = device.put_nest(VNET_A_DEVICE_INFO, info);
  ASSERT_EQ(decode(VNET_SET_DEVICE, device), kInvalid);
  EXPECT_EQ(error_.offset, in_device + 4 + in_info);
  expect_names("peer stands in IFLA_INFO_DATA only");
}

TEST_F(ControlDecodeTest, TheNestedFlag_IsNotAskedFor) {
  Message info, device;
  info.put(VNET_INFO_PAD, {1});
  device.put(VNET_A_DEVICE_INFO, info.bytes());
  ASSERT_EQ(decode(VNET_SET_DEVICE, device), 0) << text();
  const auto& values = values_.as<vnet_device_values>();
  EXPECT_EQ(values.info.has, bit(VNET_INFO_PAD));
  EXPECT_EQ(values.info.pad, 1);
}

// A message may end behind each attribute or in its padding, as nla_next() has it, nowhere else.
TEST_F(ControlDecodeTest, Truncated_IsRefused) {
  Message message;
  std::vector<bool> may_end(1, true);
  message.put(VNET_A_DEVICE_IFNAME, {'v', '0', 0});
  may_end.resize(message.length() + 1);
  may_end[7] = may_end[8] = true;
  message.put(VNET_A_DEVICE_MAC, Payload(6, 2));
  may_end.resize(message.length() + 1);
  may_end[18] = may_end[19] = may_end[20] = true;
  Message info;
  info.put(VNET_INFO_TIMEOUT, number(10, 4));
  message.put_nest(VNET_A_DEVICE_INFO, info);
  may_end.resize(message.length() + 1);
  may_end[message.length()] = true;
  for (u32 length = 0; length <= message.length(); length++) {
    // A copy of that length: the sanitizer sees who reads on.
    const Payload cut(message.bytes().begin(), message.bytes().begin() + length);
    const int status =
        vnet_core_set_decode(VNET_SET_DEVICE, cut.data(), length, values_.get(), &error_);
    EXPECT_EQ(status, may_end[length] ? 0 : kInvalid) << length;
    if (status) expect_names("attributes");
  }
}

TEST_F(ControlDecodeTest, LengthsBelowTheHeader_AreRefused) {
  for (u8 length = 0; length < 4; length++) {
    const Payload bytes{length, 0, VNET_A_DEVICE_MTU, 0};
    EXPECT_EQ(vnet_core_set_decode(VNET_SET_DEVICE, bytes.data(), 4, values_.get(), &error_),
              kInvalid);
    EXPECT_EQ(error_.offset, 0u);
  }
}

// ---- commands

// Calls for each attribute of each command's set, for one and for dumps.
void for_each_request(const std::function<void(u32, bool, const Request&, const Named&)>& call) {
  for (u32 command = 1; command <= VNET_CMD_MAX; command++)
    for (const bool dump : {false, true})
      for (const Named& each : all_attributes()) {
        const Command& schema = command_schema(command);
        if (each.set == schema.set) call(command, dump, dump ? schema.dump : schema.one, each);
      }
}

TEST_F(ControlDecodeTest, Requests_TakeTheirAttributesAndNameThemToOthers) {
  u32 refused = 0;
  for_each_request([&](u32 command, bool dump, const Request& schema, const Named& each) {
    SCOPED_TRACE(std::to_string(command) + (dump ? " dump " : " ") + each.name);
    Message message;
    message.put(each.id, smallest(*each.schema));
    const int status = request(command, dump, message);
    if (!schema.exists) {
      EXPECT_EQ(status, kNotSupported);
      EXPECT_FALSE(text().empty());
    } else if (schema.takes.attributes & bit(each.id)) {
      EXPECT_EQ(status, 0) << text();
      EXPECT_EQ(has(), bit(each.id));
    } else {
      EXPECT_EQ(status, kInvalid);
      expect_names("takes");
      for (const Named& taken : all_attributes())
        if (taken.set == each.set && schema.takes.attributes & bit(taken.id))
          expect_names(taken.name);
      refused++;
    }
  });
  EXPECT_GE(refused, 50u);
}

TEST_F(ControlDecodeTest, Requests_AreThoseOfTheSchema) {
  const auto exists = [&](u32 command, bool dump) {
    return request(command, dump, Message()) != kNotSupported;
  };
  EXPECT_TRUE(exists(VNET_CMD_DEVICE_GET, false) && exists(VNET_CMD_DEVICE_GET, true));
  EXPECT_TRUE(exists(VNET_CMD_SEED_SET, false) && !exists(VNET_CMD_SEED_SET, true));
  EXPECT_TRUE(exists(VNET_CMD_SUBSCRIBE, false));
  for (const u32 none : {0u, u32{VNET_CMD_EVENT}, u32{VNET_CMD_DROPPED}, VNET_CMD_MAX + 1u, ~0u})
    EXPECT_FALSE(exists(none, false) || exists(none, true)) << none;
}

TEST_F(ControlDecodeTest, Success_LeavesNoError) {
  Message message;
  message.put(VNET_A_DEVICE_IFINDEX, number(0, 4));
  ASSERT_EQ(request(VNET_CMD_DEVICE_GET, false, message), kInvalid);
  ASSERT_EQ(request(VNET_CMD_DEVICE_GET, false, Message()), 0);
  EXPECT_EQ(error_.text, nullptr);
  EXPECT_EQ(error_.offset, 0u);
}

// ---- what the person reads

TEST_F(ControlDecodeTest, Texts_NameTheWordTheRangeAndTheUnit) {
  const auto refused = [&](u32 id, const Payload& payload) {
    Message message;
    message.put(id, payload);
    EXPECT_EQ(decode(VNET_SET_INFO, message), kInvalid);
    return text();
  };
  EXPECT_EQ(refused(VNET_INFO_RX_RING, number(63, 4)), "rx (rx-ring) must be 64 to 32768 frames");
  EXPECT_EQ(refused(VNET_INFO_QUEUES, number(65, 4)), "queues must be 1 to 64");
  EXPECT_EQ(refused(VNET_INFO_TIMEOUT, number(9, 4)), "timeout must be 10 to 600000 ms");
  EXPECT_EQ(refused(VNET_INFO_CSUM, {2}), "csum must be 0 (offload) or 1 (wire)");
  EXPECT_EQ(refused(VNET_INFO_BIG_TCP, {2}), "bigtcp (big-tcp) must be 0 (off) or 1 (on)");
  EXPECT_EQ(refused(VNET_INFO_SEED, number(1, 4)), "seed must be a u64 (8 bytes)");
}

}  // namespace
}  // namespace vnet::reference
