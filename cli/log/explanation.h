// SPDX-License-Identifier: GPL-2.0-only
// What befell a frame, and by which stream: computed from what decides, and found in a log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/log/log_reader.h"
#include "cli/oracle.h"

namespace vnet::cli {

struct Question {
  std::string device, direction = "tx";
  vnet_u32 queue = 0;
  vnet_u64 frame = 0;
  std::optional<vnet_u32> length;  // the frame's, on the wire; a log may know it
};

struct Explanation {
  Question question;
  enum When { kPast, kPredicted, kBefore } when = kPast;  // kBefore: other settings decided of it
  vnet_u64 seed = 0, after = 0, frames = 0;
  std::string settings;
  FrameVerdict verdict;            // unless kBefore
  std::vector<std::string> notes;  // what the computation does not know
  bool with_log = false;
  std::vector<Json> lines;   // of the log, about the frame
  std::vector<Json> hits;    // faults that met the frame, with their "words"
  std::vector<Json> faults;  // others that fired between the frames before and behind it
};

// By the answer to impair-get with a queue.
Result<Explanation> explain(const Question& question, const vnet_impair_values& values);
// By a log, of its last run that has the frame.
Result<Explanation> explain(const Question& question, const Log& log);

// "lost", "corrupted", ...; none: it passed as it was.
std::vector<std::string> outcome(const Explanation& explanation);
std::string to_text(const Explanation& explanation);
Json to_json(const Explanation& explanation);

}  // namespace vnet::cli
