// SPDX-License-Identifier: GPL-2.0-only
// The steps of a scenario file.
#include <fmt/core.h>

#include <algorithm>

#include "cli/scenario/read_parts.h"
#include "cli/words.h"

namespace vnet::cli {
namespace {

// In the order of ScenarioStep::Kind.
constexpr std::string_view kKinds[] = {"run", "start", "stop", "fault", "impair", "expect", "note"};
constexpr std::string_view kKeys[] = {"run",  "start", "stop", "fault", "impair", "expect",
                                      "note", "at",    "in",   "as",    "on"};

bool is_command(ScenarioStep::Kind kind) {
  return kind == ScenarioStep::kRun || kind == ScenarioStep::kStart;
}
bool is_device_step(ScenarioStep::Kind kind) {
  return kind == ScenarioStep::kFault || kind == ScenarioStep::kImpair;
}

}  // namespace

std::vector<ScenarioStep> ScenarioReader::read_steps(const Node& value, bool timeline) {
  std::vector<ScenarioStep> steps;
  if (value.kind != Node::kList)
    reader_.fail(value.place, fmt::format("{} must be a list", timeline ? "timeline" : "setup"));
  for (const Node& item : value.items) steps.push_back(read_step(item, timeline));
  check_order(steps);
  check_stops(steps);
  return steps;
}

ScenarioStep ScenarioReader::read_step(const Node& value, bool timeline) {
  const MapReader map(reader_, value, "a step", kKeys);
  ScenarioStep step;
  step.place = value.place;
  // A plain expect is a step; with run it is what the command has to do.
  const Node* kind = nullptr;
  for (size_t i = 0; i < std::size(kKinds); i++) {
    const Node* const found = map.find(kKinds[i]);
    if (!found || (kKinds[i] == "expect" && kind && step.kind == ScenarioStep::kRun)) continue;
    if (kind)
      reader_.fail(found->place,
                   fmt::format("'{}' and '{}' are two steps", kKinds[step.kind], kKinds[i]));
    kind = found;
    step.kind = ScenarioStep::Kind(i);
  }
  if (!kind) {
    reader_.fail(value.place,
                 "a step needs one of run, start, stop, fault, impair, expect and note");
    return step;
  }
  if (const Node* const at = map.find("at")) {
    if (!timeline) reader_.fail(at->place, "setup has no times: its steps follow each other");
    step.at_ns = reader_.time_ns(*at, "at");
  }
  read_kind(map, step);
  const auto only_for = [&](std::string_view key, bool allowed, std::string_view whom) {
    const Node* const found = map.find(key);
    if (found && !allowed) reader_.fail(found->place, fmt::format("'{}' is for {}", key, whom));
  };
  only_for("in", is_command(step.kind), "run and start");
  only_for("as", step.kind == ScenarioStep::kStart, "start");
  only_for("on", is_device_step(step.kind), "fault and impair");
  return step;
}

void ScenarioReader::read_kind(const MapReader& map, ScenarioStep& step) {
  const std::string_view key = kKinds[step.kind];
  const Node& value = *map.find(key);
  switch (step.kind) {
    case ScenarioStep::kRun:
    case ScenarioStep::kStart:
      return read_command(map, value, step);
    case ScenarioStep::kFault:
    case ScenarioStep::kImpair:
      return read_device_step(map, value, step);
    case ScenarioStep::kExpect:
      step.expect = read_device_expect(value);
      return;
    case ScenarioStep::kStop:
      step.name = reader_.text(value, key);
      return;
    case ScenarioStep::kNote:
      step.command = reader_.text(value, key);
      return;
  }
}

void ScenarioReader::read_command(const MapReader& map, const Node& value, ScenarioStep& step) {
  step.command = reader_.text(value, kKinds[step.kind]);
  while (step.command.ends_with('\n')) step.command.pop_back();
  if (const Node* const netns = map.find("in")) step.netns = read_netns(*netns);
  if (step.kind == ScenarioStep::kRun) {
    static const Node no_words;
    const Node* const expect = map.find("expect");
    step.expect = read_command_expect(expect ? *expect : no_words);
    if (!expect) step.expect.place = step.place;
    return;
  }
  const Node* const name = map.find("as");
  step.name = name ? reader_.text(*name, "as") : step.command.substr(0, step.command.find(' '));
}

// Words of `vnet impair set DEV` or `vnet fault add DEV`; `none`, with words of `vnet impair del
// DEV`, takes away.
void ScenarioReader::read_device_step(const MapReader& map, const Node& value, ScenarioStep& step) {
  const std::string_view object = kKinds[step.kind];
  const Argv said = reader_.words(value, object);
  if (const Node* const on = map.need("on")) step.device = read_device(*on);
  if (said.empty()) return;
  const bool fault = step.kind == ScenarioStep::kFault, none = said[0] == "none";
  const std::string_view verb = none ? "del" : fault ? "add" : "set";
  Argv words{step.device.device};
  words.insert(words.end(), said.begin() + (none ? 1 : 0), said.end());
  if (fault && none) words.emplace_back("all");
  check_words(value, object, verb, words);
  step.words = {std::string(object), std::string(verb)};
  step.words.insert(step.words.end(), words.begin(), words.end());
}

void ScenarioReader::check_order(const std::vector<ScenarioStep>& steps) {
  vnet_u64 latest = 0;
  for (const ScenarioStep& step : steps) {
    if (!step.at_ns) continue;
    if (*step.at_ns < latest)
      reader_.fail(step.place, "this step's time is before that of a step above it");
    latest = *step.at_ns;
  }
}

// What is stopped was started before, and once.
void ScenarioReader::check_stops(const std::vector<ScenarioStep>& steps) {
  std::vector<std::string_view> started;
  for (const std::vector<ScenarioStep>* all : {&std::as_const(scenario_.setup), &steps})
    for (const ScenarioStep& step : *all) {
      const auto found = std::find(started.begin(), started.end(), step.name);
      if (step.kind == ScenarioStep::kStart) {
        if (found != started.end())
          reader_.fail(step.place,
                       fmt::format("'{}' is started twice: give each a name with 'as'", step.name));
        started.push_back(step.name);
      }
      if (step.kind != ScenarioStep::kStop) continue;
      if (found == started.end()) {
        const std::string_view meant = nearest(step.name, started);
        reader_.fail(step.place,
                     fmt::format("nothing that was started is named '{}'{}", step.name,
                                 meant.empty() ? "" : fmt::format(": did you mean '{}'?", meant)));
        return;
      }
      started.erase(found);
    }
}

}  // namespace vnet::cli
