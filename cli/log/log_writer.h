// SPDX-License-Identifier: GPL-2.0-only
// A log of a run (docs/log.md): JSON lines, written as it happens. `vnet monitor --log` and the
// scenarios write one; recorders put into it what the hosts tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/output_file.h"

namespace vnet::cli {

// What a log of a scenario begins with, so that it can be played again.
struct LoggedScenario {
  std::string text, file, seed;
};

class LogWriter {
 public:
  // Empties the file; "-" is stdout.
  static Result<LogWriter> open(const std::string& path,
                                std::optional<LoggedScenario> scenario = {});

  // A link that is recorded from here on: before begin() it stands in the header.
  Failure add_link(Json link);
  // The header. The log's time begins here.
  Failure begin();
  bool has_begun() const { return started_ != 0; }

  // A line: `fields` behind the time at which it happened.
  void add(vnet_u64 realtime, const Json& fields);
  // The same with fields that are JSON already, without braces.
  void add_text(vnet_u64 realtime, const std::string& fields);
  // Writes what was added.
  Failure flush();

  const OutputFile& file() const { return file_; }

 private:
  LogWriter(OutputFile file, std::optional<LoggedScenario> scenario)
      : file_(std::move(file)), scenario_(std::move(scenario)) {}

  OutputFile file_;
  std::optional<LoggedScenario> scenario_;
  Json links_ = Json::array();
  vnet_u64 started_ = 0;
  std::string pending_;
};

}  // namespace vnet::cli
