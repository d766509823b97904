// SPDX-License-Identifier: GPL-2.0-only
// Rings are allocated by open, freed by stop, and replaced by another ring size while traffic
// flows.
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

constexpr u32 kSmall = VNET_RING_MIN, kLarge = 4 * VNET_RING_MIN;
constexpr int kNoMemory = -12;  // ENOMEM

int resize(Device& device, u32 ring_size, const char** why = nullptr) {
  vnet_params params = device.params();
  params.ring_size = ring_size;
  return device.set_params(params, why);
}

// ---- with the device's life

class RingLifeTest : public HostTest {};

TEST_F(RingLifeTest, Rings_ComeWithOpenAndGoWithStop) {
  const auto device = Device::create(params_with_mac(kMacA));
  const size_t created = host.live_allocations();
  ASSERT_EQ(device->open(), 0);
  device->stop();
  const size_t closed = host.live_allocations();
  EXPECT_EQ(closed, created + 1) << "the MAC filter's table comes with the first open and stays";
  for (int round = 0; round < 3; round++) {
    ASSERT_EQ(device->open(), 0);
    EXPECT_GT(host.live_allocations(), closed);
    device->stop();
    EXPECT_EQ(host.live_allocations(), closed);
  }
}

TEST_F(RingLifeTest, FirstOpen_WithoutMemoryAtAnyStepCanBeRepeated) {
  const auto device = Device::create(params_with_mac(kMacA));
  for (const u32 nth : {1u, 2u}) {
    host.fail_alloc.fail_nth(nth);
    EXPECT_EQ(device->open(), kNoMemory) << "at step " << nth;
  }
  EXPECT_EQ(device->open(), 0);
  device->stop();
}

TEST_F(RingLifeTest, Open_WithoutMemoryLeavesTheDeviceStoppedAndCanBeRepeated) {
  FakePair pair;
  pair.b().stop();
  const size_t before = host.live_allocations();
  const u64 changes = pair.a().carrier_changes();
  host.fail_alloc.fail_nth(1);
  EXPECT_EQ(pair.b().open(), kNoMemory);
  EXPECT_EQ(host.live_allocations(), before);
  EXPECT_EQ(pair.a().carrier_changes(), changes);
  EXPECT_FALSE(pair.b().carrier());
  EXPECT_EQ(pair.b().queue().irq_raise(VNET_IRQ_RX), -100);  // ENETDOWN
  EXPECT_EQ(pair.send(), VNET_TX_DROPPED);
  ASSERT_EQ(pair.b().open(), 0);
  EXPECT_EQ(pair.send(), VNET_TX_ADMITTED);
  pair.run();
  EXPECT_EQ(pair.received().size(), 1u);
}

TEST_F(RingLifeTest, SizeSetWhileStopped_IsInForceAfterOpen) {
  FakePair pair({.ring_size = kSmall});
  pair.b().stop();
  const u64 allocations = host.allocations();
  EXPECT_EQ(resize(pair.b(), kLarge - 1), 0);
  EXPECT_EQ(host.allocations(), allocations);
  EXPECT_EQ(pair.b().params().ring_size, kLarge);
  ASSERT_EQ(pair.b().open(), 0);
  for (u32 i = 0; i < kLarge; i++) ASSERT_EQ(pair.send(), VNET_TX_ADMITTED) << i;
  EXPECT_TRUE(pair.a().queue().stopped());
  pair.run();
}

// ---- while it is open

class ResizeTest : public PairTest {
 protected:
  ResizeTest() { make_pair({.queues = 2, .ring_size = kSmall}); }
  Queue& a0() { return pair().a().queue(); }
  Queue& b0() { return pair().b().queue(); }
  void fill() {
    while (!a0().stopped()) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
  }
};

TEST_F(ResizeTest, NewSize_HoldsThatManyFrames) {
  for (const u32 size : {kLarge, kSmall, 2 * kSmall}) {
    ASSERT_EQ(resize(pair().b(), size), 0);
    EXPECT_EQ(pair().b().params().ring_size, size);
    for (u32 i = 0; i < size; i++) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED) << i;
    EXPECT_TRUE(a0().stopped());
    pair().run();
    EXPECT_EQ(pair().received().size(), size);
    EXPECT_FALSE(a0().stopped());
  }
}

