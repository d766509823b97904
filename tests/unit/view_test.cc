// SPDX-License-Identifier: GPL-2.0-only
// Registers, and interrupts raised by hand.
#include <vector>

#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

using RegistersTest = PairTest;

TEST_F(RegistersTest, DeviceRegisters_TellTheParameters) {
  make_pair({.queues = 2, .ring_size = 100, .mtu = 1400, .lockup = 9, .timeout_ms = 77});
  const std::vector<u32> registers = pair().a().registers();
  ASSERT_EQ(registers.size(), VNET_REG_DEVICE_COUNT + 2 * VNET_REG_QUEUE_COUNT);
  EXPECT_EQ(registers[VNET_REG_ABI], VNET_ABI);
  EXPECT_EQ(registers[VNET_REG_QUEUES], 2u);
  EXPECT_EQ(registers[VNET_REG_RING_SIZE], 128u);
  EXPECT_EQ(registers[VNET_REG_MTU], 1400u);
  EXPECT_EQ(registers[VNET_REG_LOCKUP], 9u);
  EXPECT_EQ(registers[VNET_REG_TIMEOUT_MS], 77u);
}

TEST_F(RegistersTest, Control_TellsStateAndOptions) {
  make_pair({.snull = true, .pad = true, .noarp = true});
  constexpr u32 kOptions = VNET_CONTROL_SNULL | VNET_CONTROL_PAD | VNET_CONTROL_NOARP;
  const auto control = [&] { return pair().a().registers()[VNET_REG_CONTROL]; };
  EXPECT_EQ(control(), kOptions | VNET_CONTROL_OPEN | VNET_CONTROL_LINK);
  pair().b().stop();
  EXPECT_EQ(control(), kOptions | VNET_CONTROL_OPEN);
  pair().a().stop();
  EXPECT_EQ(control(), kOptions);
  make_pair({});
  EXPECT_EQ(control(), VNET_CONTROL_OPEN | VNET_CONTROL_LINK);
}

TEST_F(RegistersTest, QueueRegisters_FollowTheQueuesInOrder) {
  make_pair({.queues = 3});
  pair().send(ethernet_frame(kMacB, kMacA), 1);
  pair().send(ethernet_frame(kMacB, kMacA), 1);
  for (u32 i = 0; i < 3; i++) {
    Queue& queue = pair().b().queue(i);
    EXPECT_EQ(queue.reg(VNET_REG_RX_PENDING), i == 1 ? 2u : 0u);
    EXPECT_EQ(queue.reg(VNET_REG_IRQ_STATUS), i == 1 ? VNET_IRQ_RX : 0u);
    EXPECT_EQ(queue.reg(VNET_REG_IRQ_MASK), i == 1 ? 1u : 0u);
  }
  pair().run();
}

TEST_F(RegistersTest, Reading_HasNoSideEffect) {
  pair().send();
  const auto once = pair().b().registers();
  EXPECT_EQ(pair().b().registers(), once);
  EXPECT_TRUE(b().raised());
  pair().run();
}

TEST_F(RegistersTest, ShortBuffer_IsFilledAndNotOverrun) {
  const std::vector<u32> all = pair().a().registers();
  for (u32 count = 0; count <= all.size(); count++) {
    std::vector<u32> out(all.size(), 0xdeadbeef);
    const Call call(Context::kControl, nullptr);
    EXPECT_EQ(vnet_core_registers(pair().a().core(), out.data(), count), all.size());
    for (u32 i = 0; i < all.size(); i++) EXPECT_EQ(out[i], i < count ? all[i] : 0xdeadbeef);
  }
}

using IrqRaiseTest = PairTest;

TEST_F(IrqRaiseTest, UnknownOrNoCauses_AreRefused) {
  for (const u32 causes : {0u, 4u, 0x80000000u, ~0u, VNET_IRQ_RX | 8u}) {
    EXPECT_EQ(a().irq_raise(causes), -22) << causes;  // EINVAL
  }
  EXPECT_EQ(a().irqs(), 0u);
}

TEST_F(IrqRaiseTest, StoppedDevice_RefusesWithNetworkDown) {
  pair().a().stop();
  EXPECT_EQ(a().irq_raise(VNET_IRQ_RX), -100);  // ENETDOWN
  pair().a().open();
  EXPECT_EQ(a().irq_raise(VNET_IRQ_RX), 0);
  pair().run();
}

TEST_F(IrqRaiseTest, Causes_AreServedAndCountedByThePoll) {
  EXPECT_EQ(a().irq_raise(VNET_IRQ_RX | VNET_IRQ_TX), 0);
  EXPECT_TRUE(a().raised());
  pair().run();
  EXPECT_EQ(a().stats().rx_irqs, 1u);
  EXPECT_EQ(a().stats().tx_irqs, 1u);
  EXPECT_EQ(a().irq_raise(VNET_IRQ_TX), 0);
  pair().run();
  EXPECT_EQ(a().stats().rx_irqs, 1u);
  EXPECT_EQ(a().stats().tx_irqs, 2u);
  EXPECT_EQ(a().stats().polls, 2u);
}

TEST_F(IrqRaiseTest, SeveralRaises_ShareOnePoll) {
  for (int i = 0; i < 5; i++) EXPECT_EQ(a().irq_raise(VNET_IRQ_RX), 0);
  EXPECT_EQ(a().irqs(), 1u);
  pair().run();
  EXPECT_EQ(a().stats().rx_irqs, 1u);
}

TEST_F(IrqRaiseTest, SpuriousTransmitInterrupt_WakesNoFullSender) {
  make_pair({.ring_size = VNET_RING_MIN});
  while (!a().stopped()) pair().send();
  EXPECT_EQ(a().irq_raise(VNET_IRQ_TX), 0);
  a().serve();
  EXPECT_TRUE(a().stopped());
  pair().run();
  EXPECT_FALSE(a().stopped());
}

}  // namespace
}  // namespace vnet::fake
