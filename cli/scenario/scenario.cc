// SPDX-License-Identifier: GPL-2.0-only
// A scenario's parts in words, for progress, log and report.
#include "cli/scenario/scenario.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace vnet::cli {

std::string Amount::text() const {
  if (least && most && *least == *most) return fmt::format("exactly {}", *least);
  std::string text;
  if (least) text = fmt::format("at least {}", *least);
  if (most) text += fmt::format("{}at most {}", least ? ", " : "", *most);
  return text;
}

std::string ScenarioExpect::text() const {
  switch (what) {
    case kDrops:
      return fmt::format("drops of {}{}{}: {}", device.text(),
                         direction.empty() ? "" : " " + direction,
                         reason.empty() ? "" : " " + reason, amount.text());
    case kCounter:
      return fmt::format("{} of {}: {}", counter, device.text(), amount.text());
    case kCarrier:
      return fmt::format("carrier of {}: {}", device.text(), carrier ? "up" : "down");
    case kCommand:
      break;
  }
  std::string text = exit ? fmt::format("exit {}", *exit) : "any exit";
  for (const std::string& wanted : output) text += fmt::format(", says '{}'", wanted);
  for (const std::string& unwanted : no_output)
    text += fmt::format(", does not say '{}'", unwanted);
  return text;
}

std::string ScenarioStep::text() const {
  // Of a script the first line.
  std::string line = command.substr(0, command.find('\n')) +
                     (command.find('\n') == std::string::npos ? "" : " ...");
  const std::string where = netns.empty() ? "here" : netns;
  switch (kind) {
    case kRun:
      return fmt::format("{}: {}", where, line);
    case kStart:
      return fmt::format("{}: start {}", where, line);
    case kStop:
      return fmt::format("stop {}", name);
    case kFault:
    case kImpair:
      return fmt::format("{}: {} {}", device.text(),
                         fmt::join(words.begin(), words.begin() + 2, " "),
                         fmt::join(words.begin() + 3, words.end(), " "));
    case kExpect:
      return "expect " + expect.text();
    case kNote:
      return line;
  }
  return line;
}

}  // namespace vnet::cli
