// SPDX-License-Identifier: GPL-2.0-only
// Which frames are lost. A model with a memory advances by one step a frame, so that its state is a
// function of the frames' sequence and not of time.
//
//   random     each frame by itself
//   gemodel    Gilbert (1960) and Elliott (1963): a channel that is good or bad, each with its own
//              loss; the frame meets the state, then the state changes (as netem's loss_gilb_ell())
//   burst      the same, from the rate and the mean length of bursts
//   state      four states (Salsano, Ludovici, Ordine, Giannuzzi, "Definition of a general and
//              intuitive loss model", 2012; netem's loss_4state()): the state changes, then the
//              frame meets it
//   pattern    a list of ordinals
#pragma once

#include "core/impair/draw.h"

namespace vnet {

struct LossPlan {
  u32 model = VNET_LOSS_NONE;  // never VNET_LOSS_BURST: that is compiled to VNET_LOSS_GEMODEL
  u64 p[5] = {};
  const u64* pattern = nullptr;
  u32 pattern_count = 0;
};

class LossState {
 public:
  // One frame. Call it for each, in order.
  bool step(const LossPlan& plan, const Chance& chance, u64 ordinal) {
    switch (plan.model) {
      case VNET_LOSS_NONE:
        return false;
      case VNET_LOSS_RANDOM:
        return happens(chance.draw(Stream::kLoss, ordinal).word[0], plan.p[0]);
      case VNET_LOSS_GEMODEL:
        return gilbert_elliott(plan.p, chance.draw(Stream::kLoss, ordinal));
      case VNET_LOSS_STATE:
        return four_states(plan.p, chance.draw(Stream::kLoss, ordinal).word[0]);
      default:
        return listed(plan, ordinal);
    }
  }

  // A row of a trace with a loss of its own: the model stands still.
  static bool random(u64 p, const Chance& chance, u64 ordinal) {
    return happens(chance.draw(Stream::kLoss, ordinal).word[0], p);
  }

  void reset() { state_ = 0; }
  void resume(u8 state) { state_ = state; }
  u8 state() const { return state_; }

 private:
  enum : u8 { kGood, kBad };
  bool gilbert_elliott(const u64 (&p)[5], const Block& random) {
    const bool bad = state_ == kBad;
    const bool lost = happens(random.word[0], bad ? p[2] : p[3]);
    if (happens(random.word[1], bad ? p[1] : p[0])) state_ = bad ? kGood : kBad;
    return lost;
  }

  // The models' numbers: 1 good, 2 good within a burst, 3 lost in a burst, 4 lost alone.
  enum : u8 { kReceived, kReceivedInBurst, kLostInBurst, kLostAlone };
  bool four_states(const u64 (&p)[5], u32 random) {
    const u64 p13 = p[0], p31 = p[1], p32 = p[2], p23 = p[3], p14 = p[4];
    switch (state_) {
      case kReceived:
        state_ = random < p14 ? kLostAlone : random < p14 + p13 ? kLostInBurst : kReceived;
        break;
      case kReceivedInBurst:
        state_ = random < p23 ? kLostInBurst : kReceivedInBurst;
        break;
      case kLostInBurst:
        state_ = random < p32 ? kReceivedInBurst : random < p32 + p31 ? kReceived : kLostInBurst;
        break;
      default:
        state_ = kReceived;
    }
    return state_ >= kLostInBurst;
  }

  static bool listed(const LossPlan& plan, u64 ordinal) {
    u32 low = 0, high = plan.pattern_count;
    while (low < high) {
      const u32 middle = (low + high) / 2;
      if (plan.pattern[middle] < ordinal)
        low = middle + 1;
      else
        high = middle;
    }
    return low < plan.pattern_count && plan.pattern[low] == ordinal;
  }

  u8 state_ = 0;
};

}  // namespace vnet
