// SPDX-License-Identifier: GPL-2.0-only
// What a trial says of a wire: each property that was asked for against its limit
// (docs/impairments.md, "Accuracy").
#pragma once

#include <string>
#include <vector>

#include "cli/verify/trial.h"

namespace vnet::cli {

enum class Verdict { kValid, kInvalid, kUndetermined };
const char* verdict_word(Verdict verdict);

struct Check {
  std::string name;  // "late_p50"
  std::string unit;  // "ns", "frames", "ratio"
  double measured = 0;
  double least = 0, most = 0;  // what is valid; counts: both the exact number
  Verdict verdict = Verdict::kUndetermined;
  std::string note;  // why it could not be said, or what may be behind it
};

std::vector<Check> judge(const Trial& trial, Host host);
Verdict verdict_of(const std::vector<Check>& checks);

}  // namespace vnet::cli
