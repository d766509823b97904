// SPDX-License-Identifier: GPL-2.0-only
// From the state that is there to the one of a file, by the commands that somebody would type.
#pragma once

#include "cli/scenario/state.h"

namespace vnet::cli {

struct StateChange {
  std::string netns;      // empty: the present one
  Argv argv;              // "vnet" or "ip" and its words, without the namespace
  Argv in_place() const;  // with the namespace
  std::string line() const;
};

// What is to be done, in order; empty: nothing. A knob that cannot be changed any more is an error.
Result<std::vector<StateChange>> changes_to(const Scenario& wanted, const State& present);
// Does it, and says what went wrong.
Failure do_change(const StateChange& change);

}  // namespace vnet::cli
