// SPDX-License-Identifier: GPL-2.0-only
// Tells what happens while it does: a line of progress, a line of the log, an entry of the history.
#pragma once

#include <optional>

#include "cli/log/log_writer.h"
#include "cli/scenario/history.h"

namespace vnet::cli {

class RunRecorder {
 public:
  // `log`: where its lines go, or nowhere.
  RunRecorder(const Scenario& scenario, bool quiet, std::optional<LogWriter> log);

  // Time 0 is now, also the log's.
  void begin();
  RunTime now_ns() const;
  // The same instant as of CLOCK_REALTIME.
  RunTime from_realtime(vnet_u64 ns) const;

  void say(const std::string& text) const;  // progress only
  void setup_command(const std::string& line);
  // These return the entry's number.
  size_t mark(History::Mark mark);
  size_t command_began(const ScenarioStep& step);
  void command_ended(size_t number, const ScenarioStep& step, int status,
                     const std::string& output);
  void outcome(const ScenarioExpect& expect, bool met, const std::string& expected,
               const std::string& found);
  void event(const vnet_event_values& event, const std::string& device);
  size_t echo_sent(size_t link);
  void echo_came(size_t link, size_t number, vnet_u64 round_trip_ns);
  void interrupted();
  // `failure`: it could not be set up.
  void end(const user::Failure& failure);

  History& history() { return history_; }
  // Null: there is none.
  LogWriter* log_writer() { return log_ ? &*log_ : nullptr; }

 private:
  void start_clock();
  void begin_log();
  void log(std::string_view what, const Json& fields);

  const Scenario& scenario_;
  bool quiet_;
  std::optional<LogWriter> log_;
  // What comes before the log's time begins waits for it.
  std::vector<std::pair<vnet_u64, Json>> early_;
  History history_;
  bool begun_ = false;
  vnet_u64 begin_ns_, begin_realtime_ns_;
  // Where a fault that lasts is in `marks`, by device and id.
  std::map<std::pair<std::string, vnet_u32>, size_t> lasting_;
  std::map<std::string, size_t> links_down_;
};

}  // namespace vnet::cli
