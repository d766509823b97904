// SPDX-License-Identifier: GPL-2.0-only
// One measurement of one direction of a link: what its wires show before and after, with traffic in
// between, its own or somebody's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/transport.h"
#include "cli/verify/lateness.h"

namespace vnet::cli {

struct TrialOptions {
  std::string device;
  vnet_u8 direction = VNET_DIRECTION_TX;
  std::optional<vnet_u64> time_ns;
  std::optional<vnet_u64> probes;      // so many
  std::optional<vnet_u64> per_second;  // or so many a second
};

// All queues' wires at one moment.
struct Moment {
  std::vector<vnet_wire_values> queues;
  double seconds = 0;  // when, by our clock
  double unsure = 0;   // and how long the asking took
};

struct Trial {
  vnet_impair_values asked{};     // what the wire is to do
  std::vector<vnet_u64> pattern;  // what it points to
  LatenessView late;              // in between
  vnet_u64 late_max = 0;          // since the device was made
  Moment before, after;
  // While a rate held frames back: two moments in between.
  std::optional<std::pair<Moment, Moment>> busy;
  vnet_u64 probes = 0;  // of ours
  size_t probe_length = 0;
  bool quiet = false;  // nothing was on the wire before and after: counts are exact
};

Result<Trial> run_trial(Transport& host, const TrialOptions& options);

}  // namespace vnet::cli
