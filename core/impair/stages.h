// SPDX-License-Identifier: GPL-2.0-only
// What becomes of a frame: one decision after another, each from a stream of its own and none from
// what another has decided.
#pragma once

#include "core/impair/plan.h"

namespace vnet {

// The decisions about one frame.
struct Fate {
  u64 delay = 0;
  bool lost = false, duplicate = false, corrupt = false, truncate = false;
  bool early = false;  // not delayed: it overtakes
};

// What decisions remember from frame to frame: a function of the frames' sequence.
struct StageState {
  LossState loss;
  u32 since_early = 0;            // frames since the last that was sent ahead
  const TraceRow* row = nullptr;  // in force; null: no trace
};

// One frame, seen by all stages.
struct Decision {
  const Plan& plan;
  const Chance& chance;
  const u64 ordinal;
  bool draw(Stream stream, u64 probability) const {
    return probability && happens(chance.draw(stream, ordinal).word[0], probability);
  }
};

struct LossStage {
  static void decide(const Decision& d, StageState& state, Fate& fate) {
    if (state.row && state.row->loss != VNET_TRACE_KEEP)
      fate.lost = LossState::random(state.row->loss, d.chance, d.ordinal);
    else
      fate.lost = state.loss.step(d.plan.loss, d.chance, d.ordinal);
  }
};

struct DuplicateStage {
  static void decide(const Decision& d, StageState&, Fate& fate) {
    fate.duplicate = d.draw(Stream::kDuplicate, d.plan.config.duplicate);
  }
};

struct CorruptStage {
  static void decide(const Decision& d, StageState&, Fate& fate) {
    fate.corrupt = d.draw(Stream::kCorrupt, d.plan.config.corrupt);
  }
};

struct TruncateStage {
  static void decide(const Decision& d, StageState&, Fate& fate) {
    fate.truncate = d.draw(Stream::kTruncate, d.plan.config.truncate);
  }
};

// As netem: of every `gap` frames the last may go without delay. Also a frame that is lost counts,
// so that losses change nothing here. RFC 4737 has the words for what comes of it.
struct ReorderStage {
  static void decide(const Decision& d, StageState& state, Fate& fate) {
    if (!d.plan.config.reorder) return;
    if (++state.since_early < d.plan.config.reorder_gap) return;
    fate.early = d.draw(Stream::kReorder, d.plan.config.reorder);
    if (fate.early) state.since_early = 0;
  }
};

struct DelayStage {
  static void decide(const Decision& d, StageState& state, Fate& fate) {
    if (state.row && state.row->delay != VNET_TRACE_KEEP)
      fate.delay = d.plan.delay.jitter ? d.plan.delay.draw(state.row->delay, d.chance, d.ordinal)
                                       : state.row->delay;
    else
      fate.delay = d.plan.delay.draw(d.chance, d.ordinal);
    if (fate.early) fate.delay = 0;
  }
};

template <class... Stage>
struct Stages {
  static Fate decide(const Plan& plan, const Chance& chance, StageState& state, u64 ordinal) {
    const Decision decision{plan, chance, ordinal};
    Fate fate;
    (Stage::decide(decision, state, fate), ...);
    return fate;
  }
};

// What few wires do: the others pay one branch for all of it.
template <class... Stage>
struct AlteringStages {
  static void decide(const Decision& d, StageState& state, Fate& fate) {
    if (d.plan.alters) (Stage::decide(d, state, fate), ...);
  }
};

using Pipeline = Stages<LossStage, AlteringStages<DuplicateStage, CorruptStage, TruncateStage>,
                        ReorderStage, DelayStage>;

// The i-th of the bits to be turned in a frame of `bits` bits. Several are different ones: a bit
// that has been taken gives way to the next that is free.
class CorruptBits {
 public:
  CorruptBits(const Chance& chance, u64 ordinal, u64 bits)
      : chance_(chance), ordinal_(ordinal), bits_(bits) {}

  u64 next() {
    if (count_ % 2 == 0) block_ = chance_.draw(Stream::kCorruptBit, ordinal_, count_ / 2);
    u64 bit = scaled(block_.wide(count_ % 2 * 2), bits_);
    while (taken(bit)) bit = bit + 1 == bits_ ? 0 : bit + 1;
    return chosen_[count_++] = bit;
  }

 private:
  bool taken(u64 bit) const {
    for (u32 i = 0; i < count_; i++)
      if (chosen_[i] == bit) return true;
    return false;
  }

  const Chance& chance_;
  const u64 ordinal_, bits_;
  Block block_{};
  u32 count_ = 0;
  u64 chosen_[VNET_CORRUPT_BITS_MAX];
};

}  // namespace vnet
