// SPDX-License-Identifier: GPL-2.0-only
// What each fault does, in virtual time.
#include <algorithm>

#include "tests/unit/fault_pair.h"

namespace vnet::fake {
namespace {

constexpr u64 kSecond = 1000000000;

class FaultTest : public FaultPair {
 protected:
  u64 rx_dropped(vnet_drop reason) { return b().stats().rx_drops[reason]; }
};

TEST_F(FaultTest, IrqLost_TheNextInterruptBringsTheFrame) {
  add(pair().b(), fault(VNET_FAULT_IRQ_LOST, VNET_FAULT_NTH, 2));
  EXPECT_EQ(lost(1), (Numbers{}));
  send(1);
  pair().run_for(kSecond);
  EXPECT_EQ(arrived(), (Numbers{})) << "nobody was told";
  EXPECT_EQ(b().stats().in_flight, 1u);
  send(1);
  EXPECT_EQ(arrived(), (Numbers{1, 2}));
}

TEST_F(FaultTest, IrqLost_ForATime_AndItsEndRecovers) {
  add(pair().b(), fault(VNET_FAULT_IRQ_LOST, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, 5 * kMs));
  send(3);
  EXPECT_EQ(arrived(), (Numbers{}));
  pair().run_for(5 * kMs);
  EXPECT_EQ(arrived(), (Numbers{0, 1, 2}));
}

TEST_F(FaultTest, IrqLost_WithModeration) {
  FakePair::Options options;
  options.rx_usecs = 50;
  make_pair(options);
  const u32 id = add(pair().b(), fault(VNET_FAULT_IRQ_LOST));
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(arrived(), (Numbers{}));
  send(1);
  pair().run_for(kMs);
  EXPECT_EQ(arrived(), (Numbers{0, 1}));
  check_account(pair().b(), id);
}

TEST_F(FaultTest, IrqSpurious_IsAPollWithoutWork) {
  add(pair().b(),
      fault(VNET_FAULT_IRQ_SPURIOUS, VNET_FAULT_EVERY_TIME, kMs, VNET_FAULT_FOR_COUNT, 4));
  const vnet_queue_stats before = b().stats();
  pair().run_for(10 * kMs);
  EXPECT_EQ(b().stats().polls - before.polls, 4u);
  EXPECT_EQ(b().stats().rx_irqs, before.rx_irqs);
  EXPECT_EQ(info(pair().b()).fired, 4u);
}

TEST_F(FaultTest, IrqStorm_RaisesAgain_AndModerationHoldsIt) {
  u64 polls[2];
  for (const u32 moderated : {0u, 1u}) {
    FakePair::Options options;
    options.rx_usecs = moderated ? 100 : 0;
    make_pair(options);
    add(pair().b(), fault(VNET_FAULT_IRQ_STORM, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, 10 * kMs));
    pair().run_for(10 * kMs);
    polls[moderated] = b().stats().polls;
    EXPECT_EQ(lost(5).size(), moderated ? 5u : 0u);
    pair().run_for(10 * kMs);
    const u64 after = b().stats().polls;
    pair().run_for(kSecond);
    EXPECT_EQ(b().stats().polls, after) << "it is over";
  }
  EXPECT_NEAR(static_cast<double>(polls[0]), 1000, 20);
  EXPECT_NEAR(static_cast<double>(polls[1]), 100, 10);
}

TEST_F(FaultTest, TxStall_TheWatchdogRecovers) {
  const u32 id = add(pair().a(), fault(VNET_FAULT_TX_STALL, VNET_FAULT_NTH, 3));
  EXPECT_EQ(lost(3), (Numbers{}));
  EXPECT_TRUE(a().stopped());
  EXPECT_EQ(a().reg(VNET_REG_TX_STATE), VNET_TX_STOPPED | VNET_TX_HUNG);
  EXPECT_EQ(info(pair().a(), id).state, u32{VNET_FAULT_ACTIVE});
  a().tx_timeout();
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(lost(3), (Numbers{}));
  EXPECT_EQ(a().stats().tx_timeouts, 1u);
  EXPECT_EQ(info(pair().a(), id).state, u32{VNET_FAULT_DONE});
  check_account(pair().a(), id);
}

TEST_F(FaultTest, TxStall_ForATime_AndItsDeletionAndExpiryRecover) {
  add(pair().a(), fault(VNET_FAULT_TX_STALL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, 5 * kMs));
  send(1);
  EXPECT_TRUE(a().stopped());
  pair().run_for(5 * kMs);
  EXPECT_FALSE(a().stopped());
  const u32 id = add(pair().a(), fault(VNET_FAULT_TX_STALL));
  send(1);
  EXPECT_TRUE(a().stopped());
  pair().a().delete_fault(id);
  pair().run();
  EXPECT_FALSE(a().stopped());
  add(pair().a(), fault(VNET_FAULT_TX_STALL));
  send(1);
  EXPECT_TRUE(a().stopped());
  pair().run_for(60 * kSecond);
  EXPECT_FALSE(a().stopped()) << "no lab stays broken";
}

TEST_F(FaultTest, RxStall_TheRingFillsThenFramesAreMissed) {
  FakePair::Options options;
  options.ring_size = VNET_RING_MIN;
  make_pair(options);
  add(pair().b(), fault(VNET_FAULT_RX_STALL, VNET_FAULT_NTH, 3, VNET_FAULT_FOR_TIME, 5 * kMs));
  for (u32 i = 0; i < 200; i++) {
    pair().send();
    pair().run();
  }
  EXPECT_EQ(b().take_received().size(), 2u);
  EXPECT_FALSE(a().stopped()) << "the wire does not wait for the receiver";
  EXPECT_EQ(rx_dropped(VNET_DROP_RX_MISSED), 200 - 2 - u64{VNET_RING_MIN});
  EXPECT_EQ(a().stats().tx_frames, 200u);
  host.check();
  pair().run_for(5 * kMs);
  EXPECT_EQ(b().take_received().size(), size_t{VNET_RING_MIN});
  EXPECT_EQ(lost(5), (Numbers{}));
}

TEST_F(FaultTest, RxStall_ASenderThatWaitsGoesOn) {
  FakePair::Options options;
  options.ring_size = VNET_RING_MIN;
  make_pair(options);
  add(pair().b(), fault(VNET_FAULT_RX_STALL));
  while (!a().stopped()) pair().send();
  pair().run();
  EXPECT_FALSE(a().stopped());
  pair().run_for(kSecond);
  EXPECT_EQ(b().take_received().size(), size_t{VNET_RING_MIN});
}

TEST_F(FaultTest, RxStall_StopLosesWhatWaits) {
  add(pair().b(), fault(VNET_FAULT_RX_STALL));
  send(5);
  EXPECT_EQ(b().stats().in_flight, 5u);
  pair().b().stop();
  EXPECT_EQ(rx_dropped(VNET_DROP_STOPPED), 5u);
}

TEST_F(FaultTest, LinkFlap_LosesFramesUnderItsOwnReason) {
  const u64 before = pair().b().carrier_changes();
  const u32 id = add(pair().a(),
                     fault(VNET_FAULT_LINK_FLAP, VNET_FAULT_AT, kMs, VNET_FAULT_FOR_TIME, 5 * kMs));
  EXPECT_TRUE(pair().a().carrier());
  pair().run_for(kMs);
  EXPECT_FALSE(pair().a().carrier());
  EXPECT_FALSE(pair().b().carrier());
  EXPECT_EQ(pair().send(), VNET_TX_DROPPED);
  EXPECT_EQ(b().send(ethernet_frame(kMacA, kMacB)), VNET_TX_DROPPED);
  EXPECT_EQ(a().stats().tx_drops[VNET_DROP_LINK_FLAP], 1u);
  EXPECT_EQ(b().stats().tx_drops[VNET_DROP_LINK_FLAP], 1u);
  pair().run_for(5 * kMs);
  EXPECT_TRUE(pair().b().carrier());
  EXPECT_EQ(pair().b().carrier_changes(), before + 2);
  EXPECT_EQ(lost(3), (Numbers{}));
  check_account(pair().a(), id);
}

TEST_F(FaultTest, LinkFlap_AfterFrames_AndRepeatedly) {
  add(pair().a(), fault(VNET_FAULT_LINK_FLAP, VNET_FAULT_NTH, 3));
  EXPECT_EQ(lost(3), (Numbers{}));
  pair().run_for(0);
  EXPECT_FALSE(pair().a().carrier());
  pair().run_for(kSecond);
  EXPECT_TRUE(pair().a().carrier());
  const u64 before = pair().a().carrier_changes();
  add(pair().a(),
      fault(VNET_FAULT_LINK_FLAP, VNET_FAULT_EVERY_TIME, 10 * kMs, VNET_FAULT_FOR_TIME, 2 * kMs));
  pair().run_for(35 * kMs);
  EXPECT_EQ(pair().a().carrier_changes(), before + 6);
}

TEST_F(FaultTest, LinkFlap_AcrossAStopAndADetachment) {
  add(pair().a(), fault(VNET_FAULT_LINK_FLAP, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, 5 * kMs));
  EXPECT_FALSE(pair().a().carrier());
  pair().b().stop();
  ASSERT_EQ(pair().b().open(), 0);
  EXPECT_FALSE(pair().b().carrier()) << "the flap is a's";
  pair().run_for(5 * kMs);
  EXPECT_TRUE(pair().b().carrier());
  add(pair().a(), fault(VNET_FAULT_LINK_FLAP));
  pair().b().detach();
  pair().run_for(kSecond);
  EXPECT_FALSE(pair().a().carrier());
}

TEST_F(FaultTest, Csum_GoodAndBad) {
  add(pair().b(), fault(VNET_FAULT_CSUM_GOOD, VNET_FAULT_NTH, 2));
  send(2);
  std::vector<Received> received = b().take_received();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].frame.csum, VNET_CSUM_NONE);
  EXPECT_EQ(received[1].frame.csum, VNET_CSUM_VERIFIED);
  add(pair().b(), fault(VNET_FAULT_CSUM_BAD));
  Frame* const frame = host.ledger.make(ethernet_frame(kMacB, kMacA, 100));
  frame->csum = VNET_CSUM_PARTIAL;
  frame->csum_start = 34;
  frame->csum_offset = 6;
  a().tx(frame, false);
  pair().run();
  received = b().take_received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].frame.csum, VNET_CSUM_NONE);
}

