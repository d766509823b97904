// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/read.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/scenario/read_parts.h"
#include "cli/text_file.h"

namespace vnet::cli {
namespace {

// What is longer was not written by hand.
constexpr size_t kMostBytes = 4 << 20;

bool is_name(const std::string& name) {
  return !name.empty() && name.size() < 64 && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.';
         });
}

// "labs/lossy link.vnet" is "lossy-link".
std::string name_of_file(const std::string& file) {
  std::string name = file.substr(file.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  for (char& c : name)
    if (!is_name(std::string("a") + c)) c = '-';
  return is_name(name) ? name : "lab";
}

}  // namespace

user::Result<Scenario> ScenarioReader::read(const Node& document) {
  static constexpr std::string_view kRunKeys[] = {"name",  "seed",  "ipv6",    "namespaces",
                                                  "links", "setup", "timeline"};
  static constexpr std::string_view kStateKeys[] = {"links"};
  const bool run = use_ == FileUse::kRun;
  const MapReader map(reader_, document, "the file",
                      run ? std::span<const std::string_view>(kRunKeys) : kStateKeys);
  if (const Node* const name = map.find("name")) {
    scenario_.name = reader_.text(*name, "the name");
    if (!is_name(scenario_.name))
      reader_.fail_word(
          *name,
          fmt::format("name: '{}' has more in it than letters, digits, - and _", scenario_.name));
  }
  if (const Node* const seed = map.find("seed")) scenario_.seed = reader_.number(*seed, "seed");
  if (const Node* const ipv6 = map.find("ipv6")) scenario_.ipv6 = reader_.yes_no(*ipv6, "ipv6");
  if (run)
    if (const Node* const namespaces = map.need("namespaces")) read_namespaces(*namespaces);
  if (const Node* const links = map.find("links")) {
    if (links->kind != Node::kList) reader_.fail(links->place, "links must be a list");
    for (const Node& link : links->items) read_link(link);
  }
  if (const Node* const setup = map.find("setup")) scenario_.setup = read_steps(*setup, false);
  if (const Node* const steps = map.find("timeline")) scenario_.timeline = read_steps(*steps, true);
  if (reader_.failure()) return *reader_.failure();
  return std::move(scenario_);
}

void ScenarioReader::read_namespaces(const Node& value) {
  if (value.kind != Node::kList || value.items.empty())
    reader_.fail(value.place, "namespaces must be a list of names");
  for (const Node& item : value.items) {
    const std::string name = reader_.text(item, "a namespace");
    if (!is_name(name))
      reader_.fail_word(
          item, fmt::format("namespace '{}' has more in it than letters, digits, - and _", name));
    const auto& all = scenario_.namespaces;
    if (std::find(all.begin(), all.end(), name) != all.end())
      reader_.fail_word(item, fmt::format("namespace '{}' stands twice", name));
    scenario_.namespaces.push_back(name);
  }
}

std::string ScenarioReader::read_netns(const Node& value) {
  const std::vector<std::string_view> all(scenario_.namespaces.begin(), scenario_.namespaces.end());
  (void)reader_.one_of(value, "namespace", all);
  return value.text;
}

EndName ScenarioReader::read_device(const Node& value) {
  std::vector<std::string> names;
  std::vector<EndName> ends;
  for (const ScenarioLink& link : scenario_.links)
    for (const ScenarioEnd& end : link.ends) {
      ends.push_back(end.name);
      names.push_back(end.name.text());
    }
  const std::vector<std::string_view> all(names.begin(), names.end());
  const size_t found = reader_.one_of(value, "device", all);
  return found < ends.size() ? ends[found] : EndName();
}

void ScenarioReader::check_words(const Node& value, std::string_view object, std::string_view verb,
                                 const Argv& words) {
  if (Failure failure = check_command(object, verb, Words(words)))
    reader_.fail_word(value, failure->text);
}

user::Result<Scenario> parse_scenario(const std::string& file, const std::string& text,
                                      FileUse use) {
  const user::Result<Node> document = parse_document(file, text);
  if (!document) return document.error();
  user::Result<Scenario> scenario = ScenarioReader(file, use).read(*document);
  if (!scenario) return scenario;
  scenario->file = file;
  scenario->source = text;
  if (scenario->name.empty()) scenario->name = name_of_file(file);
  return scenario;
}

user::Result<Scenario> read_scenario(const std::string& file, FileUse use) {
  const user::Result<std::string> text = read_text(file, kMostBytes);
  if (!text) return text.error();
  return parse_scenario(file, *text, use);
}

}  // namespace vnet::cli
