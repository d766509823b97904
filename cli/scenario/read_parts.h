// SPDX-License-Identifier: GPL-2.0-only
// The parts of read.cc.
#pragma once

#include "cli/scenario/document_reader.h"
#include "cli/scenario/read.h"

namespace vnet::cli {

class ScenarioReader {
 public:
  ScenarioReader(std::string file, FileUse use) : reader_(std::move(file)), use_(use) {}

  user::Result<Scenario> read(const Node& document);

 private:
  void read_namespaces(const Node& value);
  // read_link.cc
  void read_link(const Node& value);
  EndName read_end_name(const Node& value);
  void read_knobs(const MapReader& map, ScenarioLink& link);
  void read_addresses(const Node& value, ScenarioLink& link);
  void read_link_impair(const Node& value, ScenarioLink& link);
  void read_link_faults(const Node& value, ScenarioLink& link);
  void check_link(const ScenarioLink& link);
  // read_step.cc
  std::vector<ScenarioStep> read_steps(const Node& value, bool timeline);
  ScenarioStep read_step(const Node& value, bool timeline);
  void read_kind(const MapReader& map, ScenarioStep& step);
  void read_command(const MapReader& map, const Node& value, ScenarioStep& step);
  void read_device_step(const MapReader& map, const Node& value, ScenarioStep& step);
  void check_order(const std::vector<ScenarioStep>& steps);
  void check_stops(const std::vector<ScenarioStep>& steps);
  // read_expect.cc
  ScenarioExpect read_command_expect(const Node& value);
  ScenarioExpect read_device_expect(const Node& value);
  void read_drops(const Node& value, ScenarioExpect& expect);
  void read_counter(const Node& value, ScenarioExpect& expect);
  void read_carrier(const Node& value, ScenarioExpect& expect);
  void read_amount(const MapReader& map, const Node& value, Amount& amount);

  std::string read_netns(const Node& value);  // one of the scenario's
  EndName read_device(const Node& value);     // one of its links' ends
  // Whether the words can be read as those of `vnet OBJECT VERB`; what the host refuses is its own.
  void check_words(const Node& value, std::string_view object, std::string_view verb,
                   const Argv& words);

  DocumentReader reader_;
  FileUse use_;
  Scenario scenario_;
};

}  // namespace vnet::cli
