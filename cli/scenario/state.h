// SPDX-License-Identifier: GPL-2.0-only
// What there is now: the links of both hosts with at least an end in a namespace that has a name,
// or in the present one.
#pragma once

#include "cli/scenario/scenario.h"
#include "cli/transport.h"

namespace vnet::cli {

struct StateLink {
  ScenarioLink link;  // namespaces as `ip netns` has them; empty: the present one
  std::array<std::vector<vnet_u32>, 2> fault_ids;  // of link.faults
  // The kernel makes these by itself: they are no part of what is saved.
  std::array<std::vector<std::string>, 2> link_local;
};

struct State {
  std::vector<StateLink> links;
  std::vector<std::string> unreachable;  // devices in a namespace without a name
};

Result<State> collect_state();
// The same link seen from its other end.
StateLink seen_from_b(const StateLink& link);

// As a file for `vnet apply`.
std::string state_text(const State& state);

}  // namespace vnet::cli
