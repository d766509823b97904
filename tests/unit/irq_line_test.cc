// SPDX-License-Identifier: GPL-2.0-only
#include "core/irq_line.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

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

// The same with moderation, and a timer as the third: one frame waits, two are served at once. The
// poller's order is that of Queue::poll_done(), the producer's that of Queue::doorbell().
class DeferredSteps {
 public:
  DeferredSteps() {
    ring_.init(slots_, 4);
    line_.reset(false);
  }
  enum Actor { kProducer, kPoller, kTimer, kActors };

  bool can_step(u32 actor) const {
    if (actor == kProducer) return pushed_ < kFrames || producer_ != Producer::kPush;
    return actor == kPoller ? poller_ != Poller::kIdle || told_ : armed_;
  }
  void step(u32 actor) {
    if (actor == kProducer) return producer_step();
    if (actor == kPoller) return poller_step();
    if (!can_step(kProducer) && !can_step(kPoller)) {
      EXPECT_LT(ring_.size(), kLimit) << "frames wait that may not";
    }
    armed_ = false;
    told_if(line_.expire());
  }
  using State = std::array<u32, 7>;
  State state() const {
    u32 line;
    static_assert(sizeof(line) == sizeof(line_));
    std::memcpy(&line, &line_, sizeof(line));
    return {line,
            static_cast<u32>(producer_),
            static_cast<u32>(poller_),
            u32{armed_},
            u32{told_},
            pushed_,
            popped_};
  }
  void expect_served() const {
    EXPECT_EQ(popped_, kFrames) << "an interrupt was lost";
    EXPECT_EQ(line_.status(), 0u);
    EXPECT_FALSE(line_.masked());
  }

 private:
  static constexpr u32 kFrames = 4, kLimit = 2;
  enum class Producer { kPush, kLook, kRaise, kDefer, kArm };
  enum class Poller { kIdle, kAck, kPop, kUnmask, kDefer, kLook, kArm, kExpire };

  // While the poller looks and arms the line is unmasked: the host polls afterwards.
  void told_if(bool told) {
    if (!told) return;
    EXPECT_TRUE(poller_ == Poller::kIdle || poller_ >= Poller::kLook) << "during a poll";
    EXPECT_FALSE(told_) << "twice";
    told_ = true;
  }
  void producer_step() {
    switch (producer_) {
      case Producer::kPush:
        EXPECT_TRUE(ring_.push(pushed_++));
        producer_ = Producer::kLook;
        break;
      case Producer::kLook:
        producer_ = ring_.size() < kLimit ? Producer::kDefer : Producer::kRaise;
        break;
      case Producer::kRaise:
        producer_ = Producer::kPush;
        told_if(line_.raise(VNET_IRQ_RX));
        break;
      case Producer::kDefer:
        producer_ = line_.defer(VNET_IRQ_RX) ? Producer::kArm : Producer::kPush;
        break;
      case Producer::kArm:
        armed_ = true;
        producer_ = Producer::kPush;
        break;
    }
  }
  void poller_step() {
    u32 value;
    switch (poller_) {
      case Poller::kIdle:
        told_ = false;
        [[fallthrough]];
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
        poller_ = line_.unmask() ? Poller::kIdle : Poller::kDefer;
        break;
      case Poller::kDefer:
        poller_ = line_.unmask_deferred(VNET_IRQ_RX) ? Poller::kLook : Poller::kAck;
        break;
      default:
        return poller_defers();
    }
  }
  void poller_defers() {
    switch (poller_) {
      case Poller::kLook:
        poller_ = ring_.size() < kLimit ? Poller::kArm : Poller::kExpire;
        break;
      case Poller::kArm:
        armed_ = true;
        poller_ = Poller::kIdle;
        break;
      default:
        poller_ = line_.expire() ? Poller::kAck : Poller::kIdle;
        EXPECT_FALSE(poller_ == Poller::kAck && told_) << "told and polled again as well";
    }
  }

  IrqLine line_;
  Ring<u32> ring_;
  u32 slots_[4] = {};
  Producer producer_ = Producer::kPush;
  Poller poller_ = Poller::kIdle;
  bool armed_ = false, told_ = false;
  u32 pushed_ = 0, popped_ = 0;
};

// Every state that any order of steps reaches, each once. A state is reached again by its path: the
// line is not for copying.
TEST(IrqLine, EveryInterleavingWithDeadlines_ServesEveryFrameAndLetsOnlyFewWait) {
  std::set<DeferredSteps::State> seen;
  std::vector<std::vector<u32>> paths{{}};
  u32 ends = 0;
  while (!paths.empty() && !testing::Test::HasFailure()) {
    const std::vector<u32> path = std::move(paths.back());
    paths.pop_back();
    DeferredSteps steps;
    for (const u32 actor : path) steps.step(actor);
    if (!seen.insert(steps.state()).second) continue;
    const size_t before = paths.size();
    for (u32 actor = 0; actor < DeferredSteps::kActors; actor++) {
      if (!steps.can_step(actor)) continue;
      paths.push_back(path);
      paths.back().push_back(actor);
    }
    if (paths.size() != before) continue;
    ends++;
    steps.expect_served();
  }
  EXPECT_GT(ends, 0u);
  EXPECT_GT(seen.size(), 500u);
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