TEST_F(FaultTest, Truncate_AndRunts) {
  vnet_fault config = fault(VNET_FAULT_TRUNCATE);
  config.value = 30;
  add(pair().b(), config);
  send(1);
  const std::vector<Received> received = b().take_received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].bytes.size(), 30u);
  config.value = 13;
  add(pair().b(), config);
  EXPECT_EQ(lost(2), (Numbers{1}));
  EXPECT_EQ(rx_dropped(VNET_DROP_RUNT), 1u);
}

TEST_F(FaultTest, BadLength_BeyondTheBufferIsFoundAndCounted) {
  const u32 id = add(pair().b(), fault(VNET_FAULT_BAD_LENGTH, VNET_FAULT_NTH, 2));
  EXPECT_EQ(lost(3), (Numbers{2}));
  EXPECT_EQ(rx_dropped(VNET_DROP_BAD_LENGTH), 1u);
  check_account(pair().b(), id);
}

TEST_F(FaultTest, MacFilter_LeakCountsForeignFramesOnly) {
  add(pair().b(), fault(VNET_FAULT_MAC_FILTER_LEAK, VNET_FAULT_NTH, 2));
  for (int i = 0; i < 3; i++) {
    send(1);
    pair().send(ethernet_frame({2, 9, 9, 9, 9, 9}, kMacA));
    pair().run();
  }
  EXPECT_EQ(b().take_received().size(), 3u + 1u);
  EXPECT_EQ(rx_dropped(VNET_DROP_UNICAST_FILTER), 2u);
}

