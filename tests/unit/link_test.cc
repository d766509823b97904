// SPDX-License-Identifier: GPL-2.0-only
// Attach, detach, open, stop: when there is carrier, and where the frames on the link go.
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

class LinkTest : public PairTest {
 protected:
  u64 link_down_drops() { return a().stats().tx_drops[VNET_DROP_LINK_DOWN]; }
};

// Devices of no pair.
class LooseDevicesTest : public HostTest {
 protected:
  static std::unique_ptr<Device> make(const u8 (&mac)[6], u32 queues = 1) {
    vnet_params params = params_with_mac(mac);
    params.queues = queues;
    return Device::create(params);
  }
};

TEST_F(LooseDevicesTest, Carrier_NeedsALinkAndBothEndsOpen) {
  const auto a = make(kMacA), b = make(kMacB);
  EXPECT_EQ(a->attach(*b), 0);
  EXPECT_FALSE(a->carrier());
  a->open();
  EXPECT_FALSE(a->carrier());
  b->open();
  EXPECT_TRUE(a->carrier());
  EXPECT_TRUE(b->carrier());
  EXPECT_EQ(a->carrier_changes(), 1u);
  b->stop();
  EXPECT_FALSE(a->carrier());
  EXPECT_FALSE(b->carrier());
  b->open();
  EXPECT_TRUE(a->carrier());
}

TEST_F(LooseDevicesTest, Attach_OfOpenDevicesBringsTheLinkUp) {
  const auto a = make(kMacA), b = make(kMacB);
  a->open();
  b->open();
  EXPECT_FALSE(a->carrier());
  EXPECT_EQ(a->attach(*b), 0);
  EXPECT_TRUE(a->carrier());
  EXPECT_TRUE(b->carrier());
  EXPECT_EQ(a->peer(), b.get());
  EXPECT_EQ(b->peer(), a.get());
}

TEST_F(LooseDevicesTest, Attach_RefusesDifferentNumbersOfQueues) {
  const auto a = make(kMacA, 2), b = make(kMacB, 3);
  const char* why = nullptr;
  EXPECT_EQ(a->attach(*b, &why), -22);  // EINVAL
  ASSERT_NE(why, nullptr);
  EXPECT_NE(std::string(why).find("queues"), std::string::npos);
  EXPECT_EQ(a->peer(), nullptr);
}

TEST_F(LooseDevicesTest, Attach_RefusesTheSameDeviceTwice) {
  const auto a = make(kMacA);
  const char* why = nullptr;
  EXPECT_EQ(a->attach(*a, &why), -22);
  EXPECT_NE(why, nullptr);
  EXPECT_EQ(a->peer(), nullptr);
}

TEST_F(LooseDevicesTest, Attach_OfALinkedDeviceIsBusy) {
  const auto a = make(kMacA), b = make(kMacB), c = make(kMacA);
  EXPECT_EQ(a->attach(*b), 0);
  EXPECT_EQ(a->attach(*c), -16);  // EBUSY
  EXPECT_EQ(c->attach(*b), -16);
  EXPECT_EQ(c->peer(), nullptr);
  EXPECT_EQ(a->peer(), b.get());
}

TEST_F(LooseDevicesTest, Detach_WithoutLinkIsHarmless) {
  const auto a = make(kMacA);
  a->detach();
  a->open();
  a->detach();
  EXPECT_EQ(a->carrier_changes(), 0u);
}

TEST_F(LooseDevicesTest, Tx_WithoutLinkIsDropped) {
  const auto a = make(kMacA);
  EXPECT_EQ(a->queue().send(ethernet_frame(kMacB, kMacA)), VNET_TX_DROPPED);
  a->open();
  EXPECT_EQ(a->queue().send(ethernet_frame(kMacB, kMacA)), VNET_TX_DROPPED);
  EXPECT_EQ(a->stats().tx_drops[VNET_DROP_LINK_DOWN], 2u);
}

TEST_F(LooseDevicesTest, Tx_ToAStoppedDeviceIsDropped) {
  const auto a = make(kMacA), b = make(kMacB);
  a->attach(*b);
  a->open();
  EXPECT_EQ(a->queue().send(ethernet_frame(kMacB, kMacA)), VNET_TX_DROPPED);
  EXPECT_EQ(a->stats().tx_drops[VNET_DROP_LINK_DOWN], 1u);
}

TEST_F(LooseDevicesTest, Relinking_MovesTheTrafficToTheNewPeer) {
  const auto a = make(kMacA), b = make(kMacB), c = make(kMacB);
  for (Device* device : {a.get(), b.get(), c.get()}) device->open();
  a->attach(*b);
  a->queue().send(ethernet_frame(kMacB, kMacA));
  a->detach();
  a->attach(*c);
  a->queue().send(ethernet_frame(kMacB, kMacA));
  b->queue().serve();
  c->queue().serve();
  EXPECT_EQ(b->queue().received_count(), 1u);
  EXPECT_EQ(c->queue().received_count(), 1u);
}

TEST_F(LinkTest, Detach_TakesCarrierFromBothEnds) {
  pair().b().detach();
  EXPECT_FALSE(pair().a().carrier());
  EXPECT_FALSE(pair().b().carrier());
  EXPECT_EQ(pair().a().peer(), nullptr);
  EXPECT_EQ(pair().b().peer(), nullptr);
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
  EXPECT_EQ(link_down_drops(), 1u);
}

