// SPDX-License-Identifier: GPL-2.0-only
// What happened in a run: for its report. Times are nanoseconds since time 0; what was set up
// before is negative.
#pragma once

#include <vnet/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/sample.h"
#include "cli/scenario/scenario.h"

namespace vnet::cli {

// Before a run's time 0 they are negative.
using RunTime = long long;

struct History {
  // Something that changed, and may have lasted.
  struct Mark {
    enum Kind { kFault, kImpair, kLink, kCommand, kNote } kind;
    RunTime from_ns, to_ns;
    std::string device;  // "client/v0"; of a command empty
    std::string text;
  };
  struct Command {
    RunTime from_ns, to_ns;
    std::string where, command, output;
    std::optional<int> status;  // none: it was not over
    bool background;
  };
  struct Outcome {
    Place place;
    RunTime at_ns;
    std::string expected, found;
    bool met;
  };
  // A device's counters at one moment.
  struct Reading {
    vnet_u64 rx_bytes, rx_frames;
    std::map<DropKind, vnet_u64> drops;
  };
  struct Point {
    RunTime at_ns;
    std::map<std::string, Reading> devices;
  };
  struct Echo {
    RunTime sent_ns;
    std::optional<vnet_u64> round_trip_ns;  // none: no answer came
  };

  std::vector<Mark> marks;
  std::vector<Command> commands;
  std::vector<Outcome> outcomes;
  std::vector<Point> points;
  std::map<size_t, std::vector<Echo>> echoes;  // by link
  std::vector<std::string> hosts;              // by link: "kernel", "user"
  RunTime end_ns = 0;
  std::string begun;  // the date and time of time 0, in UTC
  bool interrupted = false;
  user::Failure log_failure;  // from which on it was not written

  size_t met() const;
  bool passed() const { return !interrupted && met() == outcomes.size(); }
};

}  // namespace vnet::cli
