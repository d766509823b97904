// SPDX-License-Identifier: GPL-2.0-only
// What tx() refuses and what it does to a frame: lengths, padding, the snull options, a host
// without memory.
#include <algorithm>

#include "tests/fake/fixture.h"
#include "tests/unit/frame_maker.h"

namespace vnet::fake {
namespace {

class TransmitTest : public PairTest {
 protected:
  u64 tx_drops(vnet_drop reason) { return a().stats().tx_drops[reason]; }
  Bytes send_and_receive(const Bytes& frame) {
    EXPECT_EQ(pair().send(frame), VNET_TX_ADMITTED);
    pair().run();
    auto received = pair().received();
    EXPECT_EQ(received.size(), 1u);
    return received.empty() ? Bytes() : received[0].bytes;
  }
};

TEST_F(TransmitTest, Runts_AreDroppedAndCounted) {
  for (size_t length = 0; length < 14; length++) {
    EXPECT_EQ(pair().send(Bytes(length, 0x02)), VNET_TX_DROPPED);
    EXPECT_EQ(tx_drops(VNET_DROP_RUNT), length + 1);
  }
  EXPECT_EQ(b().irqs(), 0u);
}

TEST_F(TransmitTest, EthernetHeaderAlone_IsAFrame) {
  EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, 14)).size(), 14u);
}

TEST_F(TransmitTest, Runts_AreNotPadded) {
  make_pair({.pad = true});
  EXPECT_EQ(pair().send(Bytes(13)), VNET_TX_DROPPED);
  EXPECT_EQ(tx_drops(VNET_DROP_RUNT), 1u);
}

// MTU and one VLAN tag, as Linux's is_skb_forwardable() allows.
TEST_F(TransmitTest, FramesBeyondTheReceiversMtu_AreTooLong) {
  for (const u32 mtu : {VNET_MTU_MIN, VNET_MTU_DEFAULT, 9000u}) {
    vnet_params params = pair().b().params();
    params.mtu = mtu;
    ASSERT_EQ(pair().b().set_params(params), 0);
    const u64 before = tx_drops(VNET_DROP_TOO_LONG);
    EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, mtu + 14)).size(), mtu + 14);
    EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, mtu + 18)).size(), mtu + 18);
    EXPECT_EQ(pair().send(ethernet_frame(kMacB, kMacA, mtu + 19)), VNET_TX_DROPPED);
    EXPECT_EQ(tx_drops(VNET_DROP_TOO_LONG), before + 1);
  }
}

TEST_F(TransmitTest, OwnMtu_DoesNotLimitWhatIsSent) {
  vnet_params params = pair().a().params();
  params.mtu = VNET_MTU_MIN;
  ASSERT_EQ(pair().a().set_params(params), 0);
  EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, 1514)).size(), 1514u);
}

TEST_F(TransmitTest, LongestFrame_PassesAtTheLargestMtu) {
  make_pair({.mtu = VNET_MTU_MAX});
  EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, VNET_MTU_MAX + 14)).size(),
            VNET_MTU_MAX + 14);
}

TEST_F(TransmitTest, Pad_MakesShortFrames60BytesOfZeros) {
  make_pair({.pad = true});
  for (const size_t length : {14u, 15u, 42u, 59u}) {
    Bytes expected = ethernet_frame(kMacB, kMacA, length, 0xaa);
    const Bytes sent = expected;
    expected.resize(60);
    EXPECT_EQ(send_and_receive(sent), expected);
  }
  EXPECT_EQ(a().stats().tx_bytes, 4u * 60);
}

TEST_F(TransmitTest, Pad_LeavesLongerFramesAlone) {
  make_pair({.pad = true});
  for (const size_t length : {60u, 61u, 1514u}) {
    EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, length)).size(), length);
  }
}

TEST_F(TransmitTest, WithoutPad_ShortFramesStayShort) {
  EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, 20)).size(), 20u);
}

TEST_F(TransmitTest, Snull_TogglesTheThirdOctetInBothDirections) {
  make_pair({.snull = true});
  const auto frame = reference::udp_frame(0);
  EXPECT_EQ(send_and_receive(reference::render(frame, false)), reference::render(frame, true));
  auto answer = reference::udp_frame(1);
  std::swap_ranges(answer.addresses.begin(), answer.addresses.begin() + 6,
                   answer.addresses.begin() + 6);
  b().send(reference::render(answer, false));
  pair().run();
  EXPECT_EQ(a().take_received().at(0).bytes, reference::render(answer, true));
}

