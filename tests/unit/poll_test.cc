// SPDX-License-Identifier: GPL-2.0-only
// Interrupt, poll and poll_done at the boundary: the NAPI race in every order of calls.
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

using PollTest = PairTest;

Bytes numbered(u8 number) {
  return ethernet_frame(kMacB, kMacA, 60, number);
}

TEST_F(PollTest, Doorbell_RaisesTheReceiversInterruptOnce) {
  a().send(numbered(1));
  EXPECT_TRUE(b().raised());
  a().send(numbered(2));
  a().send(numbered(3));
  EXPECT_EQ(b().irqs(), 1u);
  EXPECT_EQ(b().serve(), 3u);
}

TEST_F(PollTest, Tx_WithoutDoorbellRaisesNothing) {
  EXPECT_EQ(a().tx(host.ledger.make(numbered(1))), VNET_TX_ADMITTED);
  EXPECT_EQ(b().irqs(), 0u);
  a().doorbell();
  EXPECT_EQ(b().irqs(), 1u);
  pair().run();
  EXPECT_EQ(pair().received().size(), 1u);
}

TEST_F(PollTest, Doorbell_WithoutFramesIsSilent) {
  a().doorbell();
  EXPECT_EQ(b().irqs(), 0u);
  pair().send();
  pair().run();
  a().doorbell();
  EXPECT_EQ(b().irqs(), 1u);
}

TEST_F(PollTest, Poll_TakesAtMostTheBudgetInOrder) {
  for (u8 i = 0; i < 10; i++) a().send(numbered(i));
  EXPECT_EQ(b().poll(4), 4u);
  EXPECT_EQ(b().poll(4), 4u);
  EXPECT_EQ(b().poll(4), 2u);
  EXPECT_FALSE(b().poll_done());
  const auto received = pair().received();
  ASSERT_EQ(received.size(), 10u);
  for (u8 i = 0; i < 10; i++) EXPECT_EQ(received[i].bytes, numbered(i));
}

TEST_F(PollTest, Poll_WithBudgetZeroTakesNothing) {
  pair().send();
  EXPECT_EQ(b().poll(0), 0u);
  EXPECT_EQ(b().stats().in_flight, 1u);
  EXPECT_EQ(b().serve(), 1u);
}

TEST_F(PollTest, Poll_WithNothingToDoReturnsAnEmptyList) {
  EXPECT_EQ(b().poll(), 0u);
  EXPECT_FALSE(b().poll_done());
  EXPECT_EQ(b().stats().polls, 1u);
}

TEST_F(PollTest, PollDone_ReportsFrameThatArrivedWhileMasked) {
  pair().send();
  EXPECT_EQ(b().poll(), 1u);
  pair().send();  // no interrupt: the line is masked
  EXPECT_EQ(b().irqs(), 1u);
  EXPECT_TRUE(b().poll_done());
  EXPECT_EQ(b().poll(), 1u);
  EXPECT_FALSE(b().poll_done());
  EXPECT_EQ(b().irqs(), 1u);
}

TEST_F(PollTest, PollDone_UnmasksForTheNextInterrupt) {
  for (u64 i = 1; i <= 5; i++) {
    pair().send();
    EXPECT_EQ(b().irqs(), i);
    EXPECT_EQ(b().serve(), 1u);
  }
}

TEST_F(PollTest, PollDone_DoesNotReportAFrameThatThePollTook) {
  pair().send();
  pair().send();
  EXPECT_EQ(b().poll(), 2u);
  EXPECT_FALSE(b().poll_done());
}

TEST_F(PollTest, BusyPoll_WithoutInterruptTakesFramesAndUnmasksAfterwards) {
  EXPECT_EQ(a().tx(host.ledger.make(numbered(1))), VNET_TX_ADMITTED);
  EXPECT_EQ(b().poll(), 1u);
  a().doorbell();  // late: its frame is gone already
  EXPECT_EQ(b().irqs(), 0u);
  EXPECT_TRUE(b().poll_done());
  EXPECT_EQ(b().poll(), 0u);
  EXPECT_FALSE(b().poll_done());
  pair().send();
  EXPECT_EQ(b().irqs(), 1u);
  pair().run();
}

TEST_F(PollTest, TxIrq_OptionInterruptsTheSenderPerBatch) {
  make_pair({.tx_irq = true});
  for (u8 i = 0; i < 5; i++) a().tx(host.ledger.make(numbered(i)));
  a().doorbell();
  EXPECT_EQ(b().serve(), 5u);
  EXPECT_TRUE(a().raised());
  EXPECT_EQ(a().reg(VNET_REG_IRQ_STATUS), VNET_IRQ_TX);
  EXPECT_EQ(a().serve(), 0u);
  EXPECT_EQ(a().stats().tx_irqs, 1u);
  EXPECT_EQ(a().stats().rx_irqs, 0u);
  EXPECT_EQ(b().stats().rx_irqs, 1u);
}

TEST_F(PollTest, WithoutTxIrq_TheSenderIsLeftAlone) {
  for (int i = 0; i < 5; i++) pair().send();
  EXPECT_EQ(b().serve(), 5u);
  EXPECT_EQ(a().irqs(), 0u);
}

// The guide's order: first the receiver's interrupt, then the sender's "transmit done".
TEST_F(PollTest, TxIrq_ComesAfterTheReceiversInterrupt) {
  make_pair({.tx_irq = true});
  pair().send();
  EXPECT_TRUE(b().raised());
  EXPECT_FALSE(a().raised());
  b().poll();
  EXPECT_TRUE(a().raised());
  b().poll_done();
  pair().run();
}

// A sender's calls and a receiver's calls in every order: whatever the order, each frame arrives
// and the receiver ends unmasked and quiet. `budget` 1 makes polls end early.
class PollRace : public PairTest, public ::testing::WithParamInterface<u32> {
 protected:
  static constexpr u32 kChoices = 11;
  static constexpr u8 kFrames = 3;

  bool sender_step() {
    if (step_ == 2 * kFrames) return false;
    if (step_ % 2 == 0)
      EXPECT_EQ(a().tx(host.ledger.make(numbered(1))), VNET_TX_ADMITTED);
    else
      a().doorbell();
    step_++;
    return true;
  }

  bool receiver_step() {
    if (!polling_ && !b().raised()) return false;
    polling_ = true;
    if (done_next_) {
      polling_ = b().poll_done();
      done_next_ = false;
    } else {
      done_next_ = b().poll(GetParam()) < GetParam();
    }
    return true;
  }

  u32 step_ = 0;
  bool polling_ = false, done_next_ = false;
};

TEST_P(PollRace, EveryOrderOfCalls_DeliversEverythingAndEndsUnmasked) {
  for (u32 schedule = 0; schedule < 1u << kChoices; schedule++) {
    step_ = 0;
    for (u32 choice = 0;; choice++) {
      const bool sender_first = choice >= kChoices || schedule >> choice & 1;
      if (sender_first ? sender_step() || receiver_step() : receiver_step() || sender_step())
        continue;
      break;
    }
    ASSERT_EQ(pair().received().size(), kFrames) << "schedule " << schedule;
    ASSERT_EQ(b().reg(VNET_REG_IRQ_MASK), 0u) << "schedule " << schedule;
    ASSERT_EQ(b().reg(VNET_REG_IRQ_STATUS), 0u) << "schedule " << schedule;
  }
  host.check();
}

INSTANTIATE_TEST_SUITE_P(Budgets, PollRace, ::testing::Values(1, 2, 64));

}  // namespace
}  // namespace vnet::fake
