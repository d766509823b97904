// SPDX-License-Identifier: GPL-2.0-only
// The hosts of a lab's devices: asked for their counters, told what to do, and heard when
// something happens.
#pragma once

#include <poll.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/sample.h"
#include "cli/scenario/lab.h"
#include "cli/scenario/scenario.h"

namespace vnet::cli {

class LabHosts {
 public:
  // Once all links exist.
  Failure open(const Scenario& scenario, const Lab& lab);

  // The devices of the scenario, by their names in the file.
  Result<std::map<std::string, DeviceSample>> sample();
  // Whose devices a link's are.
  Host host_of(size_t link) const { return link_hosts_[link]; }

  void append_events_to(std::vector<pollfd>& wanted) const;
  // What happened to the scenario's devices since.
  void read_events(
      const std::function<void(const vnet_event_values&, const std::string& device)>& visit);

 private:
  Failure open_of_link(const Scenario& scenario, const Lab& lab, size_t index);

  std::map<std::string, std::string> names_;  // "v0": "client/v0"
  std::vector<Host> link_hosts_;
  std::vector<std::string> asked_;  // the namespaces whose kernel devices are known already
  std::vector<std::unique_ptr<Transport>> hosts_, events_;
};

// A command line of the vnet command, run here and now in a namespace of the lab: its exit status,
// and what it said.
struct CommandResult {
  int status = 0;
  std::string text;
};
CommandResult run_here(const std::string& real_netns, const Argv& words);

}  // namespace vnet::cli