TEST_F(FaultTest, MacFilter_DeafToMulticastAndNotToBroadcast) {
  vnet_filter filter{};
  filter.all_multicast = 1;
  pair().b().set_filter(filter);
  add(pair().b(),
      fault(VNET_FAULT_MAC_FILTER_DEAF, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, kSecond));
  pair().send(ethernet_frame({1, 0, 0x5e, 0, 0, 1}, kMacA));
  pair().send(ethernet_frame({255, 255, 255, 255, 255, 255}, kMacA));
  pair().run();
  EXPECT_EQ(b().take_received().size(), 1u);
  EXPECT_EQ(rx_dropped(VNET_DROP_MULTICAST_FILTER), 1u);
}

TEST_F(FaultTest, DmaSlow_HoldsUpWhatIsBehind) {
  vnet_fault config = fault(VNET_FAULT_DMA_SLOW, VNET_FAULT_NTH, 2);
  config.value = 3 * kMs;
  add(pair().b(), config);
  const u64 begin = host.now();
  send(4);
  pair().run_for(10 * kMs);
  const std::vector<Received> received = b().take_received();
  ASSERT_EQ(received.size(), 4u);
  EXPECT_EQ(received[0].time, begin);
  for (size_t i = 1; i < 4; i++) EXPECT_EQ(received[i].time, begin + 3 * kMs);
}

