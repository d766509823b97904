// SPDX-License-Identifier: GPL-2.0-only
// Plays steps: begins each at its time, watches over what it began, and tells the recorder.
#pragma once

#include <list>
#include <map>
#include <memory>

#include "cli/scenario/lab.h"
#include "cli/scenario/lab_hosts.h"
#include "cli/scenario/process.h"
#include "cli/scenario/run_recorder.h"
#include "cli/scenario/ticker.h"
#include "cli/stop_signals.h"

namespace vnet::cli {

class Player {
 public:
  Player(const Scenario& scenario, Lab& lab, LabHosts& hosts, RunRecorder& recorder,
         StopSignals& signals)
      : scenario_(scenario), lab_(lab), hosts_(hosts), recorder_(recorder), signals_(signals) {}

  // It lives as long as this.
  void add(Ticker& ticker) { tickers_.push_back(&ticker); }

  // To the last one's end; what was started goes on. False: it was interrupted.
  bool play(const std::vector<ScenarioStep>& steps);
  // Ends what still runs, kindly at first.
  void stop_all();

 private:
  struct Running {
    const ScenarioStep* step;
    std::unique_ptr<Process> process;
    size_t number;  // the recorder's
    RunTime deadline_ns;
    bool stopping = false, killed = false, late = false;
  };
  struct Waiting {  // for an expectation
    const ScenarioStep* step;
    RunTime deadline_ns;
  };

  bool is_busy() const { return next_ != end_ || waits() || !expected_.empty(); }
  bool waits() const;   // for a command that is no background one, or is being stopped
  bool is_due() const;  // the next step
  bool is_done(const ScenarioStep& step) const;
  int patience_ms() const;
  void begin_step(const ScenarioStep& step);
  void begin_command(const ScenarioStep& step);
  void tell_device(const ScenarioStep& step);
  void stop(const std::string& name);
  void wait_and_work();
  void watch(Running& running);
  void ended(Running& running);
  void judge(const Running& running);
  void look_at_expectations();

  const Scenario& scenario_;
  Lab& lab_;
  LabHosts& hosts_;
  RunRecorder& recorder_;
  StopSignals& signals_;
  std::vector<Ticker*> tickers_;
  std::list<Running> running_;
  std::list<Waiting> expected_;
  const ScenarioStep *next_ = nullptr, *end_ = nullptr, *first_ = nullptr;
};

}  // namespace vnet::cli
