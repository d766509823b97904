// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/run.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/output.h"
#include "cli/scenario/decision_log.h"
#include "cli/scenario/plan.h"
#include "cli/scenario/player.h"
#include "cli/scenario/probe.h"
#include "cli/scenario/sampler.h"
#include "cli/scenario/strays.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

using user::errno_error;

// A carrier follows both ends; a user-space driver hears of it a moment later.
constexpr RunTime kCarrierPatienceNs = 10ll * 1000000000;

// "vnet" is this very program, for the plan's commands and for the scenario's.
Failure put_ourselves_first() {
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
  if (n <= 0) return errno_error("/proc/self/exe");
  const std::string self(path, static_cast<size_t>(n));
  const char* const before = std::getenv("PATH");
  const std::string folder = self.substr(0, self.rfind('/'));
  setenv("PATH", fmt::format("{}:{}", folder, before ? before : "/usr/sbin:/usr/bin").c_str(), 1);
  return {};
}

class Run {
 public:
  Run(RunRequest& request, RunRecorder& recorder, StopSignals& signals, std::unique_ptr<Lab> lab)
      : request_(request),
        scenario_(request.scenario),
        recorder_(recorder),
        signals_(signals),
        lab_(std::move(lab)),
        player_(scenario_, *lab_, hosts_, recorder_, signals_) {}

  // Plays all of it. An error: it could not be set up.
  Failure play() {
    Failure failure = set_up();
    if (!failure && !recorder_.history().interrupted) failure = play_timeline();
    player_.stop_all();
    recorder_.end(failure);
    return failure;
  }

  std::vector<Error> take_down() {
    if (request_.keep) {
      lab_->keep();
      return {};
    }
    return lab_->take_down();
  }

 private:
  Failure set_up() {
    for (const std::string& netns : scenario_.namespaces) {
      lab_->add_namespace(lab_->real(netns));
      if (Failure failure = run_all(namespace_commands(scenario_, netns))) return failure;
    }
    if (Failure failure = run_all(link_commands(scenario_))) return failure;
    if (interrupted()) return {};
    if (Failure failure = hosts_.open(scenario_, *lab_)) return failure;
    for (size_t i = 0; i < scenario_.links.size(); i++)
      recorder_.history().hosts.emplace_back(host_name(hosts_.host_of(i)));
    wait_for_carriers();
    if (interrupted() || !player_.play(scenario_.setup)) return {};
    for (const History::Outcome& outcome : recorder_.history().outcomes)
      if (!outcome.met)
        return Error{fmt::format("setup, line {}: {}: {}", outcome.place.line, outcome.expected,
                                 outcome.found)};
    return {};
  }

  // One after the other; these take no time, and are not interrupted.
  Failure run_all(const std::vector<Argv>& commands) {
    for (const Argv& argv : commands) {
      if (interrupted()) return {};
      std::string line;
      for (const std::string& word : argv) line += (line.empty() ? "" : " ") + word;
      recorder_.setup_command(line);
      Result<std::unique_ptr<Process>> process = Process::start(argv, "");
      if (!process) return process.error();
      wait_for(**process);
      if ((*process)->status() == 0) continue;
      std::string said = (*process)->output();
      while (said.ends_with('\n')) said.pop_back();
      return Error{fmt::format("{}: {}", line, said)};
    }
    return {};
  }

  bool interrupted() {
    if (recorder_.history().interrupted) return true;
    if (!signals_.came()) return false;
    recorder_.interrupted();
    return true;
  }

  void wait_for_carriers() {
    const RunTime begin = recorder_.now_ns();
    while (recorder_.now_ns() - begin < kCarrierPatienceNs && !have_carriers() && !interrupted())
      (void)poll(nullptr, 0, 5);
  }
  bool have_carriers() {
    Result<std::map<std::string, DeviceSample>> devices = hosts_.sample();
    if (!devices) return false;
    for (const ScenarioLink& link : scenario_.links)
      for (const ScenarioEnd& end : link.ends) {
        const auto found = devices->find(end.name.text());
        if (link.up && (found == devices->end() || !found->second.carrier)) return false;
      }
    return true;
  }