TEST_F(ResizeTest, Frames_InTheOldRingAreCountedAsStopped) {
  for (int i = 0; i < 10; i++) pair().send();
  pair().send(ethernet_frame(kMacB, kMacA), 1);
  ASSERT_EQ(resize(pair().b(), kLarge), 0);
  EXPECT_EQ(b0().stats().rx_drops[VNET_DROP_STOPPED], 10u);
  EXPECT_EQ(pair().b().queue(1).stats().rx_drops[VNET_DROP_STOPPED], 1u);
  EXPECT_EQ(pair().b().stats().in_flight, 0u);
  pair().run();
}

TEST_F(ResizeTest, Carrier_StaysAndOldMemoryIsFreed) {
  const u64 changes = pair().a().carrier_changes() + pair().b().carrier_changes();
  const size_t live = host.live_allocations();
  for (const u32 size : {kLarge, kSmall}) ASSERT_EQ(resize(pair().b(), size), 0);
  EXPECT_TRUE(pair().a().carrier() && pair().b().carrier());
  EXPECT_EQ(pair().a().carrier_changes() + pair().b().carrier_changes(), changes);
  EXPECT_EQ(host.live_allocations(), live);
  pair().run();
}

TEST_F(ResizeTest, SenderThatWaited_IsWoken) {
  fill();
  ASSERT_EQ(resize(pair().b(), kLarge), 0);
  EXPECT_FALSE(a0().stopped());
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  pair().run();
  EXPECT_EQ(pair().received().size(), 1u);
}

// The receiver's own transmitter waits for the other end's poll, which may have missed it.
TEST_F(ResizeTest, OwnTransmitter_IsNotForgotten) {
  fill();
  ASSERT_EQ(resize(pair().a(), kLarge), 0);
  pair().run();
  EXPECT_FALSE(a0().stopped());
  EXPECT_EQ(pair().received().size(), kSmall);
}

TEST_F(ResizeTest, QueueThatHangs_WaitsForItsWatchdog) {
  make_pair({.ring_size = kSmall, .lockup = 3});
  for (int i = 0; i < 3; i++) pair().send();
  ASSERT_TRUE(a0().stopped());
  for (Device* device : {&pair().a(), &pair().b()}) ASSERT_EQ(resize(*device, kLarge), 0);
  EXPECT_TRUE(a0().stopped());
  a0().tx_timeout();
  pair().run();
  EXPECT_FALSE(a0().stopped());
}

TEST_F(ResizeTest, NoMemory_ChangesNothing) {
  fill();
  const size_t live = host.live_allocations();
  host.fail_alloc.fail_nth(1);
  const char* why = "untouched";
  EXPECT_EQ(resize(pair().b(), kLarge, &why), kNoMemory);
  EXPECT_EQ(why, nullptr);
  EXPECT_EQ(host.live_allocations(), live);
  EXPECT_EQ(pair().b().params().ring_size, kSmall);
  EXPECT_TRUE(a0().stopped());
  pair().run();
  EXPECT_EQ(pair().received().size(), kSmall);
}

TEST_F(ResizeTest, SameSize_TouchesNothing) {
  pair().send();
  const u64 allocations = host.allocations();
  EXPECT_EQ(resize(pair().b(), kSmall), 0);
  EXPECT_EQ(host.allocations(), allocations);
  pair().run();
  EXPECT_EQ(pair().received().size(), 1u);
}

TEST_F(ResizeTest, FrameSentMeanwhile_HasNoLink) {
  host.interleave(Point::kQuiesce, [this] { EXPECT_EQ(pair().send(), VNET_TX_DROPPED); });
  ASSERT_EQ(resize(pair().b(), kLarge), 0);
  EXPECT_EQ(a0().stats().tx_drops[VNET_DROP_LINK_DOWN], 1u);
  pair().run();
}

TEST_F(ResizeTest, WithoutALink_OnlyTheRingChanges) {
  pair().send();
  pair().b().detach();
  ASSERT_EQ(resize(pair().b(), kLarge), 0);
  EXPECT_EQ(b0().stats().rx_drops[VNET_DROP_STOPPED], 1u);
  ASSERT_EQ(pair().a().attach(pair().b()), 0);
  for (u32 i = 0; i < kLarge; i++) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
  pair().run();
}

}  // namespace
}  // namespace vnet::fake
