// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture/frame_order.h"

#include <gtest/gtest.h>

#include <vector>

namespace vnet::cli {
namespace {

constexpr vnet_u64 kWindow = 100;

CapturedFrame frame(vnet_u64 time, std::string data, PcapngDirection direction,
                    std::string drop = {}) {
  CapturedFrame made;
  made.time_ns = time;
  made.length = static_cast<vnet_u32>(data.size());
  made.data = std::move(data);
  made.direction = direction;
  made.drop = std::move(drop);
  return made;
}
CapturedFrame sent(vnet_u64 time, std::string data) {
  return frame(time, std::move(data), PcapngDirection::kOutbound);
}
CapturedFrame received(vnet_u64 time, std::string data) {
  return frame(time, std::move(data), PcapngDirection::kInbound);
}
CapturedFrame refused(vnet_u64 time, std::string data) {
  return frame(time, std::move(data), PcapngDirection::kOutbound, "ring_full");
}
CapturedFrame filtered(vnet_u64 time, std::string data) {
  return frame(time, std::move(data), PcapngDirection::kInbound, "unicast_filter");
}

// "time data [drop]" of all that comes out.
std::vector<std::string> all(FrameOrder& order) {
  std::vector<std::string> texts;
  while (const auto out = order.take_any())
    texts.push_back(std::to_string(out->time_ns) + " " + out->data +
                    (out->drop.empty() ? "" : " " + out->drop));
  return texts;
}
using Texts = std::vector<std::string>;

TEST(FrameOrder, Take_WaitsForTheWindowAndSorts) {
  FrameOrder order(kWindow);
  order.add(received(30, "c"));
  order.add(received(10, "a"));
  order.add(filtered(20, "b"));
  EXPECT_EQ(order.due_ns(), 110u);
  EXPECT_FALSE(order.take(109));
  EXPECT_EQ(order.take(110)->data, "a");
  EXPECT_FALSE(order.take(110));
  EXPECT_EQ(order.take(130)->data, "b");
  EXPECT_EQ(order.take(130)->data, "c");
  EXPECT_FALSE(order.due_ns());
}

TEST(FrameOrder, Take_KeepsTheOrderOfOneTime) {
  FrameOrder order(0);
  for (const char* data : {"a", "b", "c"}) order.add(received(5, data));
  EXPECT_EQ(all(order), (Texts{"5 a", "5 b", "5 c"}));
}

TEST(FrameOrder, Refused_IsShownOnce) {
  FrameOrder order(kWindow);
  order.add(refused(12, "x"));  // the tap may be the later one to be read
  order.add(sent(10, "x"));
  order.add(sent(11, "y"));
  EXPECT_EQ(all(order), (Texts{"11 y", "12 x ring_full"}));
}

TEST(FrameOrder, Refused_IsTheLastOfThoseAlike) {
  FrameOrder order(kWindow);
  order.add(sent(10, "x"));
  order.add(sent(20, "x"));
  order.add(refused(21, "x"));
  order.add(sent(30, "x"));
  EXPECT_EQ(all(order), (Texts{"10 x", "21 x ring_full", "30 x"}));
}

TEST(FrameOrder, Refused_EachTakesOne) {
  FrameOrder order(kWindow);
  for (const vnet_u64 time : {10, 20, 30}) {
    order.add(sent(time, "x"));
    order.add(refused(time + 1, "x"));
  }
  EXPECT_EQ(all(order), (Texts{"11 x ring_full", "21 x ring_full", "31 x ring_full"}));
}

TEST(FrameOrder, Refused_ComparesWhatBothCaptured) {
  FrameOrder order(kWindow);
  CapturedFrame whole = sent(10, "abcdef"), part = refused(11, "abc");
  part.length = whole.length;
  order.add(whole);
  order.add(part);
  order.add(refused(12, "abc"));  // another length
  EXPECT_EQ(all(order), (Texts{"11 abc ring_full", "12 abc ring_full"}));
}

TEST(FrameOrder, Filtered_HidesNothing) {
  FrameOrder order(kWindow);
  order.add(sent(10, "x"));
  order.add(received(11, "x"));
  order.add(filtered(12, "x"));
  EXPECT_EQ(all(order), (Texts{"10 x", "11 x", "12 x unicast_filter"}));
}

TEST(FrameOrder, Refused_TooLateHidesNothing) {
  FrameOrder order(kWindow);
  order.add(sent(10, "x"));
  order.add(refused(10 + kWindow + 1, "x"));
  EXPECT_EQ(all(order).size(), 2u);
}

}  // namespace
}  // namespace vnet::cli
