// SPDX-License-Identifier: GPL-2.0-only
#include "core/vlan_filter.h"

#include <atomic>
#include <initializer_list>

#include "tests/fake/fixture.h"
#include "tests/unit/threads.h"

namespace vnet::fake {
namespace {

constexpr u8 kGroup[6] = {0x01, 0x00, 0x5e, 0, 0, 0x01};

Bytes tagged_frame(u16 type, u16 tci, const u8 (&to)[6] = kMacB) {
  Bytes frame = ethernet_frame(to, kMacA, 64);
  const u8 tag[4] = {static_cast<u8>(type >> 8), static_cast<u8>(type), static_cast<u8>(tci >> 8),
                     static_cast<u8>(tci)};
  frame.insert(frame.begin() + 12, tag, tag + 4);
  return frame;
}

class VlanFilterTest : public PairTest {
 protected:
  bool received(const Bytes& frame) {
    pair().send(frame);
    pair().run();
    return pair().received().size() == 1;
  }
  bool ctag(u16 tci) { return received(tagged_frame(0x8100, tci)); }
  bool stag(u16 tci) { return received(tagged_frame(0x88a8, tci)); }
  void add(vnet_vlan protocol, u32 vid) { ASSERT_EQ(port().set_vlan(protocol, vid, true), 0); }
  void on(vnet_vlan protocol) { ASSERT_EQ(port().set_vlan_filter(protocol, true), 0); }
  void off(vnet_vlan protocol) { ASSERT_EQ(port().set_vlan_filter(protocol, false), 0); }
  u64 refused() { return b().stats().rx_drops[VNET_DROP_VLAN_FILTER]; }
  Device& port() { return pair().b(); }
};

TEST_F(VlanFilterTest, Off_PassesEveryTagAndAsksForNone) {
  add(VNET_VLAN_CTAG, 5);
  for (const u16 vid : std::initializer_list<u16>{0, 5, 6, 4095}) {
    EXPECT_TRUE(ctag(vid));
    EXPECT_TRUE(stag(vid));
  }
  EXPECT_EQ(host.tag_calls, 0u);
}

TEST_F(VlanFilterTest, On_PassesMembersOnlyAndCountsTheRest) {
  add(VNET_VLAN_CTAG, 5);
  on(VNET_VLAN_CTAG);
  EXPECT_TRUE(ctag(5));
  EXPECT_TRUE(ctag(0xe005)) << "the priority is no part of the VID";
  EXPECT_FALSE(ctag(6));
  EXPECT_FALSE(ctag(69)) << "the same bit of the next word";
  EXPECT_TRUE(stag(6)) << "the other protocol is not filtered";
  EXPECT_EQ(refused(), 2u);
  EXPECT_EQ(b().stats().rx_frames, 3u);
}

TEST_F(VlanFilterTest, ServiceTags_HaveATableOfTheirOwn) {
  add(VNET_VLAN_CTAG, 5);
  add(VNET_VLAN_STAG, 7);
  on(VNET_VLAN_STAG);
  EXPECT_FALSE(stag(5));
  EXPECT_TRUE(stag(7));
  EXPECT_TRUE(ctag(7));
  on(VNET_VLAN_CTAG);
  EXPECT_FALSE(ctag(7));
  EXPECT_TRUE(ctag(5));
}

TEST_F(VlanFilterTest, UntaggedPriorityTaggedAndShortFrames_Pass) {
  on(VNET_VLAN_CTAG);
  on(VNET_VLAN_STAG);
  EXPECT_TRUE(received(ethernet_frame(kMacB, kMacA)));
  EXPECT_TRUE(received(ethernet_frame(kMacB, kMacA, 14)));
  EXPECT_TRUE(ctag(0));
  EXPECT_TRUE(ctag(0xa000));
  EXPECT_TRUE(stag(0));
  EXPECT_FALSE(ctag(1)) << "no member was ever added";
}

TEST_F(VlanFilterTest, MemberRemoved_IsRefusedAndItsNeighboursAreNot) {
  for (u32 vid = 1; vid < VlanFilter::kVids; vid++) add(VNET_VLAN_CTAG, vid);
  on(VNET_VLAN_CTAG);
  ASSERT_EQ(port().set_vlan(VNET_VLAN_CTAG, 100, false), 0);
  EXPECT_TRUE(ctag(99));
  EXPECT_FALSE(ctag(100));
  EXPECT_TRUE(ctag(101));
  EXPECT_TRUE(ctag(4095));
}

TEST_F(VlanFilterTest, TurnedOff_ForgetsTheMembers) {
  add(VNET_VLAN_CTAG, 5);
  on(VNET_VLAN_CTAG);
  off(VNET_VLAN_CTAG);
  EXPECT_TRUE(ctag(6));
  on(VNET_VLAN_CTAG);
  EXPECT_FALSE(ctag(5));
}

TEST_F(VlanFilterTest, Promiscuous_LetsEverythingInAsLongAsItLasts) {
  on(VNET_VLAN_CTAG);
  port().set_filter({nullptr, nullptr, 0, 0, /*promiscuous=*/1, 0});
  EXPECT_TRUE(ctag(5));
  EXPECT_EQ(host.tag_calls, 0u);
  port().set_filter({nullptr, nullptr, 0, 0, 0, /*all_multicast=*/1});
  EXPECT_FALSE(ctag(5));
}

// What does not fit into the MAC table opens that table, and no VLAN.
TEST_F(VlanFilterTest, TooManyAddresses_OpenNoVlan) {
  const u8 macs[VNET_FILTER_MAX + 1][6] = {};
  on(VNET_VLAN_CTAG);
  port().set_filter({macs, nullptr, VNET_FILTER_MAX + 1, 0, 0, 0});
  EXPECT_FALSE(ctag(5));
}

TEST_F(VlanFilterTest, MixedBatch_KeepsTheOrderAndCountsWhatPasses) {
  port().set_filter({nullptr, nullptr, 0, 0, 0, /*all_multicast=*/1});
  add(VNET_VLAN_CTAG, 5);
  on(VNET_VLAN_CTAG);
  const u16 vids[] = {6, 5, 7, 5, 8};
  for (const u16 vid : vids) {
    pair().send(tagged_frame(0x8100, vid));
    pair().send(tagged_frame(0x8100, vid, kGroup));
  }
  EXPECT_EQ(b().poll(), 10u) << "dropped frames count against the budget";
  b().poll_done();
  const auto received = pair().received();
  ASSERT_EQ(received.size(), 4u);
  for (const Received& frame : received) EXPECT_EQ(frame.bytes[15], 5);
  EXPECT_EQ(b().stats().rx_multicast, 2u);
  EXPECT_EQ(refused(), 6u);
}

TEST_F(VlanFilterTest, WrongArguments_AreRefused) {
  EXPECT_EQ(port().set_vlan(VNET_VLAN_CTAG, 4096, true), -22);
  EXPECT_EQ(port().set_vlan(VNET_VLAN_COUNT, 1, true), -22);
  EXPECT_EQ(port().set_vlan_filter(VNET_VLAN_COUNT, true), -22);
}

TEST_F(VlanFilterTest, NoMemory_ChangesNothing) {
  on(VNET_VLAN_CTAG);
  host.fail_alloc.fail_nth(1);
  EXPECT_EQ(port().set_vlan(VNET_VLAN_CTAG, 5, true), -12);
  EXPECT_FALSE(ctag(5));
  add(VNET_VLAN_CTAG, 5);
  EXPECT_TRUE(ctag(5));
}

TEST_F(VlanFilterTest, ATable_IsAllocatedWithItsFirstMemberOnly) {
  const u64 before = (pair(), host.allocations());
  on(VNET_VLAN_CTAG);
  EXPECT_EQ(port().set_vlan(VNET_VLAN_CTAG, 9, false), 0);
  EXPECT_EQ(host.allocations(), before);
  add(VNET_VLAN_CTAG, 5);
  add(VNET_VLAN_CTAG, 6);
  EXPECT_EQ(host.allocations(), before + 1);
}

// Whatever else changes, a frame of a member is never refused; toggling is no change for it either,
// with its VID put in before the filter is turned on.
TEST_F(VlanFilterTest, Threads_NeverRefuseAMember) {
  constexpr u32 kTag = 0x8100'0005;
  pair();  // opens the context that allocations need
  VlanFilter filter;
  {
    const Call call(Context::kControl, nullptr);
    filter.set_member(VNET_VLAN_CTAG, 5, true);
  }
  std::atomic<u32> rounds{0};
  std::atomic<bool> ended{false};
  test::Threads threads;
  threads.add([&] {
    for (; !ended; rounds++) {
      filter.set_member(VNET_VLAN_CTAG, 5, true);
      filter.set_on(VNET_VLAN_CTAG, true);
      filter.set_member(VNET_VLAN_CTAG, 6 + rounds % 50, rounds & 1);
      filter.set_on(VNET_VLAN_CTAG, false);
    }
  });
  const test::Deadline deadline;
  u32 refused = 0;
  while (rounds < test::scaled(100000) && deadline.ahead())
    if (filter.active()) refused += !filter.passes(kTag);
  ended = true;
  threads.join();
  EXPECT_EQ(refused, 0u);
  const Call call(Context::kControl, nullptr);
  filter.free();
}

}  // namespace
}  // namespace vnet::fake
