// SPDX-License-Identifier: GPL-2.0-only
#include "cli/output.h"

#include <gtest/gtest.h>

#include "cli/schema.h"

namespace vnet::cli {
namespace {

TEST(Json, ADeviceByTheSchema) {
  vnet_device_values device{};
  device.has = 1ull << VNET_A_DEVICE_IFNAME | 1ull << VNET_A_DEVICE_MAC |
               1ull << VNET_A_DEVICE_OPEN | 1ull << VNET_A_DEVICE_PEER_NETNSID |
               1ull << VNET_A_DEVICE_INFO;
  std::strcpy(device.ifname, "v0");
  device.mac[0] = 2;
  device.mac[5] = 0xab;
  device.open = 1;
  device.peer_netnsid = -1;
  device.info.has = 1ull << VNET_INFO_CSUM | 1ull << VNET_INFO_RX_RING | 1ull << VNET_INFO_PAD |
                    1ull << VNET_INFO_SEED;
  device.info.csum = VNET_CSUM_MODE_WIRE;
  device.info.rx_ring = 256;
  device.info.seed = 42;
  EXPECT_EQ(to_json(device).dump(),
            R"({"ifname":"v0","mac":"02:00:00:00:00:ab","open":true,"peer_netnsid":-1,)"
            R"("info":{"csum":"wire","rx_ring":256,"pad":false,"seed":"0x000000000000002a"}})");
}

TEST(Json, NestsThatStandSeveralTimesAreAnArray) {
  vnet_stats_values stats{};
  stats.has =
      1ull << VNET_A_STATS_TX_BYTES | 1ull << VNET_A_STATS_DROP | 1ull << VNET_A_STATS_HOST_COUNTER;
  stats.tx_bytes = ~0ull;
  stats.drop_count = 2;
  for (vnet_u32 i = 0; i < 2; i++) {
    stats.drop[i].has =
        1ull << VNET_A_DROP_DIRECTION | 1ull << VNET_A_DROP_REASON | 1ull << VNET_A_DROP_FRAMES;
    stats.drop[i].direction = static_cast<vnet_u8>(i);
    stats.drop[i].reason = VNET_DROP_REASON_RING_FULL;
    stats.drop[i].frames = i + 3;
  }
  stats.host_counter_count = 1;
  stats.host_counter[0].has = 1ull << VNET_A_HOST_COUNTER_NAME | 1ull << VNET_A_HOST_COUNTER_VALUE;
  stats.host_counter[0].name = {"tap-eof", 7};
  stats.host_counter[0].value = 1;
  EXPECT_EQ(to_json(stats).dump(), R"({"tx_bytes":18446744073709551615,"drop":[)"
                                   R"({"direction":"tx","reason":"ring_full","frames":3},)"
                                   R"({"direction":"rx","reason":"ring_full","frames":4}],)"
                                   R"("host_counter":[{"name":"tap-eof","value":1}]})");
}

TEST(Json, ValuesThatNobodyKnowsStayNumbers) {
  vnet_drop_values drop{};
  drop.has = 1ull << VNET_A_DROP_REASON;
  drop.reason = 999;
  EXPECT_EQ(to_json(VNET_SET_DROP, &drop).dump(), R"({"reason":999})");
}

TEST(Json, FlagsAreAnArrayOfNames) {
  vnet_subscription_values subscription{};
  subscription.has = 1ull << VNET_A_SUBSCRIPTION_GROUPS;
  subscription.groups = VNET_GROUP_EVENTS | VNET_GROUP_DROPS;
  EXPECT_EQ(to_json(subscription).dump(), R"({"groups":["events","drops"]})");
}

TEST(Json, BytesAreHexadecimalAndRegistersNumbers) {
  const vnet_u8 bytes[] = {0xde, 0xad};
  vnet_dropped_values dropped{};
  dropped.has = 1ull << VNET_A_DROPPED_DATA;
  dropped.data = {bytes, 2};
  EXPECT_EQ(to_json(dropped).dump(), R"({"data":"dead"})");
  const vnet_u32 values[] = {1, 0xffffffff};
  vnet_regs_values regs{};
  regs.has = 1ull << VNET_A_REGS_VALUES;
  regs.values = {values, sizeof(values)};
  EXPECT_EQ(to_json(regs).dump(), R"({"values":[1,4294967295]})");
}

TEST(Json, EveryAttributeOfEverySetIsShown) {
  for (int i = 0; i < VNET_SET_COUNT; i++) {
    const auto set = static_cast<vnet_set>(i);
    alignas(16) static char values[1 << 16];
    std::memset(values, 0, sizeof(values));
    for (const Attribute& attribute : attribute_set(set).attributes)
      *reinterpret_cast<vnet_u64*>(values) |= 1ull << attribute.id;
    EXPECT_EQ(to_json(set, values).size(), attribute_set(set).attributes.size());
  }
}

TEST(Schema, TheAttributeAtAnOffsetIsFoundInItsNest) {
  vnet_device_values device{};
  device.has = 1ull << VNET_A_DEVICE_IFNAME | 1ull << VNET_A_DEVICE_INFO;
  std::strcpy(device.ifname, "v0");
  device.info.has = 1ull << VNET_INFO_RX_RING;
  alignas(4) vnet_u8 bytes[64];
  const int length = vnet_core_encode(VNET_SET_DEVICE, &device, bytes, sizeof(bytes));
  ASSERT_EQ(length, 8 + 4 + 8);
  const std::span<const vnet_u8> attributes(bytes, static_cast<size_t>(length));
  const auto name_at = [&](size_t offset) {
    const Attribute* const found = attribute_at(VNET_SET_DEVICE, attributes, offset);
    return std::string(found ? found->name : "");
  };
  EXPECT_EQ(name_at(0), "ifname");
  EXPECT_EQ(name_at(8), "info");
  EXPECT_EQ(name_at(12), "rx-ring");
  EXPECT_EQ(name_at(20), "");
}

}  // namespace
}  // namespace vnet::cli
