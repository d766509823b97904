// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/player.h"

#include <fmt/core.h>
#include <signal.h>

#include <algorithm>

#include "cli/scenario/judge.h"
#include "cli/scenario/plan.h"

namespace vnet::cli {
namespace {

constexpr RunTime kMs = 1000000;
constexpr RunTime kLookAgain = 20 * kMs;  // whether an expectation holds by now
constexpr RunTime kKindly = 3000 * kMs;   // from SIGTERM to SIGKILL

std::string folder_of(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, std::max<size_t>(slash, 1));
}

}  // namespace

bool Player::play(const std::vector<ScenarioStep>& steps) {
  first_ = next_ = steps.data();
  end_ = next_ + steps.size();
  while (is_busy()) {
    while (next_ != end_ && is_due()) begin_step(*next_++);
    look_at_expectations();
    if (!is_busy()) break;
    wait_and_work();
    if (signals_.came()) {
      recorder_.interrupted();
      return false;
    }
  }
  return true;
}

bool Player::waits() const {
  return std::any_of(running_.begin(), running_.end(), [](const Running& running) {
    return running.step->kind == ScenarioStep::kRun || running.stopping;
  });
}

bool Player::is_done(const ScenarioStep& step) const {
  const auto is = [&](const auto& each) { return each.step == &step; };
  if (step.kind == ScenarioStep::kStart) return true;
  if (step.kind == ScenarioStep::kStop)
    return std::none_of(running_.begin(), running_.end(), [&](const Running& running) {
      return running.stopping && running.step->name == step.name;
    });
  return std::none_of(running_.begin(), running_.end(), is) &&
         std::none_of(expected_.begin(), expected_.end(), is);
}

bool Player::is_due() const {
  if (next_->at_ns) return recorder_.now_ns() >= static_cast<RunTime>(*next_->at_ns);
  return std::all_of(first_, next_, [&](const ScenarioStep& step) { return is_done(step); });
}

int Player::patience_ms() const {
  RunTime until = recorder_.now_ns() + 1000 * kMs;
  if (next_ != end_ && next_->at_ns) until = std::min(until, RunTime(*next_->at_ns));
  if (!expected_.empty()) until = std::min(until, recorder_.now_ns() + kLookAgain);
  for (const Running& running : running_)
    if (!running.killed) until = std::min(until, running.deadline_ns);
  // Rounded up: before its time nothing is due.
  return static_cast<int>(std::max<RunTime>(0, (until - recorder_.now_ns() + kMs - 1) / kMs));
}

void Player::begin_step(const ScenarioStep& step) {
  const RunTime now = recorder_.now_ns();
  switch (step.kind) {
    case ScenarioStep::kRun:
    case ScenarioStep::kStart:
      return begin_command(step);
    case ScenarioStep::kFault:
    case ScenarioStep::kImpair:
      return tell_device(step);
    case ScenarioStep::kStop:
      recorder_.say(step.text());
      return stop(step.name);
    case ScenarioStep::kExpect:
      expected_.push_back({&step, now + static_cast<RunTime>(step.expect.within_ns)});
      return;
    case ScenarioStep::kNote:
      recorder_.mark({History::Mark::kNote, now, now, "", step.command});
      return;
  }
}

void Player::begin_command(const ScenarioStep& step) {
  const size_t number = recorder_.command_began(step);
  Result<std::unique_ptr<Process>> process =
      Process::start(argv_of(scenario_, step), folder_of(scenario_.file));
  if (!process) {
    recorder_.command_ended(number, step, 127, process.error().text);
    recorder_.outcome(step.expect, false, step.text(), process.error().text);
    return;
  }
  RunTime deadline = ~0ull >> 1;
  if (step.kind == ScenarioStep::kRun)
    deadline = recorder_.now_ns() + static_cast<RunTime>(step.expect.within_ns);
  running_.push_back({&step, std::move(*process), number, deadline});
}

void Player::tell_device(const ScenarioStep& step) {
  const RunTime now = recorder_.now_ns();
  const bool fault = step.kind == ScenarioStep::kFault;
  std::string words;
  for (size_t i = 0; i < step.words.size(); i++)
    if (i != 2) words += (words.empty() ? "" : " ") + step.words[i];
  recorder_.mark({fault ? History::Mark::kFault : History::Mark::kImpair, now, now,
                  step.device.text(), words});
  const CommandResult result = run_here(lab_.real(step.device.netns), step.words);
  if (result.status == 0) return;
  ScenarioExpect expect = step.expect;
  expect.place = step.place;
  recorder_.outcome(expect, false, step.text(), result.text);
}

void Player::stop(const std::string& name) {
  for (Running& running : running_)
    if (running.step->kind == ScenarioStep::kStart && running.step->name == name) {
      running.stopping = true;
      running.process->signal(SIGTERM);
      running.deadline_ns = recorder_.now_ns() + kKindly;
    }
}

void Player::wait_and_work() {
  std::vector<pollfd> wanted{{signals_.fd(), POLLIN, 0}};
  hosts_.append_events_to(wanted);
  for (const Ticker* ticker : tickers_) ticker->append_to(wanted);
  for (const Running& running : running_) {
    wanted.push_back({running.process->end_fd(), POLLIN, 0});
    wanted.push_back({running.process->output_fd(), POLLIN, 0});
  }
  (void)poll(wanted.data(), wanted.size(), patience_ms());
  for (Ticker* ticker : tickers_) ticker->work();
  hosts_.read_events([&](const vnet_event_values& event, const std::string& device) {
    recorder_.event(event, device);
  });
  for (Running& running : running_) watch(running);
  std::erase_if(running_, [](const Running& running) { return running.process->ended(); });
}

void Player::watch(Running& running) {
  running.process->read_output();
  if (running.process->collect()) return ended(running);
  if (running.killed || recorder_.now_ns() < running.deadline_ns) return;
  running.late = !running.stopping;
  running.killed = true;
  running.process->signal(SIGKILL);
}

void Player::ended(Running& running) {
  const Process& process = *running.process;
  recorder_.command_ended(running.number, *running.step, process.status(), process.output());
  if (running.stopping) return;
  if (running.step->kind == ScenarioStep::kRun) return judge(running);
  recorder_.say(fmt::format("'{}' ended by itself, exit {}", running.step->name, process.status()));
}

void Player::judge(const Running& running) {
  const ScenarioStep& step = *running.step;
  const Judgement judgement = judge_command(step.expect, running.process->status(),
                                            running.process->output(), running.late);
  recorder_.outcome(step.expect, judgement.met, step.text(), judgement.found);
  if (judgement.met && step.expect.output.empty()) return;
  for (const std::string& line : last_lines(running.process->output()))
    recorder_.say("     | " + line);
}

void Player::look_at_expectations() {
  if (expected_.empty()) return;
  Result<std::map<std::string, DeviceSample>> devices = hosts_.sample();
  std::erase_if(expected_, [&](const Waiting& waiting) {
    const ScenarioExpect& expect = waiting.step->expect;
    const Judgement judgement =
        devices ? judge_device(expect, *devices) : Judgement{false, devices.error().text};
    if (!judgement.met && recorder_.now_ns() < waiting.deadline_ns) return false;
    recorder_.outcome(expect, judgement.met, expect.text(), judgement.found);
    return true;
  });
}

void Player::stop_all() {
  for (Running& running : running_) {
    running.process->signal(SIGTERM);
    running.stopping = true;
    running.deadline_ns = recorder_.now_ns() + kKindly;
  }
  while (!running_.empty()) {
    wait_and_work();
    (void)signals_.came();  // once is enough
  }
}

}  // namespace vnet::cli
