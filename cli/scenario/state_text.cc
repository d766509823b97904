// SPDX-License-Identifier: GPL-2.0-only
// A state as a file.
#include <fmt/core.h>

#include "cli/output.h"
#include "cli/scenario/state.h"
#include "cli/words.h"

namespace vnet::cli {
namespace {

std::string in_yaml(const std::string& text) {
  std::string safe = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c == '\n' ? "\\n" : std::string(1, c);
  }
  return safe + "\"";
}

std::string list(const std::vector<std::string>& texts) {
  std::string line = "[";
  for (const std::string& text : texts) line += (line.size() > 1 ? ", " : "") + in_yaml(text);
  return line + "]";
}

// As split_line() reads it back.
std::string joined(const Argv& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + quoted(word);
  return line;
}

// The value behind a knob's keyword; empty: it is not there.
std::string value_of(const Argv& knobs, const std::string& keyword) {
  for (size_t i = 0; i + 1 < knobs.size(); i += 2)
    if (knobs[i] == keyword) return knobs[i + 1];
  return "";
}

std::string knob_lines(const ScenarioLink& link) {
  std::string text;
  const Argv &a = link.ends[0].knobs, &b = link.ends[1].knobs;
  for (size_t i = 0; i + 1 < a.size(); i += 2) {
    const std::string other = value_of(b, a[i]);
    text += other.empty() ? fmt::format("    {}: {}\n", a[i], in_yaml(a[i + 1]))
                          : fmt::format("    {}: {{a: {}, b: {}}}\n", a[i], in_yaml(a[i + 1]),
                                        in_yaml(other));
  }
  return text;
}

std::string impair_text(const Argv& words) {
  return words.empty() ? "none" : in_yaml(joined(words));
}

std::string link_text(const ScenarioLink& link) {
  const auto& [a, b] = link.ends;
  std::vector<std::string> faults[2];
  for (size_t end = 0; end < 2; end++)
    for (const Argv& words : link.faults[end]) faults[end].push_back(joined(words));
  return fmt::format("  - a: {}\n    b: {}\n    mode: {}\n    seed: {}\n    up: {}\n",
                     in_yaml(a.name.text()), in_yaml(b.name.text()), link.mode,
                     seed_text(link.seed.value_or(0)), link.up ? "yes" : "no") +
         knob_lines(link) +
         fmt::format("    addresses: {{a: {}, b: {}}}\n", list(a.addresses), list(b.addresses)) +
         fmt::format("    impair: {{tx: {}, rx: {}}}\n", impair_text(link.impair[0]),
                     impair_text(link.impair[1])) +
         fmt::format("    faults: {{a: {}, b: {}}}\n", list(faults[0]), list(faults[1]));
}

}  // namespace

std::string state_text(const State& state) {
  std::string text = "# The state that `vnet save` found; `vnet apply` brings it back.\n";
  for (const std::string& device : state.unreachable)
    text += fmt::format(
        "# left out: the link of '{}', an end of which is in a namespace without a name\n", device);
  if (state.links.empty()) return text + "links: []\n";
  text += "links:\n";
  for (const StateLink& each : state.links) text += link_text(each.link);
  return text;
}

}  // namespace vnet::cli
