// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/run_recorder.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include "cli/output.h"
#include "cli/schema.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

std::string name_in(const EnumType& type, vnet_u64 value) {
  const EnumEntry* const entry = find_entry(type, value);
  return entry ? entry->name : fmt::format("{}", value);
}

std::string utc(vnet_u64 realtime_ns) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(time_t(realtime_ns / 1000000000)));
}

double seconds(RunTime ns) {
  return static_cast<double>(ns) / 1e9;
}

}  // namespace

size_t History::met() const {
  size_t count = 0;
  for (const Outcome& outcome : outcomes) count += outcome.met;
  return count;
}

RunRecorder::RunRecorder(const Scenario& scenario, bool quiet, std::optional<LogWriter> log_file)
    : scenario_(scenario), quiet_(quiet), log_(std::move(log_file)) {
  start_clock();
  log("scenario", {{"file", scenario.file},
                   {"name", scenario.name},
                   {"seed", seed_text(scenario.seed.value_or(0))}});
}

void RunRecorder::begin() {
  // What was recorded so far was before it.
  const RunTime setup = begun_ ? 0 : now_ns();
  for (History::Command& command : history_.commands) {
    command.from_ns -= setup;
    command.to_ns -= setup;
  }
  for (History::Outcome& outcome : history_.outcomes) outcome.at_ns -= setup;
  for (History::Mark& mark : history_.marks) {
    mark.from_ns -= setup;
    mark.to_ns -= setup;
  }
  begun_ = true;
  start_clock();
  begin_log();
}

void RunRecorder::start_clock() {
  begin_ns_ = user::monotonic_ns();
  begin_realtime_ns_ = user::realtime_ns();
  history_.begun = utc(begin_realtime_ns_);
}

void RunRecorder::begin_log() {
  if (!log_ || log_->has_begun()) return;
  history_.log_failure = log_->begin();
  for (const auto& [time, line] : early_) log_->add(time, line);
  early_.clear();
}

RunTime RunRecorder::now_ns() const {
  return static_cast<RunTime>(user::monotonic_ns() - begin_ns_);
}

RunTime RunRecorder::from_realtime(vnet_u64 ns) const {
  return static_cast<RunTime>(ns - begin_realtime_ns_);
}

void RunRecorder::say(const std::string& text) const {
  if (quiet_) return;
  fmt::print("{:9.3f}  {}\n", seconds(now_ns()), text);
  std::fflush(stdout);
}

// A log that cannot be written any more is given up, and said at the end: the run is more than its
// log.
void RunRecorder::log(std::string_view what, const Json& fields) {
  if (!log_ || history_.log_failure) return;
  Json line{{"what", what}};
  line.update(fields);
  if (!log_->has_begun()) {
    early_.emplace_back(user::realtime_ns(), std::move(line));
    return;
  }
  log_->add(user::realtime_ns(), line);
  history_.log_failure = log_->flush();
}

void RunRecorder::setup_command(const std::string& line) {
  log("setup", {{"command", line}});
}

size_t RunRecorder::mark(History::Mark mark) {
  static constexpr const char* kKinds[] = {"fault", "impair", "link", "command", "note"};
  say(mark.device.empty() ? mark.text : fmt::format("{}: {}", mark.device, mark.text));
  log("step", {{"kind", kKinds[mark.kind]}, {"device", mark.device}, {"text", mark.text}});
  history_.marks.push_back(std::move(mark));
  return history_.marks.size() - 1;
}

size_t RunRecorder::command_began(const ScenarioStep& step) {
  const RunTime now = now_ns();
  say(step.text());
  log("command", {{"in", step.netns}, {"command", step.command}});
  if (begun_) history_.marks.push_back({History::Mark::kCommand, now, now, "", step.text()});
  history_.commands.push_back(
      {now, now, step.netns, step.command, "", {}, step.kind == ScenarioStep::kStart});
  return history_.commands.size() - 1;
}

void RunRecorder::command_ended(size_t number, const ScenarioStep& step, int status,
                                const std::string& output) {
  History::Command& command = history_.commands[number];
  command.to_ns = now_ns();
  command.status = status;
  command.output = output;
  log("command-end", {{"in", step.netns},
                      {"command", step.command},
                      {"seconds", seconds(command.to_ns - command.from_ns)},
                      {"exit", status},
                      {"output", output}});
}

void RunRecorder::outcome(const ScenarioExpect& expect, bool met, const std::string& expected,
                          const std::string& found) {
  say(fmt::format("{} {}: {}", met ? "ok  " : "FAIL", expected, found));
  log("expect",
      {{"line", expect.place.line}, {"expected", expected}, {"found", found}, {"met", met}});
  history_.outcomes.push_back({expect.place, now_ns(), expected, found, met});
}

void RunRecorder::event(const vnet_event_values& event, const std::string& device) {
  const RunTime at = from_realtime(event.time);
  const std::string what = name_in(fault_what_type(), event.fault_what);
  const std::pair<std::string, vnet_u32> fault{device, event.fault};
  const auto lasting = lasting_.find(fault);
  switch (event.type) {
    case VNET_EVENT_TYPE_FAULT_FIRED:
      if (lasting != lasting_.end()) break;
      lasting_[fault] = history_.marks.size();
      history_.marks.push_back({History::Mark::kFault, at, at, device, what + " fired"});
      say(fmt::format("{}: fault {} ({}) fired at {}", device, event.fault, what, event.value));
      break;
    case VNET_EVENT_TYPE_FAULT_ENDED:
      if (lasting != lasting_.end()) {
        history_.marks[lasting->second].to_ns = at;
        lasting_.erase(lasting);
      }
      say(fmt::format("{}: fault {} ({}) is over, fired {} times", device, event.fault, what,
                      event.value));
      break;
    case VNET_EVENT_TYPE_LINK_DOWN:
      say(fmt::format("{}: the carrier is lost", device));
      links_down_[device] = history_.marks.size();
      history_.marks.push_back({History::Mark::kLink, at, at, device, "carrier lost"});
      break;
    case VNET_EVENT_TYPE_LINK_UP:
      say(fmt::format("{}: the carrier is back", device));
      if (const auto down = links_down_.find(device); down != links_down_.end()) {
        history_.marks[down->second].to_ns = at;
        links_down_.erase(down);
      }
      break;
    default:
      say(fmt::format("{}: {}", device, name_in(event_type_type(), event.type)));
  }
}

size_t RunRecorder::echo_sent(size_t link) {
  history_.echoes[link].push_back({now_ns(), {}});
  return history_.echoes[link].size() - 1;
}

void RunRecorder::echo_came(size_t link, size_t number, vnet_u64 round_trip_ns) {
  std::vector<History::Echo>& echoes = history_.echoes[link];
  if (number < echoes.size() && !echoes[number].round_trip_ns)
    echoes[number].round_trip_ns = round_trip_ns;
}

void RunRecorder::interrupted() {
  history_.interrupted = true;
  say("interrupted");
}

void RunRecorder::end(const Failure& failure) {
  history_.end_ns = now_ns();
  // What lasts still, lasts to the end.
  for (const auto& [fault, number] : lasting_) history_.marks[number].to_ns = history_.end_ns;
  for (const auto& [device, number] : links_down_) history_.marks[number].to_ns = history_.end_ns;
  begin_log();
  Json verdict = {{"passed", history_.passed() && !failure},
                  {"met", history_.met()},
                  {"expectations", history_.outcomes.size()},
                  {"interrupted", history_.interrupted}};
  if (failure) verdict["error"] = failure->text;
  log("verdict", verdict);
}

}  // namespace vnet::cli
