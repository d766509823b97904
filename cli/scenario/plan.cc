// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/output.h"
#include "cli/scenario/lab.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

void append(Argv& argv, const Argv& more) {
  argv.insert(argv.end(), more.begin(), more.end());
}

Argv link_add(const Scenario& scenario, size_t index) {
  const ScenarioLink& link = scenario.links[index];
  const auto& [a, b] = link.ends;
  Argv argv{"vnet", "-n", Lab::real(scenario.name, a.name.netns), "link", "add", a.name.device};
  append(argv, {"mode", link.mode, "seed", seed_text(seed_of(scenario, index))});
  append(argv, a.knobs);
  append(argv, {"peer", b.name.device, "netns", Lab::real(scenario.name, b.name.netns)});
  append(argv, b.knobs);
  return argv;
}

void append_addresses(const Scenario& scenario, const ScenarioLink& link,
                      std::vector<Argv>& commands) {
  for (const ScenarioEnd& end : link.ends) {
    const std::string netns = Lab::real(scenario.name, end.name.netns);
    for (const std::string& address : end.addresses) {
      commands.push_back({"ip", "-n", netns, "addr", "add", address, "dev", end.name.device});
      if (address.find(':') != std::string::npos) commands.back().emplace_back("nodad");
    }
    if (link.up) commands.push_back({"ip", "-n", netns, "link", "set", end.name.device, "up"});
  }
}

Argv with_netns(const Scenario& scenario, const VnetCommand& command) {
  Argv argv{"vnet", "-n", Lab::real(scenario.name, command.device.netns)};
  append(argv, command.words);
  return argv;
}

// As a shell would read it back.
std::string in_shell(const std::string& word) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=%+,@";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string step_lines(const Scenario& scenario, const ScenarioStep& step) {
  const std::string when =
      step.at_ns ? fmt::format("# at {}s: ", double(*step.at_ns) / 1e9) : "# then: ";
  switch (step.kind) {
    case ScenarioStep::kRun:
      return fmt::format("{}{}, within {}\n{}\n", when, step.expect.text(),
                         time_text(step.expect.within_ns, TimeUnit::kNs),
                         shell_line(argv_of(scenario, step)));
    case ScenarioStep::kStart:
      return fmt::format("{}start '{}'\n{} &\n", when, step.name,
                         shell_line(argv_of(scenario, step)));
    case ScenarioStep::kFault:
    case ScenarioStep::kImpair:
      return fmt::format("{}{}\n{}\n", when, step.device.text(),
                         shell_line(with_netns(scenario, {step.device, step.words})));
    default:
      return fmt::format("{}{}\n", when, step.text());
  }
}

}  // namespace

std::string shell_line(const Argv& argv) {
  std::string line;
  for (const std::string& word : argv) line += (line.empty() ? "" : " ") + in_shell(word);
  return line;
}

vnet_u64 seed_of(const Scenario& scenario, size_t link) {
  const std::optional<vnet_u64>& own = scenario.links[link].seed;
  return own ? *own : scenario.seed.value_or(0) + link;
}

std::vector<Argv> namespace_commands(const Scenario& scenario, const std::string& netns) {
  const std::string real = Lab::real(scenario.name, netns);
  std::vector<Argv> commands{{"ip", "netns", "add", real},
                             {"ip", "-n", real, "link", "set", "lo", "up"}};
  if (!scenario.ipv6)
    commands.push_back({"ip", "netns", "exec", real, "sysctl", "-q", "-w",
                        "net.ipv6.conf.all.disable_ipv6=1",
                        "net.ipv6.conf.default.disable_ipv6=1"});
  return commands;
}

std::vector<Argv> link_commands(const Scenario& scenario) {
  std::vector<Argv> commands;
  for (size_t i = 0; i < scenario.links.size(); i++) {
    const ScenarioLink& link = scenario.links[i];
    commands.push_back(link_add(scenario, i));
    append_addresses(scenario, link, commands);
    static constexpr const char* kDirections[] = {"tx", "rx"};
    for (size_t direction = 0; direction < 2; direction++) {
      if (link.impair[direction].empty()) continue;
      Argv argv{"vnet", "-n", Lab::real(scenario.name, link.ends[0].name.netns)};
      append(argv,
             {"impair", "set", link.ends[0].name.device, "direction", kDirections[direction]});
      append(argv, link.impair[direction]);
      commands.push_back(std::move(argv));
    }
  }
  return commands;
}

std::vector<VnetCommand> begin_commands(const Scenario& scenario) {
  std::vector<VnetCommand> commands;
  for (size_t i = 0; i < scenario.links.size(); i++) {
    const EndName& name = scenario.links[i].ends[0].name;
    commands.push_back({name, {"seed", "set", name.device, seed_text(seed_of(scenario, i))}});
  }
  for (const ScenarioLink& link : scenario.links)
    for (size_t end = 0; end < 2; end++)
      for (const Argv& words : link.faults[end]) {
        const EndName& name = link.ends[end].name;
        VnetCommand command{name, {"fault", "add", name.device}};
        append(command.words, words);
        commands.push_back(std::move(command));
      }
  return commands;
}

Argv argv_of(const Scenario& scenario, const ScenarioStep& step) {
  Argv argv;
  if (!step.netns.empty()) argv = {"ip", "netns", "exec", Lab::real(scenario.name, step.netns)};
  append(argv, {"sh", "-c", step.command});
  return argv;
}

std::string plan_text(const Scenario& scenario) {
  std::string text = fmt::format("# {}: {}, seed {}\n", scenario.file, scenario.name,
                                 scenario.seed ? seed_text(*scenario.seed) : "to be drawn");
  for (const std::string& netns : scenario.namespaces)
    for (const Argv& argv : namespace_commands(scenario, netns)) text += shell_line(argv) + "\n";
  for (const Argv& argv : link_commands(scenario)) text += shell_line(argv) + "\n";
  for (const ScenarioStep& step : scenario.setup) text += step_lines(scenario, step);
  text += "# time 0\n";
  for (const VnetCommand& command : begin_commands(scenario))
    text += shell_line(with_netns(scenario, command)) + "\n";
  for (const ScenarioStep& step : scenario.timeline) text += step_lines(scenario, step);
  text += "# at the end\n";
  if (!scenario.links.empty()) text += "vnet down\n";
  for (const std::string& netns : scenario.namespaces)
    text += shell_line({"ip", "netns", "del", Lab::real(scenario.name, netns)}) + "\n";
  return text;
}

}  // namespace vnet::cli
