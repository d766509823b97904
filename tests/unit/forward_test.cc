// SPDX-License-Identifier: GPL-2.0-only
// Frames from one end to the other: content, order, queues, counters.
#include <cstring>

#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

using ForwardTest = PairTest;

TEST_F(ForwardTest, Frame_ArrivesUnchanged) {
  Bytes frame = ethernet_frame(kMacB, kMacA, 777);
  for (size_t i = 14; i < frame.size(); i++) frame[i] = static_cast<u8>(i * 7);
  EXPECT_EQ(pair().send(frame), VNET_TX_ADMITTED);
  pair().run();
  const auto received = pair().received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].bytes, frame);
  EXPECT_EQ(received[0].frame.len, 777u);
  EXPECT_EQ(host.header_calls, 0u) << "a plain link has no business with the payload";
}

TEST_F(ForwardTest, BothDirections_AreIndependent) {
  pair().send(ethernet_frame(kMacB, kMacA, 100, 1));
  b().send(ethernet_frame(kMacA, kMacB, 200, 2));
  pair().run();
  const auto at_b = pair().received();
  const auto at_a = a().take_received();
  ASSERT_EQ(at_b.size(), 1u);
  ASSERT_EQ(at_a.size(), 1u);
  EXPECT_EQ(at_b[0].bytes, ethernet_frame(kMacB, kMacA, 100, 1));
  EXPECT_EQ(at_a[0].bytes, ethernet_frame(kMacA, kMacB, 200, 2));
}

TEST_F(ForwardTest, Queues_DoNotMix) {
  make_pair({.queues = 4});
  for (u32 i = 0; i < 4; i++) pair().send(ethernet_frame(kMacB, kMacA, 60, static_cast<u8>(i)), i);
  for (u32 i = 0; i < 4; i++) EXPECT_EQ(pair().b().queue(i).irqs(), 1u);
  pair().run();
  for (u32 i = 0; i < 4; i++) {
    const auto received = pair().received(i);
    ASSERT_EQ(received.size(), 1u);
    EXPECT_EQ(received[0].bytes[20], i);
  }
}

TEST_F(ForwardTest, MostQueues_AllWork) {
  make_pair({.queues = VNET_QUEUES_MAX, .ring_size = VNET_RING_MIN});
  for (u32 i = 0; i < VNET_QUEUES_MAX; i++) pair().send(ethernet_frame(kMacB, kMacA), i);
  pair().run();
  EXPECT_EQ(pair().b().stats().rx_frames, VNET_QUEUES_MAX);
}

TEST_F(ForwardTest, OneQueueStopped_LeavesTheOthersRunning) {
  make_pair({.queues = 2, .ring_size = VNET_RING_MIN});
  while (!pair().a().queue(0).stopped()) pair().send(ethernet_frame(kMacB, kMacA), 0);
  EXPECT_EQ(pair().send(ethernet_frame(kMacB, kMacA), 1), VNET_TX_ADMITTED);
  EXPECT_FALSE(pair().a().queue(1).stopped());
  pair().run();
}

TEST_F(ForwardTest, Counters_CountFramesAndBytesAtBothEnds) {
  pair().send(ethernet_frame(kMacB, kMacA, 60));
  pair().send(ethernet_frame(kMacB, kMacA, 1514));
  EXPECT_EQ(b().stats().in_flight, 2u);
  pair().run();
  const vnet_queue_stats sent = a().stats(), got = b().stats();
  EXPECT_EQ(sent.tx_frames, 2u);
  EXPECT_EQ(sent.tx_bytes, 1574u);
  EXPECT_EQ(sent.rx_frames, 0u);
  EXPECT_EQ(got.rx_frames, 2u);
  EXPECT_EQ(got.rx_bytes, 1574u);
  EXPECT_EQ(got.tx_frames, 0u);
  EXPECT_EQ(got.in_flight, 0u);
}

TEST_F(ForwardTest, Counters_OfTheDeviceAreTheSumOverItsQueues) {
  make_pair({.queues = 3, .tx_irq = true});
  for (u32 i = 0; i < 30; i++) pair().send(ethernet_frame(kMacB, kMacA, 60 + i), i % 3);
  pair().send(Bytes(3), 1);
  pair().run();
  host.check();  // compares every field of the sum
  EXPECT_EQ(pair().a().stats().tx_frames, 30u);
  EXPECT_EQ(pair().a().stats().tx_drops[VNET_DROP_RUNT], 1u);
  EXPECT_EQ(pair().a().queue(1).stats().tx_frames, 10u);
}

// A GSO frame counts as what it is on the wire, and its length is not held against the MTU.
TEST_F(ForwardTest, GsoFrame_CountsItsWireFramesAndBytes) {
  Frame* frame = host.ledger.make(ethernet_frame(kMacB, kMacA, 54 + 45 * 1448));
  frame->wire_frames = 45;
  frame->wire_len = 45 * 1502;
  frame->csum = VNET_CSUM_PARTIAL;
  frame->csum_start = 34;
  frame->csum_offset = 16;
  EXPECT_EQ(a().tx(frame), VNET_TX_ADMITTED);
  a().doorbell();
  pair().run();
  EXPECT_EQ(a().stats().tx_frames, 45u);
  EXPECT_EQ(a().stats().tx_bytes, 45u * 1502);
  EXPECT_EQ(b().stats().rx_frames, 45u);
  EXPECT_EQ(b().stats().rx_bytes, 45u * 1502);
  EXPECT_EQ(pair().received().at(0).frame.wire_frames, 45);
}

TEST_F(ForwardTest, GsoFrame_DroppedCountsItsWireFrames) {
  pair().b().stop();
  Frame* frame = host.ledger.make(ethernet_frame(kMacB, kMacA, 5000));
  frame->wire_frames = 4;
  EXPECT_EQ(a().tx(frame), VNET_TX_DROPPED);
  EXPECT_EQ(a().stats().tx_drops[VNET_DROP_LINK_DOWN], 4u);
}

TEST_F(ForwardTest, Multicast_IsCountedAtTheReceiver) {
  constexpr u8 kBroadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  pair().send(ethernet_frame(kBroadcast, kMacA));
  pair().send();
  pair().run();
  EXPECT_EQ(b().stats().rx_frames, 2u);
  EXPECT_EQ(b().stats().rx_multicast, 1u);
}

TEST_F(ForwardTest, MixedSizes_KeepTheirOrderThroughManyLaps) {
  make_pair({.ring_size = VNET_RING_MIN});
  u32 next = 0;
  for (u32 round = 0; round < 200; round++) {
    for (u32 i = 0; i < round % 50; i++) {
      Bytes frame = ethernet_frame(kMacB, kMacA, 60 + (next % 1400));
      std::memcpy(frame.data() + 14, &next, sizeof(next));
      ASSERT_EQ(pair().send(frame), VNET_TX_ADMITTED);
      next++;
    }
    pair().run(1 + round % 7);
  }
  u32 expected = 0;
  for (const Received& received : pair().received()) {
    u32 number;
    std::memcpy(&number, received.bytes.data() + 14, sizeof(number));
    ASSERT_EQ(number, expected++);
  }
  EXPECT_EQ(expected, next);
}

}  // namespace
}  // namespace vnet::fake
