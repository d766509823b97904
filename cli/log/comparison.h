// SPDX-License-Identifier: GPL-2.0-only
// Two logs of what should be the same run: where they first differ, stream by stream. What depends
// on time is counted apart.
#pragma once

#include <string>
#include <vector>

#include "cli/log/log_reader.h"

namespace vnet::cli {

struct Difference {
  std::string where;              // "v0 tx queue 0", "v1 fault 1"
  std::string stream;             // "loss"; also "settings", "seed", "fault"
  std::string text;               // "frame 41: a.jsonl:2 lost, b.jsonl nothing"
  size_t a_line = 0, b_line = 0;  // 0: it has none
  size_t more = 0;                // differences of the same stream behind it
};

struct Comparison {
  std::vector<Difference> differences;  // the first of each stream
  size_t compared = 0;                  // decisions that both have
  size_t a_timing = 0, b_timing = 0;    // decisions that depend on time
  // Of frames that only one log had, or that came before a change of settings in one log and
  // behind it in the other.
  size_t apart = 0;
  bool equal() const { return differences.empty(); }
};

Comparison compare(const Log& a, const Log& b);

// Why nothing can be said of equality: a recorder missed something. Empty: it did not.
std::string incompleteness(const Log& log);

}  // namespace vnet::cli
