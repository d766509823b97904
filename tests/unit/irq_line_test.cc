// SPDX-License-Identifier: GPL-2.0-only
#include "core/irq_line.h"

#include <gtest/gtest.h>

#include <atomic>

#include "core/ring.h"
#include "tests/unit/threads.h"

namespace vnet {
namespace {

TEST(IrqLine, NewLine_IsMaskedAndQuiet) {
  IrqLine line;
  EXPECT_TRUE(line.masked());
  EXPECT_EQ(line.status(), 0u);
  EXPECT_FALSE(line.raise(VNET_IRQ_RX));
}

TEST(IrqLine, Raise_TellsTheHostOnceUntilItPolled) {
  IrqLine line;
  line.reset(false);
  EXPECT_TRUE(line.raise(VNET_IRQ_RX));
  EXPECT_TRUE(line.masked());
  EXPECT_FALSE(line.raise(VNET_IRQ_RX));
  EXPECT_FALSE(line.raise(VNET_IRQ_TX));
  EXPECT_EQ(line.status(), VNET_IRQ_RX | VNET_IRQ_TX);
}

TEST(IrqLine, Ack_TakesTheCausesAndKeepsTheMask) {
  IrqLine line;
  line.reset(false);
  line.raise(VNET_IRQ_TX);
  EXPECT_EQ(line.ack(), VNET_IRQ_TX);
  EXPECT_EQ(line.ack(), 0u);
  EXPECT_TRUE(line.masked());
}

TEST(IrqLine, Unmask_RefusesWhileACauseIsPending) {
  IrqLine line;
  line.reset(false);
  line.raise(VNET_IRQ_RX);
  line.ack();
  EXPECT_FALSE(line.raise(VNET_IRQ_RX));
  EXPECT_FALSE(line.unmask());
  EXPECT_TRUE(line.masked());
  EXPECT_EQ(line.ack(), VNET_IRQ_RX);
  EXPECT_TRUE(line.unmask());
  EXPECT_FALSE(line.masked());
  EXPECT_TRUE(line.raise(VNET_IRQ_RX));
}

TEST(IrqLine, Reset_ForgetsPendingCauses) {
  IrqLine line;
  line.reset(false);
  line.raise(VNET_IRQ_RX);
  line.reset(true);
  EXPECT_EQ(line.status(), 0u);
  EXPECT_TRUE(line.masked());
}

TEST(IrqLine, Defer_TellsNobodyUntilItExpires) {
  IrqLine line;
  line.reset(false);
  EXPECT_TRUE(line.defer(VNET_IRQ_RX));
  EXPECT_FALSE(line.masked());
  EXPECT_EQ(line.status(), VNET_IRQ_RX);
  EXPECT_FALSE(line.defer(VNET_IRQ_RX)) << "a second deadline";
  EXPECT_TRUE(line.expire());
  EXPECT_TRUE(line.masked());
  EXPECT_FALSE(line.expire());
  EXPECT_EQ(line.ack(), VNET_IRQ_RX);
}

TEST(IrqLine, Expire_WithoutADeferralDoesNothing) {
  IrqLine line;
  EXPECT_FALSE(line.expire()) << "masked";
  line.reset(false);
  EXPECT_FALSE(line.expire()) << "idle";
  EXPECT_FALSE(line.masked());
}

TEST(IrqLine, Raise_EndsADeferralAndTakesItsCausesAlong) {
  IrqLine line;
  line.reset(false);
  line.defer(VNET_IRQ_RX);
  EXPECT_TRUE(line.raise(VNET_IRQ_TX));
  EXPECT_FALSE(line.expire());
  EXPECT_EQ(line.ack(), VNET_IRQ_RX | VNET_IRQ_TX);
  EXPECT_TRUE(line.unmask());
  EXPECT_FALSE(line.expire());
}

TEST(IrqLine, Defer_OfAMaskedLineIsFoundByUnmask) {
  IrqLine line;
  line.reset(false);
  line.raise(VNET_IRQ_RX);
  line.ack();
  EXPECT_FALSE(line.defer(VNET_IRQ_RX));
  EXPECT_FALSE(line.expire());
  EXPECT_FALSE(line.unmask());
  EXPECT_TRUE(line.unmask_deferred(VNET_IRQ_RX));
  EXPECT_FALSE(line.masked());
  EXPECT_TRUE(line.expire());
}

TEST(IrqLine, UnmaskDeferred_RefusesWhatMayNotWait) {
  IrqLine line;
  line.reset(false);
  line.raise(VNET_IRQ_RX);
  line.ack();
  line.raise(VNET_IRQ_TX | VNET_IRQ_RX);
  EXPECT_FALSE(line.unmask_deferred(VNET_IRQ_RX));
  EXPECT_TRUE(line.masked());
}

// A producer that pushes and raises, and a poller, each one atomic step at a time: every method
// here is one atomic operation on shared state, so the schedules below are all the interleavings
// there are.
class Steps {
 public:
  Steps() {
    ring_.init(slots_, 4);
    line_.reset(false);
  }

