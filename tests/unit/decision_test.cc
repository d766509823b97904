// SPDX-License-Identifier: GPL-2.0-only
// What is told of frames on an impaired wire, and what explains it again.
#include <atomic>
#include <thread>

#include "core/impair/stages.h"
#include "tests/unit/impair_pair.h"

namespace vnet::fake {
namespace {

class DecisionTest : public ImpairPair {
 protected:
  DecisionTest() { host.hears_decisions = true; }
  ~DecisionTest() override { host.hears_decisions = false; }

  std::vector<vnet_decision> told() { return b().take_decisions(); }
  Numbers frames(vnet_decision_kind what) {
    Numbers numbers;
    for (const vnet_decision& decision : all_)
      if (decision.what == what) numbers.push_back(decision.frame);
    return numbers;
  }
  void take() { all_ = told(); }
  u64 value(vnet_decision_kind what) {
    for (const vnet_decision& decision : all_)
      if (decision.what == what) return decision.value;
    return ~0ull;
  }
  u64 seed() { return pair().b().params().seed; }
  Chance chance() { return {seed(), 0, pair().b().wire_state().place << 15}; }

  std::vector<vnet_decision> all_;
};

vnet_impairment loss(u64 probability) {
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_RANDOM;
  config.loss[0] = probability;
  return config;
}

TEST_F(DecisionTest, Loss_IsToldWithItsDraw) {
  impair(loss(VNET_ALWAYS / 10));
  send(1000);
  take();
  const Numbers lost = frames(VNET_DECISION_LOST);
  EXPECT_EQ(lost.size() + arrived().size(), 1000u);
  ASSERT_GT(lost.size(), 50u);
  EXPECT_EQ(all_.size(), lost.size());
  for (const vnet_decision& decision : all_) {
    EXPECT_EQ(decision.stream, static_cast<u8>(Stream::kLoss));
    EXPECT_EQ(decision.drawn, 1);
    EXPECT_EQ(decision.draw, chance().draw(Stream::kLoss, decision.frame).word[0]);
    EXPECT_LT(decision.draw, VNET_ALWAYS / 10);
  }
}

TEST_F(DecisionTest, Nobody_IsToldNothing) {
  host.hears_decisions = false;
  impair(loss(VNET_ALWAYS));
  send(10);
  EXPECT_TRUE(told().empty());
  host.hears_decisions = true;
  send(10);
  take();
  EXPECT_EQ(frames(VNET_DECISION_LOST), (Numbers{11, 12, 13, 14, 15, 16, 17, 18, 19, 20}));
}

TEST_F(DecisionTest, PlainWire_TellsNothing) {
  send(10);
  EXPECT_TRUE(told().empty());
}

TEST_F(DecisionTest, Pattern_NeedsNoDraw) {
  impair(pattern({2, 5}));
  send(6);
  take();
  EXPECT_EQ(frames(VNET_DECISION_LOST), (Numbers{2, 5}));
  EXPECT_EQ(all_.front().drawn, 0);
}

// More than a batch in one poll.
TEST_F(DecisionTest, Burst_IsToldWholeAndInSequence) {
  impair(loss(VNET_ALWAYS));
  for (int i = 0; i < 50; i++) pair().send();
  pair().run();
  take();
  ASSERT_EQ(all_.size(), 50u);
  for (u64 i = 0; i < 50; i++) EXPECT_EQ(all_[i].frame, i + 1);
  EXPECT_EQ(b().decisions_told(), 50u);
}

TEST_F(DecisionTest, Alterations_AreToldWithWhatWasDone) {
  vnet_impairment config{};
  config.corrupt = config.truncate = config.duplicate = VNET_ALWAYS;
  config.corrupt_bits = 3;
  config.truncate_len = 40;
  impair(config);
  send(1);
  take();
  EXPECT_EQ(frames(VNET_DECISION_CORRUPTED), Numbers{1});
  EXPECT_EQ(value(VNET_DECISION_CORRUPTED), 3u);
  EXPECT_EQ(frames(VNET_DECISION_BIT_TURNED), (Numbers{1, 1, 1}));
  EXPECT_EQ(frames(VNET_DECISION_TRUNCATED), Numbers{1});
  EXPECT_EQ(value(VNET_DECISION_TRUNCATED), 40u);
  for (const vnet_decision& decision : all_) {
    const bool alters =
        decision.what == VNET_DECISION_CORRUPTED || decision.what == VNET_DECISION_TRUNCATED;
    EXPECT_EQ(decision.length, alters ? 60u : 0u) << "as it came";
  }
  EXPECT_EQ(frames(VNET_DECISION_DUPLICATED), Numbers{1});
  const Chance drawn_from = chance();
  CorruptBits bits(drawn_from, 1, 8 * 60);
  for (const vnet_decision& decision : all_)
    if (decision.what == VNET_DECISION_BIT_TURNED) {
      EXPECT_EQ(decision.value, bits.next());
    }
  b().take_received();
}

TEST_F(DecisionTest, ShortFrame_IsNotTruncated) {
  vnet_impairment config{};
  config.truncate = VNET_ALWAYS;
  config.truncate_len = 60;
  impair(config);
  send(1);
  EXPECT_TRUE(told().empty());
}

TEST_F(DecisionTest, Delay_IsToldWhenItIsDrawn) {
  impair(delay(20 * kMs));
  send(5);
  settle();
  EXPECT_TRUE(told().empty()) << "a constant delay is no decision";
  impair(delay(20 * kMs, 5 * kMs));
  send(5);
  take();
  ASSERT_EQ(frames(VNET_DECISION_DELAYED), (Numbers{6, 7, 8, 9, 10}));
  DelayPlan plan;
  plan.delay = 20 * kMs, plan.jitter = 5 * kMs;
  for (const vnet_decision& decision : all_)
    EXPECT_EQ(decision.value, plan.draw(chance(), decision.frame));
  host.advance(100 * kMs);
  pair().run();
}

TEST_F(DecisionTest, Overflow_DependsOnTime) {
  vnet_impairment config = delay(20 * kMs);
  config.limit_frames = 2;
  impair(config);
  send(3);
  take();
  ASSERT_EQ(frames(VNET_DECISION_OVERFLOW), Numbers{3});
  EXPECT_EQ(all_[0].stream, VNET_DECISION_NO_STREAM);
  EXPECT_EQ(all_[0].value, 2u);
  host.advance(100 * kMs);
  pair().run();
}

TEST_F(DecisionTest, WantOfMemory_IsTold) {
  impair(delay(20 * kMs));
  host.fail_hold.fail_nth(2);
  send(2);
  settle();
  take();
  EXPECT_EQ(frames(VNET_DECISION_NO_MEMORY), Numbers{2});
  host.advance(100 * kMs);
  pair().run();
}

// A poll that first delivers what a fault has held back numbers what the ring has as ever.
TEST_F(DecisionTest, ParkedFrames_AreCountedOnce) {
  impair(pattern({5}));
  vnet_fault slow{};
  slow.what = VNET_FAULT_DMA_SLOW;
  slow.queue = VNET_FAULT_ALL_QUEUES;
  slow.when = VNET_FAULT_NTH;
  slow.when_value = 2;
  const char* why = nullptr;
  u32 id = 0;
  ASSERT_EQ(pair().b().add_fault(slow, &id, &why), 0);
  for (int i = 0; i < 3; i++) pair().send();
  pair().run();
  for (int i = 0; i < 2; i++) pair().send();
  pair().run_for(10 * kMs);
  take();
  EXPECT_EQ(frames(VNET_DECISION_LOST), Numbers{5});
  EXPECT_EQ(b().take_received().size(), 4u);
}

// ---- what decides, for who computes it again

// The frames that a model loses from where the state says that it took over.
Numbers computed(const vnet_impairment& config, const Chance& chance, const vnet_wire_state& state,
                 u64 last) {
  const Call call(Context::kControl, nullptr);  // a plan takes memory
  int error = 0;
  Refusal why;
  Plan* const plan = Plan::compile(config, error, why);
  StageState stages;
  stages.loss.resume(static_cast<u8>(state.loss_state));
  stages.since_early = state.since_early;
  Numbers lost;
  for (u64 frame = state.after + 1; frame <= last; frame++)
    if (Pipeline::decide(*plan, chance, stages, frame).lost) lost.push_back(frame);
  vnet_host_free(plan);
  return lost;
}

TEST_F(DecisionTest, WireState_IsEnoughToComputeTheRest) {
  send(7);
  vnet_impairment config{};
  config.loss_model = VNET_LOSS_GEMODEL;
  config.loss[0] = VNET_ALWAYS / 10, config.loss[1] = VNET_ALWAYS / 3;
  config.loss[2] = VNET_ALWAYS, config.loss[3] = 0;
  impair(config);
  EXPECT_EQ(pair().b().wire_state().after, 7u);
  send(500);
  config.duplicate = VNET_ALWAYS / 100;  // another knob: the model goes on where it is
  impair(config);
  const vnet_wire_state state = pair().b().wire_state();
  EXPECT_EQ(state.after, 507u);
  EXPECT_EQ(state.frames, 507u);
  told();
  send(500);
  take();
  EXPECT_EQ(pair().b().wire_state().frames, 1007u);
  EXPECT_EQ(frames(VNET_DECISION_LOST), computed(config, chance(), state, 1007));
  b().take_received();
}

TEST_F(DecisionTest, AnotherSeed_BeginsAnotherRun) {
  impair(loss(VNET_ALWAYS));
  send(3);
  const vnet_wire_state before = pair().b().wire_state();
  vnet_params params = pair().b().params();
  params.seed = 99;
  ASSERT_EQ(pair().b().set_params(params), 0);
  EXPECT_NE(pair().b().wire_state().run, before.run);
  EXPECT_EQ(pair().b().wire_state().after, 0u);
  told();
  send(2);
  take();
  EXPECT_EQ(frames(VNET_DECISION_LOST), (Numbers{1, 2}));
  EXPECT_EQ(pair().b().wire_state().frames, 2u);
}

TEST_F(DecisionTest, Fault_BeginsNoRun) {
  impair(loss(VNET_ALWAYS));
  send(3);
  const u32 run = pair().b().wire_state().run;
  vnet_fault fault{};
  fault.what = VNET_FAULT_RX_OVERRUN;
  fault.queue = VNET_FAULT_ALL_QUEUES;
  fault.when = VNET_FAULT_NTH;
  fault.when_value = 1000;
  fault.expire = VNET_FAULT_NEVER;
  ASSERT_EQ(pair().b().add_fault(fault), 0);
  EXPECT_EQ(pair().b().wire_state().run, run);
  ASSERT_EQ(pair().b().delete_fault(0), 0);
}

TEST_F(DecisionTest, NoSuchQueue_IsRefused) {
  vnet_wire_state state;
  EXPECT_EQ(vnet_core_wire_state(pair().b().core(), 64, &state), -ENOENT);
}

// Control asks for the state while a poll decides; for TSan.
TEST_F(DecisionTest, State_IsAskedBesideThePoll) {
  impair(loss(VNET_ALWAYS / 2));
  std::atomic<bool> done{false};
  u64 last = 0;
  std::thread control([&] {
    while (!done.load(std::memory_order_relaxed)) {
      last = pair().b().wire_state().after;
      std::this_thread::yield();
    }
  });
  send(300);
  done = true;
  control.join();
  take();
  EXPECT_EQ(frames(VNET_DECISION_LOST).size() + arrived().size(), 300u);
  EXPECT_EQ(last, 0u);
}

}  // namespace
}  // namespace vnet::fake