TEST_F(TransmitTest, Snull_IsTheSendersOption) {
  make_pair({});
  vnet_params params = pair().b().params();
  params.snull = 1;
  ASSERT_EQ(pair().b().set_params(params), 0);
  const Bytes frame = reference::render(reference::udp_frame(0), false);
  EXPECT_EQ(send_and_receive(frame), frame);
}

TEST_F(TransmitTest, Snull_DropsTruncatedHeaders) {
  make_pair({.snull = true});
  const Bytes whole = reference::render(reference::udp_frame(0), false);
  for (size_t length = 14; length < 34; length++) {
    EXPECT_EQ(pair().send(Bytes(whole.begin(), whole.begin() + static_cast<long>(length))),
              VNET_TX_DROPPED);
  }
  EXPECT_EQ(tx_drops(VNET_DROP_BAD_HEADER), 20u);
}

TEST_F(TransmitTest, SnullAndPad_ChecksumsStayTrueInAPaddedFrame) {
  make_pair({.snull = true, .pad = true});
  auto description = reference::udp_frame(0, 3);
  Bytes expected = reference::render(description, true);
  expected.resize(60);
  EXPECT_EQ(send_and_receive(reference::render(description, false)), expected);
}

TEST_F(TransmitTest, Noarp_SendsToTheReceiversMac) {
  make_pair({.snull = true, .noarp = true});
  auto description = reference::udp_frame(0);
  std::copy_n(kMacA, 6, description.addresses.begin());  // as Linux does without ARP
  const Bytes got = send_and_receive(reference::render(description, false));
  EXPECT_TRUE(std::equal(kMacB, kMacB + 6, got.begin()));
  EXPECT_TRUE(std::equal(kMacA, kMacA + 6, got.begin() + 6));
}

TEST_F(TransmitTest, Noarp_FollowsTheReceiversMac) {
  make_pair({.snull = true, .noarp = true});
  constexpr u8 kNewMac[6] = {0x00, 'S', 'N', 'U', 'L', '1'};
  vnet_params params = pair().b().params();
  std::copy_n(kNewMac, 6, params.mac);
  ASSERT_EQ(pair().b().set_params(params), 0);
  const Bytes got = send_and_receive(reference::render(reference::udp_frame(0), false));
  EXPECT_TRUE(std::equal(kNewMac, kNewMac + 6, got.begin()));
}

TEST_F(TransmitTest, Noarp_LeavesMulticastAlone) {
  make_pair({.snull = true, .noarp = true});
  auto description = reference::udp_frame(0);
  std::fill_n(description.addresses.begin(), 6, u8{0xff});
  EXPECT_EQ(send_and_receive(reference::render(description, false)),
            reference::render(description, true));
}

// ---- a host without memory

TEST_F(TransmitTest, FailedHeader_DropsAndTheNextFramePasses) {
  make_pair({.snull = true});
  const auto frame = reference::udp_frame(0);
  host.fail_header.fail_nth(2);
  send_and_receive(reference::render(frame, false));
  EXPECT_EQ(pair().send(reference::render(frame, false)), VNET_TX_DROPPED);
  EXPECT_EQ(tx_drops(VNET_DROP_NO_MEMORY), 1u);
  send_and_receive(reference::render(frame, false));
}

TEST_F(TransmitTest, FailedPad_Drops) {
  make_pair({.pad = true});
  host.fail_pad.fail_nth(1);
  EXPECT_EQ(pair().send(ethernet_frame(kMacB, kMacA, 20)), VNET_TX_DROPPED);
  EXPECT_EQ(tx_drops(VNET_DROP_NO_MEMORY), 1u);
  EXPECT_EQ(send_and_receive(ethernet_frame(kMacB, kMacA, 20)).size(), 60u);
}

TEST_F(TransmitTest, FailedCommit_DropsAndCountsNothingAsSent) {
  make_pair({.ring_size = VNET_RING_MIN});
  for (u32 i = 0; i < 3 * VNET_RING_MIN; i++) {
    host.fail_commit.fail_nth(1);
    ASSERT_EQ(pair().send(), VNET_TX_DROPPED);
  }
  EXPECT_EQ(tx_drops(VNET_DROP_NO_MEMORY), 3 * VNET_RING_MIN);
  EXPECT_EQ(a().stats().tx_frames, 0u);
  EXPECT_EQ(b().irqs(), 0u);
  EXPECT_FALSE(a().stopped());
  send_and_receive(ethernet_frame(kMacB, kMacA));
}

TEST_F(TransmitTest, FailedCommit_OfALockupFrameHangsNothing) {
  make_pair({.lockup = 1});
  host.fail_commit.fail_nth(1);
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
  EXPECT_FALSE(a().stopped());
  EXPECT_TRUE(a().take_notices().empty());
}

}  // namespace
}  // namespace vnet::fake
