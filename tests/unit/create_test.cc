// SPDX-License-Identifier: GPL-2.0-only
// Initialisation, creation, destruction, and creation without memory.
#include <array>
#include <cstring>

#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

using CreateTest = HostTest;

int init(vnet_u32 abi, vnet_u32 frame_size) {
  const Call call(Context::kControl, nullptr);
  return vnet_core_init(abi, frame_size);
}

TEST_F(CreateTest, Init_RefusesAnotherAbi) {
  EXPECT_EQ(init(VNET_ABI + 1, sizeof(vnet_frame)), -22);  // EINVAL
  EXPECT_EQ(init(VNET_ABI - 1, sizeof(vnet_frame)), -22);
  EXPECT_EQ(init(VNET_ABI, sizeof(vnet_frame)), 0);
}

TEST_F(CreateTest, Init_RefusesAnotherFrameSize) {
  EXPECT_EQ(init(VNET_ABI, sizeof(vnet_frame) - 1), -22);
  EXPECT_EQ(init(VNET_ABI, sizeof(vnet_frame) + 1), -22);
}

TEST_F(CreateTest, Descriptor_FitsTheKernelsControlBlock) {
  EXPECT_LE(sizeof(vnet_frame), 48u);
}

TEST_F(CreateTest, Create_WithDefaultsGivesAStoppedDeviceWithoutLink) {
  const auto device = Device::create(params_with_mac(kMacA));
  ASSERT_NE(device, nullptr);
  EXPECT_FALSE(device->carrier());
  EXPECT_EQ(device->peer(), nullptr);
  EXPECT_EQ(device->queue().reg(VNET_REG_IRQ_MASK), 1u);
  EXPECT_EQ(device->stats().tx_frames, 0u);
}

// A host makes its queues when it needs them; whoever asks before finds them idle.
TEST_F(CreateTest, Device_AnswersForQueuesThatAreNotMade) {
  const Call call(Context::kControl, nullptr);
  vnet_params params = params_with_mac(kMacA);
  params.queues = 2;
  params.rx_usecs = 50;
  params.rx_frames = 8;
  vnet_device* device = nullptr;
  const char* why = nullptr;
  ASSERT_EQ(vnet_core_device_create(&params, nullptr, &device, &why), 0);

  vnet_queue_stats stats;
  std::memset(&stats, 0xff, sizeof(stats));
  vnet_core_queue_stats(device, 1, &stats);
  EXPECT_EQ(stats.polls, 0u);
  std::memset(&stats, 0xff, sizeof(stats));
  vnet_core_device_stats(device, &stats);
  EXPECT_EQ(stats.tx_drops[VNET_DROP_LINK_DOWN], 0u);
  std::array<u32, VNET_REG_DEVICE_COUNT + 2 * VNET_REG_QUEUE_COUNT> registers{};
  EXPECT_EQ(vnet_core_registers(device, registers.data(), registers.size()), registers.size());
  for (u32 queue = 0; queue < 2; queue++)
    EXPECT_EQ(registers[VNET_REG_DEVICE_COUNT + queue * VNET_REG_QUEUE_COUNT + VNET_REG_IRQ_MASK],
              1u);
  EXPECT_EQ(vnet_core_irq_raise(device, 0, VNET_IRQ_RX), -100);  // ENETDOWN
  EXPECT_EQ(vnet_core_irq_raise(device, 0, 0x10), -22);          // EINVAL
  u32 usecs = 0, frames = 0;
  vnet_core_queue_moderation(device, 1, &usecs, &frames);
  EXPECT_EQ(usecs, 50u);
  EXPECT_EQ(frames, 8u);
  params.adaptive_rx = 1;
  EXPECT_EQ(vnet_core_params_set(device, &params, &why), 0);
  vnet_core_queue_moderation(device, 1, &usecs, &frames);
  EXPECT_EQ(usecs, 0u);
  EXPECT_EQ(vnet_core_watchdog(device, 0), 0u);
  EXPECT_EQ(vnet_core_device_open(device), -22);  // nothing to poll it
  vnet_core_device_destroy(device);
  EXPECT_EQ(host.live_allocations(), 0u);
}

TEST_F(CreateTest, Create_FailingAtEachAllocationInTurnLeavesNothing) {
  for (const u32 queues : {1u, 4u}) {
    vnet_params params = params_with_mac(kMacA);
    params.queues = queues;
    u64 allocations = host.allocations();
    ASSERT_NE(Device::create(params), nullptr);
    allocations = host.allocations() - allocations;
    ASSERT_GT(allocations, 0u);
    for (u64 nth = 1; nth <= allocations; nth++) {
      host.fail_alloc.fail_nth(nth);
      int error = 0;
      const char* why = "untouched";
      EXPECT_EQ(Device::create(params, &error, &why), nullptr) << "allocation " << nth;
      EXPECT_EQ(error, -12) << "allocation " << nth;  // ENOMEM
      EXPECT_EQ(host.live_allocations(), 0u) << "allocation " << nth;
      host.fail_alloc.fail_nth(0);
    }
  }
}

TEST_F(CreateTest, Create_WithBadParametersAllocatesNothing) {
  vnet_params params = params_with_mac(kMacA);
  params.queues = 0;
  const u64 allocations = host.allocations();
  EXPECT_EQ(Device::create(params), nullptr);
  EXPECT_EQ(host.allocations(), allocations);
}

TEST_F(CreateTest, Destroy_GivesEverythingBack) {
  vnet_params params = params_with_mac(kMacA);
  for (const u32 queues : {1u, 3u, VNET_QUEUES_MAX}) {
    params.queues = queues;
    auto device = Device::create(params);
    ASSERT_NE(device, nullptr);
    device->open();
    device.reset();
    EXPECT_EQ(host.live_allocations(), 0u);
  }
}

TEST_F(CreateTest, DataPath_AllocatesNothing) {
  FakePair pair({.ring_size = VNET_RING_MIN, .snull = true, .pad = true, .noarp = true});
  const u64 allocations = host.allocations();
  for (int i = 0; i < 500; i++) {
    pair.send(ethernet_frame(kMacB, kMacA, 14 + static_cast<size_t>(i) % 100));
    pair.run();
  }
  EXPECT_EQ(host.allocations(), allocations);
}

TEST_F(CreateTest, QueueBeyondTheLast_IsNull) {
  const auto device = Device::create(params_with_mac(kMacA));
  const Call call(Context::kControl, nullptr);
  EXPECT_EQ(vnet_core_device_queue(device->core(), 1, nullptr), nullptr);
  EXPECT_EQ(vnet_core_device_queue(device->core(), ~0u, nullptr), nullptr);
}

}  // namespace
}  // namespace vnet::fake