TEST_F(LinkTest, Detach_LeavesFramesOnTheLinkWithTheReceiver) {
  for (int i = 0; i < 5; i++) pair().send();
  pair().a().detach();
  pair().run();
  EXPECT_EQ(pair().received().size(), 5u);
}

// No doorbell came for the frame: the end of the link has to make up for it.
TEST_F(LinkTest, Detach_InterruptsForFramesWithoutADoorbell) {
  EXPECT_EQ(a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA))), VNET_TX_ADMITTED);
  pair().a().detach();
  EXPECT_TRUE(b().raised());
  a().doorbell();
  pair().run();
  EXPECT_EQ(pair().received().size(), 1u);
}

TEST_F(LinkTest, SenderStop_LeavesWhatItSentWithTheReceiver) {
  for (int i = 0; i < 5; i++) pair().send();
  pair().a().stop();
  pair().run();
  EXPECT_EQ(pair().received().size(), 5u);
}

TEST_F(LinkTest, SenderDestroyed_LeavesWhatItSentWithTheReceiver) {
  for (int i = 0; i < 5; i++) pair().send();
  pair().destroy_a();
  pair().run();
  EXPECT_EQ(pair().received().size(), 5u);
}

TEST_F(LinkTest, ReceiverStop_DropsWhatIsInItsRingAsStopped) {
  for (int i = 0; i < 7; i++) pair().send();
  pair().b().stop();
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_STOPPED], 7u);
  EXPECT_EQ(b().stats().in_flight, 0u);
  EXPECT_EQ(host.ledger.dropped(VNET_DROP_STOPPED), 7u);
}

TEST_F(LinkTest, ReceiverStop_InTheMiddleOfAPollLosesNothingUncounted) {
  for (int i = 0; i < 7; i++) pair().send();
  b().poll(3);
  pair().b().stop();
  EXPECT_EQ(b().stats().rx_frames, 3u);
  EXPECT_EQ(b().stats().rx_drops[VNET_DROP_STOPPED], 4u);
}

TEST_F(LinkTest, WhileTheReceiverIsStopped_FramesAreDroppedAsLinkDown) {
  pair().b().stop();
  for (int i = 0; i < 3; i++) EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
  EXPECT_EQ(link_down_drops(), 3u);
  pair().b().open();
  EXPECT_EQ(pair().send(), VNET_TX_ADMITTED);
  pair().run();
  EXPECT_EQ(pair().received().size(), 1u);
}

TEST_F(LinkTest, Stop_ForgetsTheRaisedInterruptAndOpenStartsUnmasked) {
  pair().send();
  EXPECT_TRUE(b().raised());
  pair().b().stop();
  EXPECT_EQ(b().reg(VNET_REG_IRQ_MASK), 1u);
  EXPECT_EQ(b().reg(VNET_REG_IRQ_STATUS), 0u);
  pair().b().open();
  EXPECT_EQ(b().reg(VNET_REG_IRQ_MASK), 0u);
  EXPECT_FALSE(b().raised());
  pair().send();
  EXPECT_TRUE(b().raised());
  pair().run();
}

// The guide's successors lost all traffic when a stop came between the interrupt and its poll
// (martinezjavier/ldd3 issue 68).
TEST_F(LinkTest, StopBetweenInterruptAndPoll_ThenOpen_ReceivesAgain) {
  for (int round = 0; round < 10; round++) {
    pair().send();
    ASSERT_TRUE(b().raised());
    if (round % 2) b().poll(1);
    pair().b().stop();
    pair().b().open();
    pair().send();
    pair().run();
    ASSERT_EQ(pair().received().size(), round % 2 ? 2u : 1u);
  }
}

TEST_F(LinkTest, StopAndOpen_OfTheSenderForgetsAnUnrungDoorbell) {
  a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA)));
  pair().a().stop();
  pair().run();
  pair().a().open();
  const u64 irqs = b().irqs();
  a().doorbell();
  EXPECT_EQ(b().irqs(), irqs);
  EXPECT_EQ(pair().received().size(), 1u);
}

TEST_F(LinkTest, ReceiverDestroyed_LeavesASenderWithoutLink) {
  for (int i = 0; i < 5; i++) pair().send();
  pair().destroy_b();
  EXPECT_EQ(host.ledger.dropped(VNET_DROP_STOPPED), 5u);
  EXPECT_FALSE(pair().a().carrier());
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
}

TEST_F(LinkTest, Flapping_KeepsTheBooksRight) {
  for (u32 i = 0; i < 200; i++) {
    pair().send();
    if (i % 3 == 0) b().send(ethernet_frame(kMacA, kMacB));
    Device& victim = i % 2 ? pair().a() : pair().b();
    if (i % 5 == 0) {
      victim.stop();
      pair().send();
      victim.open();
    }
    if (i % 7 == 0) {
      victim.detach();
      pair().send();
      ASSERT_EQ(pair().a().attach(pair().b()), 0);
    }
    if (i % 4 == 0) pair().run();
  }
  pair().run();
  host.check();
  EXPECT_TRUE(pair().a().carrier());
}

}  // namespace
}  // namespace vnet::fake
