// SPDX-License-Identifier: GPL-2.0-only
// What a scenario file says: docs/scenarios.md. The words of devices, impairments and faults stay
// words, those of `vnet link add`, `vnet impair` and `vnet fault`.
#pragma once

#include <vnet/types.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/scenario/document.h"

namespace vnet::cli {

using Argv = std::vector<std::string>;

// "client/v0"
struct EndName {
  std::string netns;  // as in the file; empty: the present one (`vnet save`)
  std::string device;
  std::string text() const { return netns.empty() ? device : netns + "/" + device; }
  bool operator==(const EndName&) const = default;
};

struct ScenarioEnd {
  EndName name;
  Argv knobs;  // words of `vnet link add`
  std::vector<std::string> addresses;
};

struct ScenarioLink {
  Place place;
  std::array<ScenarioEnd, 2> ends;
  std::string mode = "auto";
  std::string mtu;
  std::optional<vnet_u64> seed;
  bool up = true;
  std::optional<vnet_u64> probe_ns;
  std::array<Argv, 2> impair;  // words of `vnet impair set`, of what end a sends and receives
  std::array<std::vector<Argv>, 2> faults;  // words of `vnet fault add`, of each end
  // Which of these the file speaks of, also where it says that there are none: what it does not
  // speak of `vnet apply` leaves alone.
  struct {
    std::array<bool, 2> impair{}, faults{}, addresses{};
  } said;
};

// How much something has to be.
struct Amount {
  std::optional<vnet_u64> least, most;
  bool holds(vnet_u64 value) const {
    return (!least || value >= *least) && (!most || value <= *most);
  }
  std::string text() const;
};

struct ScenarioExpect {
  Place place;
  enum What { kCommand, kDrops, kCounter, kCarrier } what = kCommand;
  vnet_u64 within_ns = 0;

  // Of a command.
  std::optional<int> exit = 0;  // none: any
  std::vector<std::string> output, no_output;

  // Of a device.
  EndName device;
  std::string direction, reason, counter;  // an empty direction: both
  Amount amount;
  bool carrier = true;

  std::string text() const;
};

struct ScenarioStep {
  enum Kind { kRun, kStart, kStop, kFault, kImpair, kExpect, kNote };

  Place place;
  Kind kind = kNote;
  std::optional<vnet_u64> at_ns;  // none: when all steps above it have ended
  std::string netns;              // of run and start; empty: where the command was given
  std::string command;            // of run and start, for sh; a note's text
  std::string name;               // of start and stop
  EndName device;                 // of fault and impair
  Argv words;                     // the command line, `vnet fault add v0 link-flap`
  ScenarioExpect expect;          // of run and expect

  std::string text() const;  // in one line
};

struct Scenario {
  std::string file, source;
  std::string name;
  std::optional<vnet_u64> seed;
  bool ipv6 = true;
  std::vector<std::string> namespaces;
  std::vector<ScenarioLink> links;
  std::vector<ScenarioStep> setup, timeline;
};

}  // namespace vnet::cli