  bool producer_can_step() const { return pushed_ < kFrames || raise_due_; }
  void producer_step() {
    if (raise_due_) {
      if (line_.raise(VNET_IRQ_RX)) {
        EXPECT_EQ(poller_, Poller::kIdle) << "an interrupt during a poll";
        poller_ = Poller::kAck;
      }
      raise_due_ = false;
    } else {
      EXPECT_TRUE(ring_.push(pushed_++));
      raise_due_ = true;
    }
  }

  bool poller_can_step() const { return poller_ != Poller::kIdle; }
  void poller_step() {
    u32 value;
    switch (poller_) {
      case Poller::kIdle:
        break;
      case Poller::kAck:
        line_.ack();
        poller_ = Poller::kPop;
        break;
      case Poller::kPop:
        if (ring_.pop(value))
          EXPECT_EQ(value, popped_++);
        else
          poller_ = Poller::kUnmask;
        break;
      case Poller::kUnmask:
        // Before the step: an interrupt may come as soon as it is made.
        poller_ = line_.unmask() ? Poller::kIdle : Poller::kAck;
        break;
    }
  }

  void expect_served() const {
    EXPECT_EQ(popped_, kFrames);
    EXPECT_EQ(line_.status(), 0u);
    EXPECT_FALSE(line_.masked());
  }

 private:
  static constexpr u32 kFrames = 3;
  enum class Poller { kIdle, kAck, kPop, kUnmask };
  IrqLine line_;
  Ring<u32> ring_;
  u32 slots_[4] = {};
  Poller poller_ = Poller::kIdle;
  bool raise_due_ = false;
  u32 pushed_ = 0, popped_ = 0;
};

TEST(IrqLine, EveryInterleaving_ServesEveryFrameAndEndsUnmasked) {
  constexpr u32 kChoices = 16;  // more than the steps that both can take
  for (u32 schedule = 0; schedule < 1u << kChoices; schedule++) {
    Steps steps;
    for (u32 choice = 0; steps.producer_can_step() || steps.poller_can_step(); choice++) {
      const bool wants_producer = choice < kChoices && schedule >> choice & 1;
      if (steps.producer_can_step() && (wants_producer || !steps.poller_can_step()))
        steps.producer_step();
      else
        steps.poller_step();
    }
    steps.expect_served();
    if (testing::Test::HasFailure()) FAIL() << "schedule " << schedule;
  }
}

// Two raises in a row: the second one meets the poll that the first one started. None may be lost.
TEST(IrqLine, Threads_ServeEveryRaise) {
  IrqLine line;
  line.reset(false);
  std::atomic<bool> told{false};
  std::atomic<u32> published{0}, seen{0};
  const u32 count = test::scaled(200000);
  const test::Deadline deadline;
  test::Threads threads;
  threads.add([&] {
    while (seen < count && deadline.ahead()) {
      if (!told.exchange(false)) {
        std::this_thread::yield();
        continue;
      }
      do {
        line.ack();
        seen = published.load();
      } while (!line.unmask());
    }
  });
  for (u32 i = 0; i < count && deadline.ahead(); i++) {
    published = i + 1;
    if (line.raise(VNET_IRQ_RX)) told = true;
    if (i % 2 == 0) continue;
    while (seen < i + 1 && deadline.ahead()) std::this_thread::yield();
  }
  threads.join();
  EXPECT_EQ(seen, count) << "a raise was lost";
}

}  // namespace
}  // namespace vnet
