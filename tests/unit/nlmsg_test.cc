// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>
#include <linux/vnet_netlink.h>

#include <cstring>
#include <vector>

#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"

namespace vnet::nlmsg {
namespace {

class NlmsgTest : public testing::Test {
 protected:
  Parser parser() const { return Parser(bytes_, builder_.length()); }

  void put_seed(Builder& builder, vnet_u32 sequence) {
    vnet_seed_values values{};
    values.seed = 0x0123456789abcdef;
    values.has = 1ull << VNET_A_SEED_SEED;
    builder.begin(VNET_SOCKET_FAMILY, VNET_CMD_SEED_SET, sequence, NLM_F_REQUEST);
    builder.append(VNET_SET_SEED, &values);
  }

  alignas(8) char bytes_[512] = {};
  Builder builder_{bytes_, sizeof(bytes_)};
};

TEST_F(NlmsgTest, Builder_WhatWasWrittenIsRead) {
  put_seed(builder_, 7);
  ASSERT_TRUE(builder_.end());
  Parser parser = this->parser();
  const nlmsghdr* const message = parser.next();
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->nlmsg_type, VNET_SOCKET_FAMILY);
  EXPECT_EQ(message->nlmsg_seq, 7u);
  ASSERT_NE(generic_header(*message), nullptr);
  EXPECT_EQ(generic_header(*message)->cmd, VNET_CMD_SEED_SET);
  const auto payload = attributes(*message);
  vnet_seed_values values;
  ASSERT_EQ(vnet_core_reply_decode(VNET_SET_SEED, payload.data(),
                                   static_cast<vnet_u32>(payload.size()), &values),
            0);
  EXPECT_EQ(values.seed, 0x0123456789abcdefu);
  EXPECT_EQ(parser.next(), nullptr);
  EXPECT_FALSE(parser.malformed());
}

TEST_F(NlmsgTest, Builder_WhatDoesNotFitLeavesNothingBehind) {
  size_t whole = 0;
  for (size_t size = 0; size <= 100; size++) {
    Builder builder(bytes_, size);
    put_seed(builder, 1);
    if (!builder.end()) {
      EXPECT_EQ(builder.length(), 0u) << size;
      continue;
    }
    if (whole == 0) whole = size;
    EXPECT_LE(builder.length(), size);
    put_seed(builder, 2);
    EXPECT_EQ(builder.end(), size >= 2 * whole) << size;
    EXPECT_EQ(builder.length(), size >= 2 * whole ? 2 * whole : whole) << size;
  }
  EXPECT_EQ(whole, 32u);  // nlmsghdr, genlmsghdr, an attribute of 64 bits
}

TEST_F(NlmsgTest, Error_TextAndOffsetComeBack) {
  nlmsghdr request{};
  request.nlmsg_len = 444;
  request.nlmsg_seq = 9;
  ASSERT_TRUE(builder_.error(request, -EINVAL, "rx: must be 64 to 32768", 28));
  Parser parser = this->parser();
  const nlmsghdr* const message = parser.next();
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->nlmsg_seq, 9u);
  const auto status = parse_status(*message);
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->done);
  EXPECT_EQ(status->code, -EINVAL);
  EXPECT_EQ(status->text, "rx: must be 64 to 32768");
  EXPECT_EQ(status->offset, 28u);
}

TEST_F(NlmsgTest, Error_AnAckHasNoWords) {
  ASSERT_TRUE(builder_.error(nlmsghdr{}, 0));
  const auto status = parse_status(*parser().next());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0);
  EXPECT_EQ(status->text, "");
  EXPECT_FALSE(status->offset);
}

// The kernel repeats the whole request, unless NETLINK_CAP_ACK was set.
TEST_F(NlmsgTest, Error_WordsStandBehindAWholeRequest) {
  builder_.begin(NLMSG_ERROR, 0, 1, 0);  // its genlmsghdr becomes the error's code
  nlmsghdr request{};
  request.nlmsg_len = sizeof(request) + 6;  // and 2 bytes of padding
  ASSERT_TRUE(builder_.end());
  auto* const message = reinterpret_cast<nlmsghdr*>(bytes_);
  message->nlmsg_flags = NLM_F_ACK_TLVS;
  char* at = bytes_ + sizeof(nlmsghdr);
  const int code = -EPERM;
  std::memcpy(at, &code, sizeof(code));
  std::memcpy(at + 4, &request, sizeof(request));
  at += 4 + sizeof(request) + 8;
  const nlattr text{8, NLMSGERR_ATTR_MSG};
  std::memcpy(at, &text, sizeof(text));
  std::memcpy(at + 4, "no!", 4);
  message->nlmsg_len = static_cast<vnet_u32>(at + 8 - bytes_);
  const auto status = parse_status(*message);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, -EPERM);
  EXPECT_EQ(status->text, "no!");
}

TEST_F(NlmsgTest, Done_EndsADump) {
  ASSERT_TRUE(builder_.done(nlmsghdr{}));
  const auto status = parse_status(*parser().next());
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->done);
  EXPECT_EQ(status->code, 0);
}

TEST_F(NlmsgTest, Parser_LengthsThatCannotBe) {
  for (const vnet_u32 length : {0u, 15u, 17u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    nlmsghdr header{};
    header.nlmsg_len = length;
    Parser parser(&header, sizeof(header));
    EXPECT_EQ(parser.next(), nullptr) << length;
    EXPECT_TRUE(parser.malformed()) << length;
    EXPECT_EQ(parser.rest().size(), sizeof(header));
  }
}

TEST_F(NlmsgTest, Parser_AnErrorThatIsTooShortIsMalformed) {
  for (vnet_u32 length = sizeof(nlmsghdr); length < sizeof(nlmsghdr) + sizeof(nlmsgerr); length++) {
    auto* const message = reinterpret_cast<nlmsghdr*>(bytes_);
    *message = {};
    message->nlmsg_len = length;
    message->nlmsg_type = NLMSG_ERROR;
    message->nlmsg_flags = NLM_F_ACK_TLVS;
    const auto status = parse_status(*message);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, -EBADMSG) << length;
  }
}

TEST_F(NlmsgTest, Parser_TheLastMessageMayLackItsPadding) {
  put_seed(builder_, 1);
  ASSERT_TRUE(builder_.end());
  auto* const message = reinterpret_cast<nlmsghdr*>(bytes_);
  message->nlmsg_len -= 1;
  Parser parser(bytes_, builder_.length() - 1);
  EXPECT_EQ(parser.next(), message);
  EXPECT_EQ(parser.next(), nullptr);
  EXPECT_FALSE(parser.malformed());
}

}  // namespace
}  // namespace vnet::nlmsg
