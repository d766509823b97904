// SPDX-License-Identifier: GPL-2.0-only
// Faults of a receiver behind an impaired wire.
#include "tests/unit/fault_pair.h"

namespace vnet::fake {
namespace {

class FaultWireTest : public FaultPair {
 protected:
  u64 rx_dropped(vnet_drop reason) { return b().stats().rx_drops[reason]; }
};

// A wire without a delay does not hold what it lets pass: whoever does so behind it is the first.
TEST_F(FaultWireTest, BehindAWireThatHoldsNothing_AFrameStillSaysWhoReceivesIt) {
  impair(pattern({1000}));
  add(pair().b(), fault(VNET_FAULT_CSUM_BAD, VNET_FAULT_EVERY_FRAMES, 2));
  add(pair().b(), fault(VNET_FAULT_RX_STALL, VNET_FAULT_NTH, 3, VNET_FAULT_FOR_TIME, kMs));
  for (int i = 0; i < 4; i++) pair().send();
  pair().run_for(2 * kMs);
  EXPECT_EQ(b().take_received().size(), 4u);
}

TEST_F(FaultWireTest, DmaSlow_Deleted_TheWiresOwnDeadlineStands) {
  impair(delay(10 * kMs));
  vnet_fault config = fault(VNET_FAULT_DMA_SLOW, VNET_FAULT_NTH, 1);
  config.value = 10000 * kMs;
  const u32 id = add(pair().b(), config);
  const u64 begin = host.now();
  send(1);
  pair().run_for(5 * kMs);
  send(1);
  pair().run_for(6 * kMs);
  EXPECT_EQ(pair().b().delete_fault(id), 0);
  pair().run_for(1000 * kMs);
  const std::vector<Arrival> come = arrivals();
  ASSERT_EQ(come.size(), 2u);
  EXPECT_EQ(come[0].time, begin + 11 * kMs);
  EXPECT_EQ(come[1].time, begin + 15 * kMs);
}

// A poll takes what is due and what is in the ring: the first may empty the ring.
TEST_F(FaultWireTest, RingCorrupt_OfADueFrame_WhileOthersAreInTheRing) {
  vnet_impairment plan = pattern({5});
  plan.delay = 5 * kMs;
  impair(plan);
  add(pair().b(), fault(VNET_FAULT_RING_CORRUPT, VNET_FAULT_NTH, 1));
  pair().send();
  pair().run();
  host.advance(5 * kMs);
  for (int i = 0; i < 3; i++) pair().send();
  pair().run();
  EXPECT_EQ(rx_dropped(VNET_DROP_BAD_DESCRIPTOR), 1u);
  EXPECT_EQ(rx_dropped(VNET_DROP_STOPPED), 3u);
  host.check();
  send(2);
  pair().run_for(10 * kMs);
  EXPECT_EQ(rx_dropped(VNET_DROP_IMPAIR_LOSS), 1u);  // they were numbers 2 to 4
  EXPECT_EQ(b().take_received().size(), 1u);
}

// Whether the reset comes at once or has failed before: the sender had stopped at the full ring.
TEST_F(FaultWireTest, ARingThatIsReset_WakesTheSenderThatWaitsForRoom) {
  for (const bool fails : {false, true}) {
    make_pair({.ring_size = VNET_RING_MIN});
    impair(delay(5 * kMs));
    if (fails)
      add(pair().b(), fault(VNET_FAULT_RESET_FAIL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 2));
    add(pair().b(), fault(VNET_FAULT_RING_CORRUPT, VNET_FAULT_NTH, 1));
    pair().send();
    pair().run();
    host.advance(5 * kMs);
    while (!a().stopped()) ASSERT_EQ(pair().send(), VNET_TX_ADMITTED);
    pair().run_for(100 * kMs);
    EXPECT_EQ(b().stats().resets, 1u);
    EXPECT_FALSE(a().stopped()) << fails;
    b().take_received();
  }
}

TEST_F(FaultWireTest, IrqStorm_DoesNotModerateAWire) {
  make_pair({.rx_usecs = VNET_RX_USECS_MAX});
  impair(delay(5 * kMs));
  add(pair().b(), fault(VNET_FAULT_IRQ_STORM));
  const u64 begin = host.now();
  send(1);
  pair().run_for(20 * kMs);
  const std::vector<Arrival> come = arrivals();
  ASSERT_EQ(come.size(), 1u);
  EXPECT_LT(come[0].time, begin + 5 * kMs + kMs / 10);
}

}  // namespace
}  // namespace vnet::fake
