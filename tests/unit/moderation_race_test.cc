// SPDX-License-Identifier: GPL-2.0-only
// Moderation at the boundary: the NAPI race with deadlines in it.
#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

// A sender's calls, a receiver's calls and deadlines in every order: each frame arrives, and the
// receiver ends unmasked, quiet and without a wait.
class ModerationRace : public PairTest, public ::testing::WithParamInterface<u32> {
 protected:
  static constexpr u32 kSchedules = 59049;  // 3^10
  static constexpr u8 kFrames = 3;

  bool step(u32 actor) {
    if (actor == 2) return b().expire();
    return actor == 0 ? sender_step() : receiver_step();
  }
  bool sender_step() {
    if (step_ == 2 * kFrames) return false;
    if (step_++ % 2 == 0)
      EXPECT_EQ(a().tx(host.ledger.make(ethernet_frame(kMacB, kMacA))), VNET_TX_ADMITTED);
    else
      a().doorbell();
    return true;
  }
  bool receiver_step() {
    if (!polling_ && !b().raised()) return false;
    polling_ = true;
    if (done_next_) {
      polling_ = b().poll_done();
      done_next_ = false;
    } else {
      done_next_ = b().poll(64) < 64;
    }
    return true;
  }

  u32 step_ = 0;
  bool polling_ = false, done_next_ = false;
};

TEST_P(ModerationRace, EveryOrderOfCalls_DeliversEverythingAndEndsUnmasked) {
  make_pair({.rx_usecs = 100, .rx_frames = GetParam()});
  for (u32 schedule = 0; schedule < kSchedules; schedule++) {
    step_ = 0;
    u32 rest = schedule;
    for (;; rest /= 3) {
      const u32 first = rest % 3;
      if (!step(first) && !step((first + 1) % 3) && !step((first + 2) % 3)) break;
    }
    ASSERT_EQ(pair().received().size(), kFrames) << "schedule " << schedule;
    ASSERT_EQ(b().reg(VNET_REG_IRQ_MASK), 0u) << "schedule " << schedule;
    ASSERT_EQ(b().reg(VNET_REG_IRQ_STATUS), 0u) << "schedule " << schedule;
    ASSERT_EQ(b().deadline(), 0u) << "schedule " << schedule;
  }
}

INSTANTIATE_TEST_SUITE_P(RxFrames, ModerationRace, ::testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace vnet::fake
