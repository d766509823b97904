// SPDX-License-Identifier: GPL-2.0-only
// What control shows of a device and changes.
#include <vnet/control.h>

#include <cstring>

#include "core/control/schema.h"
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

class ControlValuesTest : public PairTest {
 protected:
  static vnet_device_values device_values(Device& device) {
    vnet_device_values values;
    std::memset(&values, 0xa5, sizeof(values));
    vnet_core_device_values(device.core(), &values);
    return values;
  }
  const vnet_stats_values& stats_values(Device& device, u32 queue = VNET_ALL_QUEUES) {
    std::memset(&stats_, 0xa5, sizeof(stats_));
    vnet_core_stats_values(device.core(), queue, &stats_);
    return stats_;
  }
  vnet_stats_values stats_;
};

// By the schema's numbers, so a drop reason that is put in elsewhere is noticed.
TEST(ControlSchema, DropReasons_AreThoseOfTheCore) {
  static_assert(int{VNET_DROP_REASON_LINK_DOWN} == int{VNET_DROP_LINK_DOWN});
  static_assert(int{VNET_DROP_REASON_STOPPED} == int{VNET_DROP_STOPPED});
  static_assert(int{VNET_DROP_REASON_MAX} + 1 == int{VNET_DROP_COUNT});
}

// ABI: `ip link` of before knows these.
TEST(ControlSchema, Numbers_AreStable) {
  static_assert(VNET_INFO_PEER == 1 && VNET_INFO_CSUM == 2 && VNET_INFO_BIG_TCP == 3);
  static_assert(VNET_CSUM_MODE_OFFLOAD == 0 && VNET_CSUM_MODE_WIRE == 1);
  static_assert(VNET_CMD_DEVICE_GET == 1);
}

TEST_F(ControlValuesTest, Device_ShowsItsParametersAndTheOtherEndsRing) {
  make_pair({.queues = 2, .ring_size = 100, .mtu = 1400, .timeout_ms = 77, .rx_usecs = 5});
  vnet_params params = pair().b().params();
  params.ring_size = 512;
  params.seed = 0xfedcba9876543210;
  ASSERT_EQ(pair().b().set_params(params), 0);

  const vnet_device_values a = device_values(pair().a());
  EXPECT_EQ(std::memcmp(a.mac, kMacA, 6), 0);
  EXPECT_EQ(a.mtu, 1400u);
  EXPECT_EQ(a.open, 1);
  EXPECT_EQ(a.carrier, 1);
  EXPECT_EQ(a.queues_max, 2u);
  EXPECT_EQ(a.info.rx_ring, 128u);
  EXPECT_EQ(a.info.tx_ring, 512u);
  EXPECT_EQ(a.info.timeout, 77u);
  EXPECT_EQ(a.info.rx_usecs, 5u);
  const vnet_device_values b = device_values(pair().b());
  EXPECT_EQ(b.info.rx_ring, 512u);
  EXPECT_EQ(b.info.tx_ring, 128u);
  EXPECT_EQ(b.info.seed, 0xfedcba9876543210);
  const u64 by_host = bit(VNET_A_DEVICE_IFINDEX) | bit(VNET_A_DEVICE_IFNAME) |
                      bit(VNET_A_DEVICE_PEER_IFINDEX) | bit(VNET_A_DEVICE_PEER_IFNAME) |
                      bit(VNET_A_DEVICE_PEER_NETNSID);
  EXPECT_EQ(a.has & by_host, 0u);
  EXPECT_EQ(a.has | by_host, (bit(VNET_A_DEVICE_MAX + 1) - 1) & ~1ull);
  const u64 info_by_host =
      bit(VNET_INFO_PEER) | bit(VNET_INFO_CSUM) | bit(VNET_INFO_BIG_TCP) | bit(VNET_INFO_QUEUES);
  EXPECT_EQ(a.info.has & info_by_host, 0u);
  EXPECT_EQ(a.info.has | info_by_host, (bit(VNET_INFO_MAX + 1) - 1) & ~1ull);
}

