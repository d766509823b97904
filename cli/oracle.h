// SPDX-License-Identifier: GPL-2.0-only
// What a wire decides about a frame, computed by the core's own functions: a decision is a function
// of seed, place, settings and the frame's number, so whoever knows these needs no host.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/impair_words.h"
#include "core/impair/stages.h"

namespace vnet::cli {

// From where on a wire has decided by its settings, and what it remembered then.
struct WireStart {
  vnet_u64 seed = 0;
  vnet_u32 place = 0;  // direction of the contract << 15 | queue
  vnet_u64 after = 0;  // the last frame before
  vnet_u32 loss_state = 0, since_early = 0;
};

// What one stream gave.
struct StreamVerdict {
  Stream stream;
  std::optional<vnet_u64> draw;
  std::optional<vnet_u64> threshold;  // it happens below this
  bool happens = false;
  std::optional<vnet_u64> value;  // of a delay: ns; of corrupt_bit: which bit, if it is known
  std::string note;
};
struct FrameVerdict {
  Fate fate;
  std::vector<StreamVerdict> streams;
};

class Oracle {
 public:
  // The settings are copied.
  static Result<std::unique_ptr<Oracle>> make(const vnet_impair_values& settings,
                                              const WireStart& start);
  ~Oracle();

  // Of a frame behind start.after. Of models that remember, every frame before it is gone through:
  // an error if that would take too long, or if it is not behind the frames asked for before.
  // Which bits turn, and whether it is cut, depends on its length on the wire, if that is known.
  Result<FrameVerdict> decide(vnet_u64 frame, std::optional<vnet_u32> length = {});
  // Of the frame behind the last one that was asked for, without why.
  Fate next();

  const Plan& plan() const { return *plan_; }

 private:
  Oracle(Plan* plan, const WireStart& start);
  bool remembers() const;
  std::vector<StreamVerdict> streams(vnet_u64 frame, const StageState& before, const Fate& fate,
                                     std::optional<vnet_u32> length) const;
  void add_bits(std::vector<StreamVerdict>& all, vnet_u64 frame,
                std::optional<vnet_u32> length) const;
  StreamVerdict loss(vnet_u64 frame, const StageState& before, const Fate& fate) const;

  Plan* const plan_;
  const Chance chance_;
  StageState state_;
  vnet_u64 last_;  // the frame that state_ is behind
};

// "loss", "corrupt_bit", as the log has it.
std::string stream_word(Stream stream);

// The settings that `words` say, as impairment_text() has written them.
Failure read_settings(const std::string& words, Impairment& impairment);
// Those of a log, for the oracle: of match and trace, and of a table that cannot be read any more,
// only that there were some.
Failure read_past_settings(const std::string& words, Impairment& impairment);

}  // namespace vnet::cli
