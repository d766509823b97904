// SPDX-License-Identifier: GPL-2.0-only
// Whether what was expected is so.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/sample.h"
#include "cli/scenario/scenario.h"

namespace vnet::cli {

struct Judgement {
  bool met;
  std::string found;  // what is so, in words
};

// `late`: it had to be ended.
Judgement judge_command(const ScenarioExpect& expect, int status, const std::string& output,
                        bool late);
Judgement judge_device(const ScenarioExpect& expect,
                       const std::map<std::string, DeviceSample>& devices);

// The end of what a command said, for those who want to know why.
std::vector<std::string> last_lines(const std::string& output);

}  // namespace vnet::cli