TEST_F(ControlValuesTest, Device_ClosedAndWithoutLinkHasNoTransmitRing) {
  pair().b().stop();
  EXPECT_EQ(device_values(pair().a()).carrier, 0);
  EXPECT_EQ(device_values(pair().b()).open, 0);
  pair().a().detach();
  EXPECT_EQ(device_values(pair().a()).info.has & bit(VNET_INFO_TX_RING), 0u);
}

TEST_F(ControlValuesTest, Info_ChangesWhatItHasAndNothingElse) {
  vnet_params before;
  vnet_core_params_default(&before);
  before.seed = 3;
  vnet_info_values info{};
  vnet_params params = before;
  vnet_core_info_params(&info, &params);
  EXPECT_EQ(std::memcmp(&params, &before, sizeof(params)), 0);

  info.rx_ring = 512;
  info.seed = ~0ull;
  info.pad = 1;
  info.timeout = 99;  // without its bit
  info.has = bit(VNET_INFO_RX_RING) | bit(VNET_INFO_SEED) | bit(VNET_INFO_PAD);
  vnet_core_info_params(&info, &params);
  EXPECT_EQ(params.ring_size, 512u);
  EXPECT_EQ(params.seed, ~0ull);
  EXPECT_EQ(params.pad, 1);
  EXPECT_EQ(params.timeout_ms, before.timeout_ms);
}

TEST_F(ControlValuesTest, WhatADeviceShows_SetsAnotherToTheSame) {
  make_pair({.ring_size = 1024,
             .lockup = 9,
             .timeout_ms = 55,
             .rx_usecs = 7,
             .rx_frames = 8,
             .adaptive_rx = true,
             .pad = true});
  const vnet_info_values info = device_values(pair().a()).info;
  vnet_params params = params_with_mac(kMacA);
  vnet_core_info_params(&info, &params);
  const auto other = Device::create(params);
  ASSERT_NE(other, nullptr);
  vnet_info_values shown = device_values(*other).info;
  shown.tx_ring = info.tx_ring;
  shown.has = info.has;
  EXPECT_EQ(std::memcmp(&shown, &info, sizeof(info)), 0);
}

TEST_F(ControlValuesTest, Stats_AreTheCountersWithTheDropsThatThereAre) {
  make_pair({.queues = 2});
  EXPECT_EQ(pair().send(ethernet_frame(kMacB, kMacA), 1), VNET_TX_ADMITTED);
  EXPECT_EQ(pair().send(Bytes(13), 1), VNET_TX_DROPPED);
  const vnet_stats_values& sum = stats_values(pair().a());
  EXPECT_EQ(sum.tx_frames, 1u);
  EXPECT_EQ(sum.tx_bytes, 60u);
  EXPECT_EQ(sum.ring_size, VNET_RING_DEFAULT);
  EXPECT_EQ(sum.has & bit(VNET_A_STATS_QUEUE), 0u);
  ASSERT_EQ(sum.drop_count, 1u);
  EXPECT_EQ(sum.drop[0].direction, VNET_DIRECTION_TX);
  EXPECT_EQ(sum.drop[0].reason, u32{VNET_DROP_REASON_RUNT});
  EXPECT_EQ(sum.drop[0].frames, 1u);
  EXPECT_EQ(stats_values(pair().b()).in_flight, 1u);

  const vnet_stats_values& idle = stats_values(pair().a(), 0);
  EXPECT_EQ(idle.tx_frames, 0u);
  EXPECT_EQ(idle.drop_count, 0u);
  EXPECT_EQ(idle.has & bit(VNET_A_STATS_DROP), 0u);
  const vnet_stats_values& used = stats_values(pair().a(), 1);
  EXPECT_EQ(used.queue, 1u);
  EXPECT_EQ(used.tx_frames, 1u);
  EXPECT_EQ(used.drop_count, 1u);
  EXPECT_EQ(stats_values(pair().a(), 2).has, 0u);
  pair().run();
}

TEST_F(ControlValuesTest, StatsRingSize_FollowsTheParameter) {
  vnet_params params = pair().a().params();
  params.ring_size = 600;
  ASSERT_EQ(pair().a().set_params(params), 0);
  EXPECT_EQ(stats_values(pair().a()).ring_size, 1024u);
}

}  // namespace
}  // namespace vnet::fake
