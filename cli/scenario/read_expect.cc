// SPDX-License-Identifier: GPL-2.0-only
// What a scenario file expects.
#include <fmt/core.h>

#include "cli/scenario/counters.h"
#include "cli/scenario/read_parts.h"
#include "cli/schema_gen.h"

namespace vnet::cli {
namespace {

// A command that is not said to take longer.
constexpr vnet_u64 kPatienceNs = 60ull * 1000000000;

std::vector<std::string_view> names_of(const EnumType& type) {
  std::vector<std::string_view> names;
  for (const EnumEntry& entry : type.entries) names.push_back(entry.name);
  return names;
}

}  // namespace

ScenarioExpect ScenarioReader::read_command_expect(const Node& value) {
  ScenarioExpect expect;
  expect.place = value.place;
  expect.within_ns = kPatienceNs;
  if (value.kind == Node::kNothing) return expect;
  static constexpr std::string_view kKeys[] = {"exit", "within", "output", "no-output"};
  const MapReader map(reader_, value, "expect with run", kKeys);
  if (const Node* const exit = map.find("exit")) {
    if (exit->text == "any") {
      expect.exit.reset();
    } else {
      const vnet_u64 status = reader_.number(*exit, "exit");
      if (status > 255)
        reader_.fail_word(*exit, fmt::format("exit: '{}' is not from 0 to 255", exit->text));
      expect.exit = static_cast<int>(status);
    }
  }
  if (const Node* const within = map.find("within"))
    expect.within_ns = reader_.time_ns(*within, "within");
  if (const Node* const output = map.find("output"))
    expect.output = reader_.texts(*output, "output");
  if (const Node* const output = map.find("no-output"))
    expect.no_output = reader_.texts(*output, "no-output");
  return expect;
}

ScenarioExpect ScenarioReader::read_device_expect(const Node& value) {
  ScenarioExpect expect;
  expect.place = value.place;
  static constexpr std::string_view kKeys[] = {"drops", "counter", "carrier", "within"};
  const MapReader map(reader_, value, "expect", kKeys);
  if (const Node* const within = map.find("within"))
    expect.within_ns = reader_.time_ns(*within, "within");
  size_t count = 0;
  for (const std::string_view key : {kKeys[0], kKeys[1], kKeys[2]}) {
    const Node* const found = map.find(key);
    if (!found) continue;
    if (count++) reader_.fail(found->place, "one expectation a step");
    if (key == "drops") read_drops(*found, expect);
    if (key == "counter") read_counter(*found, expect);
    if (key == "carrier") read_carrier(*found, expect);
  }
  if (count == 0) reader_.fail(value.place, "expect needs one of drops, counter and carrier");
  return expect;
}

void ScenarioReader::read_drops(const Node& value, ScenarioExpect& expect) {
  static constexpr std::string_view kKeys[] = {"device",   "reason",  "direction",
                                               "at-least", "at-most", "exactly"};
  const MapReader map(reader_, value, "drops", kKeys);
  expect.what = ScenarioExpect::kDrops;
  if (const Node* const device = map.need("device")) expect.device = read_device(*device);
  if (const Node* const reason = map.find("reason")) {
    (void)reader_.one_of(*reason, "reason", names_of(drop_reason_type()));
    expect.reason = reason->text;
  }
  if (const Node* const direction = map.find("direction")) {
    (void)reader_.one_of(*direction, "direction", names_of(direction_type()));
    expect.direction = direction->text;
  }
  read_amount(map, value, expect.amount);
}

void ScenarioReader::read_counter(const Node& value, ScenarioExpect& expect) {
  static constexpr std::string_view kKeys[] = {"device", "name", "at-least", "at-most", "exactly"};
  const MapReader map(reader_, value, "counter", kKeys);
  expect.what = ScenarioExpect::kCounter;
  if (const Node* const device = map.need("device")) expect.device = read_device(*device);
  if (const Node* const name = map.need("name")) {
    (void)reader_.one_of(*name, "counter", counter_names());
    expect.counter = name->text;
  }
  read_amount(map, value, expect.amount);
}

void ScenarioReader::read_carrier(const Node& value, ScenarioExpect& expect) {
  static constexpr std::string_view kKeys[] = {"device", "is"};
  const MapReader map(reader_, value, "carrier", kKeys);
  expect.what = ScenarioExpect::kCarrier;
  if (const Node* const device = map.need("device")) expect.device = read_device(*device);
  static constexpr std::string_view kStates[] = {"down", "up"};
  if (const Node* const state = map.need("is"))
    expect.carrier = reader_.one_of(*state, "state", kStates) == 1;
}

void ScenarioReader::read_amount(const MapReader& map, const Node& value, Amount& amount) {
  if (const Node* const least = map.find("at-least"))
    amount.least = reader_.number(*least, "at-least");
  if (const Node* const most = map.find("at-most")) amount.most = reader_.number(*most, "at-most");
  if (const Node* const exactly = map.find("exactly")) {
    if (amount.least || amount.most)
      reader_.fail(exactly->place, "exactly excludes at-least and at-most");
    amount.least = amount.most = reader_.number(*exactly, "exactly");
  }
  if (!amount.least && !amount.most)
    reader_.fail(value.place, "it needs at-least, at-most or exactly");
  if (amount.least && amount.most && *amount.least > *amount.most)
    reader_.fail(value.place, "at-least is more than at-most");
}

}  // namespace vnet::cli