TEST_F(FaultTest, DmaSlow_BehindAnImpairedWire) {
  vnet_impairment delay{};
  delay.delay = 10 * kMs;
  impair(delay);
  vnet_fault config = fault(VNET_FAULT_DMA_SLOW, VNET_FAULT_NTH, 1);
  config.value = 3 * kMs;
  add(pair().b(), config);
  const u64 begin = host.now();
  send(2);
  pair().run_for(20 * kMs);
  const std::vector<Received> received = b().take_received();
  ASSERT_EQ(received.size(), 2u);
  for (const Received& each : received) EXPECT_EQ(each.time, begin + 13 * kMs);
}

TEST_F(FaultTest, DmaError_LosesTheFrameAtTheSender) {
  const u32 id = add(pair().a(), fault(VNET_FAULT_DMA_ERROR, VNET_FAULT_EVERY_FRAMES, 3));
  for (int i = 1; i <= 9; i++) EXPECT_EQ(pair().send(), i % 3 ? VNET_TX_ADMITTED : VNET_TX_DROPPED);
  pair().run();
  EXPECT_EQ(a().stats().tx_drops[VNET_DROP_DMA_ERROR], 3u);
  check_account(pair().a(), id);
}

TEST_F(FaultTest, RingCorrupt_IsFoundCountedAndReset) {
  add(pair().b(), fault(VNET_FAULT_RING_CORRUPT, VNET_FAULT_NTH, 3));
  for (int i = 0; i < 6; i++) pair().send();
  pair().run();
  EXPECT_EQ(b().take_received().size(), 2u);
  EXPECT_EQ(rx_dropped(VNET_DROP_BAD_DESCRIPTOR), 1u);
  EXPECT_EQ(rx_dropped(VNET_DROP_STOPPED), 3u);
  EXPECT_EQ(b().stats().resets, 1u);
  EXPECT_EQ(lost(3), (Numbers{}));
  const std::vector<Notice> notices = b().take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].event, VNET_EVENT_RESET);
}

