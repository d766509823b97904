// SPDX-License-Identifier: GPL-2.0-only
// Initialisation, creation, destruction, and creation without memory.
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
