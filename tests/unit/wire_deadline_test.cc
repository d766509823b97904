// SPDX-License-Identifier: GPL-2.0-only
// The one deadline of a wire, that the poll asks for and, for frames that gather in the ring, the
// transmitter beside it.
#include <gtest/gtest.h>

#include <memory>

#include "core/impair/wire.h"

namespace vnet {
namespace {

constexpr u64 kEarly = 1000, kLate = 2000;

TEST(WireDeadline, ArmBy_LeavesAnEarlierOne) {
  const auto wire = std::make_unique<Wire>();
  EXPECT_TRUE(wire->arm_by(kLate)) << "there is none";
  EXPECT_FALSE(wire->arm_by(kLate));
  EXPECT_TRUE(wire->arm_by(kEarly));
  EXPECT_FALSE(wire->arm_by(kLate));
  EXPECT_EQ(wire->armed(), kEarly);
}

TEST(WireDeadline, Arm_OfThePollReplacesAnEarlierOne) {
  const auto wire = std::make_unique<Wire>();
  EXPECT_TRUE(wire->arm_by(kEarly));
  EXPECT_TRUE(wire->arm(kLate)) << "the poll has taken what gathered";
  EXPECT_FALSE(wire->arm(kLate));
  EXPECT_FALSE(wire->arm(Wire::kNever));
  EXPECT_EQ(wire->armed(), kLate);
}

// A poll that wants the early one and a transmitter that wants the late one, each a step at a time:
// every method of Wire here is one atomic operation, and the host's timer one of its own. The order
// is that of Queue::arm_wire(), gather_until() and start_deadline().
class Steps {
 public:
  explicit Steps(u64 before) : timer_(before) {
    if (before) wire_->arm(before);
  }
  void poll() { step(poll_, kEarly, poll_ == 0 && wire_->arm(kEarly)); }
  void transmit() { step(transmit_, kLate, transmit_ == 0 && wire_->arm_by(kLate)); }
  u64 timer() const { return timer_; }

 private:
  static constexpr u32 kDone = 3;

  void step(u32& at, u64 deadline, bool armed) {
    if (at == 0) {
      at = armed ? 1 : kDone;
    } else if (at == 1) {
      timer_ = deadline;
      at = 2;
    } else if (at == 2) {
      if (const u64 other = wire_->armed(); other && other < deadline) timer_ = other;
      at = kDone;
    }
  }

  const std::unique_ptr<Wire> wire_ = std::make_unique<Wire>();
  u64 timer_;
  u32 poll_ = 0, transmit_ = 0;
};

TEST(WireDeadline, EveryInterleaving_EndsAtTheEarlierOne) {
  constexpr u32 kSteps = 6;
  for (const u64 before : {u64{0}, kLate + 1}) {
    for (u32 schedule = 0; schedule < 1u << kSteps; schedule++) {
      if (__builtin_popcount(schedule) != kSteps / 2) continue;
      Steps steps(before);
      for (u32 i = 0; i < kSteps; i++) schedule >> i & 1 ? steps.poll() : steps.transmit();
      ASSERT_EQ(steps.timer(), kEarly) << "schedule " << schedule << ", before " << before;
    }
  }
}

}  // namespace
}  // namespace vnet
