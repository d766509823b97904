// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/judge.h"

#include <fmt/core.h>

#include "cli/scenario/counters.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr size_t kMostLines = 12;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

Judgement judge_command(const ScenarioExpect& expect, int status, const std::string& output,
                        bool late) {
  if (late)
    return {false, fmt::format("not over within {}", time_text(expect.within_ns, TimeUnit::kNs))};
  if (expect.exit && status != *expect.exit)
    return {false, fmt::format("exit {}, not {}", status, *expect.exit)};
  for (const std::string& wanted : expect.output)
    if (!has(output, wanted)) return {false, fmt::format("it does not say '{}'", wanted)};
  for (const std::string& unwanted : expect.no_output)
    if (has(output, unwanted)) return {false, fmt::format("it says '{}'", unwanted)};
  return {true, fmt::format("exit {}", status)};
}

Judgement judge_device(const ScenarioExpect& expect,
                       const std::map<std::string, DeviceSample>& devices) {
  const auto found = devices.find(expect.device.text());
  if (found == devices.end()) return {false, "the device is gone"};
  const DeviceSample& device = found->second;
  if (expect.what == ScenarioExpect::kCarrier)
    return {device.carrier == expect.carrier, device.carrier ? "up" : "down"};
  const vnet_u64 value = expect.what == ScenarioExpect::kDrops
                             ? drops_of(device.total, expect.direction, expect.reason)
                             : counter_named(device.total, expect.counter);
  return {expect.amount.holds(value), fmt::format("{}", value)};
}

std::vector<std::string> last_lines(const std::string& output) {
  std::vector<std::string> lines;
  size_t end = output.size();
  while (end > 0 && output[end - 1] == '\n') end--;
  while (end > 0 && lines.size() < kMostLines) {
    const size_t before = output.rfind('\n', end - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    lines.insert(lines.begin(), output.substr(begin, end - begin));
    end = begin > 0 ? begin - 1 : 0;
  }
  return lines;
}

}  // namespace vnet::cli