  Failure play_timeline() {
    for (const VnetCommand& command : begin_commands(scenario_)) {
      const CommandResult result = run_here(lab_->real(command.device.netns), command.words);
      if (result.status != 0)
        return Error{fmt::format("{}: {}", command.device.text(), result.text)};
    }
    if (Failure failure = open_decisions()) return failure;
    recorder_.begin();
    if (Failure failure = start_measuring()) return failure;
    player_.play(scenario_.timeline);
    player_.stop_all();
    sampler_->take();
    Failure& failure = recorder_.history().log_failure;
    if (decisions_ && !failure) failure = decisions_->close();
    return {};
  }

  Failure open_decisions() {
    LogWriter* const log = recorder_.log_writer();
    if (!log) return {};
    Result<std::unique_ptr<DecisionLog>> opened = DecisionLog::open(scenario_, *lab_, hosts_, *log);
    if (!opened) return opened.error();
    decisions_ = std::move(*opened);
    player_.add(*decisions_);
    return {};
  }

  Failure start_measuring() {
    Result<std::unique_ptr<Sampler>> sampler =
        Sampler::start(hosts_, recorder_, request_.interval_ns);
    if (!sampler) return sampler.error();
    sampler_ = std::move(*sampler);
    player_.add(*sampler_);
    for (size_t i = 0; i < scenario_.links.size(); i++) {
      if (!scenario_.links[i].probe_ns) continue;
      Result<std::unique_ptr<Probe>> probe = Probe::start(scenario_, *lab_, i, recorder_);
      if (!probe) return probe.error();
      probes_.push_back(std::move(*probe));
      player_.add(*probes_.back());
    }
    return {};
  }

  RunRequest& request_;
  const Scenario& scenario_;
  RunRecorder& recorder_;
  StopSignals& signals_;
  std::unique_ptr<Lab> lab_;
  LabHosts hosts_;
  std::unique_ptr<DecisionLog> decisions_;
  std::unique_ptr<Sampler> sampler_;
  std::vector<std::unique_ptr<Probe>> probes_;
  Player player_;
};

Result<std::optional<LogWriter>> open_log(const RunRequest& request) {
  if (request.log.empty()) return std::optional<LogWriter>();
  Result<LogWriter> file =
      LogWriter::open(request.log, LoggedScenario{request.scenario.source, request.scenario.file,
                                                  seed_text(*request.scenario.seed)});
  if (!file) return file.error();
  return std::optional<LogWriter>(std::move(*file));
}

// A seed that nobody gave is drawn here, so that the run can be repeated.
Failure draw_seed(Scenario& scenario) {
  if (scenario.seed) return {};
  vnet_u64 seed = 0;
  if (getentropy(&seed, sizeof(seed)) != 0) return errno_error("getentropy");
  scenario.seed = seed;
  return {};
}

}  // namespace

Result<History> run_scenario(RunRequest& request) {
  if (geteuid() != 0) return Error{"it makes network namespaces, and so needs root", EPERM};
  Scenario& scenario = request.scenario;
  if (Failure failure = draw_seed(scenario)) return *failure;
  if (Failure failure = put_ourselves_first()) return *failure;
  Result<std::optional<LogWriter>> log = open_log(request);
  if (!log) return log.error();
  Result<StopSignals> signals = StopSignals::open(true);
  if (!signals) return signals.error();
  Result<std::unique_ptr<Lab>> lab = Lab::make(scenario.name, scenario.namespaces);
  if (!lab) return lab.error();
  setenv("VNET_LAB", scenario.name.c_str(), 1);
  RunRecorder recorder(scenario, request.quiet, std::move(*log));
  recorder.say(fmt::format("{}: seed {}", scenario.name, seed_text(*scenario.seed)));
  Run run(request, recorder, *signals, std::move(*lab));
  const Failure failure = run.play();
  const std::vector<Error> left = run.take_down();
  if (failure && !recorder.history().interrupted) return *failure;
  if (!left.empty()) return left[0];
  return std::move(recorder.history());
}

std::string verdict_text(const Scenario& scenario, const History& history) {
  const std::string text = fmt::format(
      "{} {}: {} of {} expectations met, {:.1f} s, seed {}", history.passed() ? "PASSED" : "FAILED",
      scenario.name, history.met(), history.outcomes.size(), double(history.end_ns) / 1e9,
      seed_text(scenario.seed.value_or(0)));
  return history.interrupted ? text + ", interrupted" : text;
}

}  // namespace vnet::cli
