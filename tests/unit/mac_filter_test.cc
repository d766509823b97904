// SPDX-License-Identifier: GPL-2.0-only
#include "core/mac_filter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <vector>

#include "tests/fake/fixture.h"
#include "tests/unit/frame_maker.h"
#include "tests/unit/threads.h"

namespace vnet::fake {
namespace {

using Mac = std::array<u8, 6>;
using Verdict = MacFilter::Verdict;

constexpr Mac kOther = {0x02, 0, 0, 0, 0, 0x55};
constexpr Mac kGroup = {0x01, 0x00, 0x5e, 0, 0, 0x01};

u64 value(const Mac& mac) {
  return mac_value(mac.data());
}
Mac numbered(u8 first, u32 number) {
  return {first,
          0x10,
          static_cast<u8>(number >> 24),
          static_cast<u8>(number >> 16),
          static_cast<u8>(number >> 8),
          static_cast<u8>(number)};
}

// A filter's arrays, for as long as a call needs them.
struct Addresses {
  std::vector<Mac> unicast = {}, multicast = {};
  bool promiscuous = false, all_multicast = false;

  vnet_filter filter() const {
    return {.unicast = reinterpret_cast<const u8(*)[6]>(unicast.data()),
            .multicast = reinterpret_cast<const u8(*)[6]>(multicast.data()),
            .unicast_count = static_cast<u32>(unicast.size()),
            .multicast_count = static_cast<u32>(multicast.size()),
            .promiscuous = promiscuous,
            .all_multicast = all_multicast};
  }
};

class MacFilterTest : public ::testing::Test {
 protected:
  MacFilterTest() {
    filter_.init(slots_);
    filter_.set_own(mac_value(kMacB));
  }
  void set(const Addresses& addresses) { filter_.set(addresses.filter()); }
  Verdict check(const Mac& mac) const { return filter_.check(value(mac)); }
  Atomic<u64> slots_[MacFilter::kSlots];
  MacFilter filter_;
};

TEST_F(MacFilterTest, EmptyFilter_PassesOwnAndBroadcastOnly) {
  EXPECT_EQ(filter_.check(mac_value(kMacB)), Verdict::kPass);
  EXPECT_EQ(check({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), Verdict::kPass);
  EXPECT_EQ(check(kOther), Verdict::kUnicast);
  EXPECT_EQ(check(kGroup), Verdict::kMulticast);
  EXPECT_EQ(check({}), Verdict::kUnicast);
}

TEST_F(MacFilterTest, Lists_PassWhatTheyName) {
  set({.unicast = {kOther}, .multicast = {kGroup}});
  EXPECT_EQ(check(kOther), Verdict::kPass);
  EXPECT_EQ(check(kGroup), Verdict::kPass);
  EXPECT_EQ(check(numbered(2, 9)), Verdict::kUnicast);
  EXPECT_EQ(check(numbered(1, 9)), Verdict::kMulticast);
  set({});
  EXPECT_EQ(check(kOther), Verdict::kUnicast);
  EXPECT_EQ(check(kGroup), Verdict::kMulticast);
}

TEST_F(MacFilterTest, Promiscuous_PassesEverything) {
  set({.promiscuous = true});
  EXPECT_EQ(check(kOther), Verdict::kPass);
  EXPECT_EQ(check(kGroup), Verdict::kPass);
  set({});
  EXPECT_EQ(check(kOther), Verdict::kUnicast);
}

TEST_F(MacFilterTest, AllMulticast_PassesMulticastOnly) {
  set({.all_multicast = true});
  EXPECT_EQ(check(kOther), Verdict::kUnicast);
  EXPECT_EQ(check(kGroup), Verdict::kPass);
}

TEST_F(MacFilterTest, FullTable_HoldsEachAddressExactly) {
  Addresses addresses;
  for (u32 i = 0; i < MacFilter::kCapacity / 2; i++) {
    addresses.unicast.push_back(numbered(2, i));
    addresses.multicast.push_back(numbered(1, i));
  }
  set(addresses);
  for (const Mac& mac : addresses.unicast) EXPECT_EQ(check(mac), Verdict::kPass);
  for (const Mac& mac : addresses.multicast) EXPECT_EQ(check(mac), Verdict::kPass);
  EXPECT_EQ(check(numbered(2, 1000)), Verdict::kUnicast);
  EXPECT_EQ(check(numbered(1, 1000)), Verdict::kMulticast);
}

TEST_F(MacFilterTest, TooManyUnicast_TurnsPromiscuous) {
  Addresses addresses;
  for (u32 i = 0; i < MacFilter::kCapacity; i++) addresses.unicast.push_back(numbered(2, i));
  set(addresses);
  EXPECT_EQ(check(numbered(2, 1000)), Verdict::kUnicast);
  addresses.unicast.push_back(numbered(2, MacFilter::kCapacity));
  set(addresses);
  EXPECT_EQ(check(numbered(2, 1000)), Verdict::kPass);
}

TEST_F(MacFilterTest, TooManyMulticast_TurnsAllMulticastAndKeepsUnicastExact) {
  Addresses addresses{.unicast = {kOther}, .multicast = {}};
  for (u32 i = 0; i < MacFilter::kCapacity; i++) addresses.multicast.push_back(numbered(1, i));
  set(addresses);
  EXPECT_EQ(check(kOther), Verdict::kPass);
  EXPECT_EQ(check(numbered(1, 1000)), Verdict::kPass);
  EXPECT_EQ(check(numbered(2, 1000)), Verdict::kUnicast);
}

TEST_F(MacFilterTest, RepeatedAddresses_CountNoHarm) {
  set({.unicast = std::vector<Mac>(MacFilter::kCapacity, kOther), .multicast = {}});
  EXPECT_EQ(check(kOther), Verdict::kPass);
  EXPECT_EQ(check(numbered(2, 5)), Verdict::kUnicast);
}

TEST_F(MacFilterTest, ZeroAddress_InAListIsIgnored) {
  set({.unicast = {{}, kOther}, .multicast = {}});
  EXPECT_EQ(check(kOther), Verdict::kPass);
  EXPECT_EQ(check(numbered(2, 5)), Verdict::kUnicast);
}

// Against a plain list; few distinct addresses, so that they collide and repeat.
TEST_F(MacFilterTest, RandomLists_AgreeWithAPlainSearch) {
  reference::Random random(reference::test_seed());
  for (u32 round = 0; round < 300; round++) {
    Addresses addresses;
    const auto fill = [&](std::vector<Mac>& list, u8 first) {
      for (u64 n = random() % 64; n > 0; n--)
        list.push_back(numbered(first, reference::pick(random, 500)));
    };
    fill(addresses.unicast, 2);
    fill(addresses.multicast, 1);
    set(addresses);
    for (u32 i = 0; i < 500; i++) {
      for (const u8 first : {u8{1}, u8{2}}) {
        const auto& list = first == 2 ? addresses.unicast : addresses.multicast;
        const Mac mac = numbered(first, i);
        const bool listed = std::find(list.begin(), list.end(), mac) != list.end();
        ASSERT_EQ(check(mac) == Verdict::kPass, listed) << "round " << round;
      }
    }
  }
}

// A reader beside a writer may let too much in, and never too little.
TEST_F(MacFilterTest, Threads_NeverRefuseAnAddressThatIsAlwaysListed) {
  std::vector<Addresses> lists;
  for (u32 length : {0u, 7u, 60u}) {
    Addresses addresses{.unicast = {kOther}, .multicast = {kGroup}};
    for (u32 i = 0; i < length; i++) addresses.unicast.push_back(numbered(2, i));
    lists.push_back(addresses);
  }
  set(lists[0]);
  std::atomic<bool> ended{false};
  std::atomic<u32> written{0};
  test::Threads threads;
  threads.add([&] {
    for (; !ended; written++) set(lists[written % lists.size()]);
  });
  const test::Deadline deadline;
  u32 refused = 0;
  while (written < test::scaled(100000) && deadline.ahead()) {
    refused += check(kOther) != Verdict::kPass;
    refused += check(kGroup) != Verdict::kPass;
  }
  ended = true;
  threads.join();
  EXPECT_EQ(refused, 0u);
}

// ---- at the boundary

class PortFilterTest : public PairTest {
 protected:
  size_t received_of(const Mac& destination) {
    u8 to[6];
    std::copy_n(destination.begin(), 6, to);
    pair().send(ethernet_frame(to, kMacA));
    pair().run();
    return pair().received().size();
  }
  void set(const Addresses& addresses) { pair().b().set_filter(addresses.filter()); }
};

TEST_F(PortFilterTest, ForeignFrames_AreDroppedWithTheirReason) {
  EXPECT_EQ(received_of(kOther), 0u);
  EXPECT_EQ(received_of(kGroup), 0u);
  EXPECT_EQ(received_of(kGroup), 0u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_UNICAST_FILTER], 1u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_MULTICAST_FILTER], 2u);
  EXPECT_EQ(b().stats().rx_frames, 0u);
  EXPECT_EQ(a().stats().tx_frames, 3u) << "the sender got rid of them";
}

TEST_F(PortFilterTest, JoinedGroup_IsReceived) {
  set({.unicast = {}, .multicast = {kGroup}});
  EXPECT_EQ(received_of(kGroup), 1u);
  EXPECT_EQ(b().stats().rx_multicast, 1u);
}

TEST_F(PortFilterTest, Promiscuous_ReceivesForeignFrames) {
  set({.promiscuous = true});
  EXPECT_EQ(received_of(kOther), 1u);
  EXPECT_EQ(received_of(kGroup), 1u);
}

TEST_F(PortFilterTest, MixedBatch_KeepsTheOrderOfWhatPasses) {
  for (u8 i = 0; i < 12; i++) {
    u8 to[6];
    std::copy_n(i % 3 == 0 ? kMacB : i % 3 == 1 ? kOther.data() : kGroup.data(), 6, to);
    pair().send(ethernet_frame(to, kMacA, 60, i));
  }
  EXPECT_EQ(b().poll(), 12u) << "dropped frames count against the budget";
  b().poll_done();
  const auto received = pair().received();
  ASSERT_EQ(received.size(), 4u);
  for (u8 i = 0; i < 4; i++) EXPECT_EQ(received[i].bytes[14], 3 * i);
}

TEST_F(PortFilterTest, NewMac_ReplacesTheOldOne) {
  vnet_params params = pair().b().params();
  std::copy(kOther.begin(), kOther.end(), params.mac);
  ASSERT_EQ(pair().b().set_params(params), 0);
  EXPECT_EQ(received_of(kOther), 1u);
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  pair().run();
  EXPECT_EQ(pair().received().size(), 0u);
}

TEST_F(PortFilterTest, Filter_SurvivesStopAndOpen) {
  set({.unicast = {kOther}, .multicast = {}});
  pair().b().stop();
  pair().b().open();
  EXPECT_EQ(received_of(kOther), 1u);
}

}  // namespace
}  // namespace vnet::fake