TEST_F(FaultTest, AllocFail_IsADropWithoutALeak) {
  add(pair().b(), fault(VNET_FAULT_ALLOC_FAIL, VNET_FAULT_NTH, 2, VNET_FAULT_FOR_COUNT, 3));
  EXPECT_EQ(lost(6), (Numbers{2, 3, 4}));
  EXPECT_EQ(rx_dropped(VNET_DROP_NO_MEMORY), 3u);
}

TEST_F(FaultTest, ResetFail_TheWatchdogTriesAgain_AndAStopDoesNotHang) {
  add(pair().a(), fault(VNET_FAULT_RESET_FAIL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 2));
  add(pair().a(), fault(VNET_FAULT_TX_STALL));
  send(1);
  for (int i = 0; i < 2; i++) {
    a().tx_timeout();
    pair().run();
    EXPECT_TRUE(a().stopped()) << i;
  }
  a().tx_timeout();
  pair().run();
  EXPECT_FALSE(a().stopped());
  EXPECT_EQ(lost(1), (Numbers{}));
  add(pair().a(), fault(VNET_FAULT_RESET_FAIL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, kSecond));
  add(pair().a(), fault(VNET_FAULT_TX_STALL));
  send(1);
  a().tx_timeout();
  EXPECT_TRUE(a().stopped());
  pair().a().stop();
  ASSERT_EQ(pair().a().open(), 0);
  EXPECT_EQ(lost(1), (Numbers{}));
}

TEST_F(FaultTest, ResetFail_OfARing_IsTriedAgain) {
  add(pair().b(), fault(VNET_FAULT_RESET_FAIL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 2));
  add(pair().b(), fault(VNET_FAULT_RING_CORRUPT));
  send(1);
  EXPECT_EQ(b().stats().resets, 0u);
  pair().run_for(100 * kMs);
  EXPECT_EQ(b().stats().resets, 1u);
  EXPECT_EQ(lost(3), (Numbers{}));
}

TEST_F(FaultTest, Remove_AsksTheHostOnce) {
  add(pair().a(), fault(VNET_FAULT_REMOVE, VNET_FAULT_NTH, 3));
  EXPECT_EQ(lost(2), (Numbers{}));
  pair().run_for(kMs);
  EXPECT_FALSE(pair().a().removed());
  send(2);
  pair().run_for(kMs);
  EXPECT_TRUE(pair().a().removed());
  pair().run_for(kSecond);
  pair().destroy_a();
}

TEST_F(FaultTest, SuperFrames_AreCutUpFirst) {
  add(pair().b(), fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 2));
  Frame* const frame = host.ledger.make(ethernet_frame(kMacB, kMacA, 14 + 4 * 100));
  frame->wire_frames = 4;
  frame->wire_len = 4 * 114;
  a().tx(frame, false);
  pair().run();
  EXPECT_EQ(b().take_received().size(), 3u);
  EXPECT_EQ(rx_dropped(VNET_DROP_RX_OVERRUN), 1u);
}

TEST_F(FaultTest, DeletedUnderWay_NothingIsLeft) {
  for (const u32 what : {VNET_FAULT_RX_STALL, VNET_FAULT_DMA_SLOW, VNET_FAULT_IRQ_LOST,
                         VNET_FAULT_IRQ_STORM, VNET_FAULT_LINK_FLAP}) {
    SCOPED_TRACE(what);
    make_pair({});
    sent_ = 0;
    Device& device = pair().b();
    add(device, fault(static_cast<vnet_fault_kind>(what)));
    for (int i = 0; i < 3; i++) pair().send();
    pair().run();
    EXPECT_EQ(device.delete_fault(0), 0);
    pair().run_for(2 * kMs);
    b().take_received();
    EXPECT_EQ(lost(5), (Numbers{}));
    EXPECT_EQ(b().stats().in_flight, 0u);
  }
}

}  // namespace
}  // namespace vnet::fake
