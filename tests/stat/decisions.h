// SPDX-License-Identifier: GPL-2.0-only
// A plan as control compiles it, and the fates that come of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "core/impair/stages.h"
#include "tests/fake/fixture.h"
#include "tests/stat/statistics.h"

namespace vnet::stat {

inline u64 percent(double value) {
  return static_cast<u64>(std::llround(value / 100 * static_cast<double>(kAlways)));
}

class StatTest : public fake::HostTest {
 protected:
  static constexpr u64 kFrames = 1000000;
  ~StatTest() override { forget(); }

  const Plan& compile(const vnet_impairment& config) {
    forget();
    const fake::Call call(fake::Context::kControl, nullptr);
    int error;
    Refusal why;
    plan_ = Plan::compile(config, error, why);
    if (!plan_) throw std::runtime_error(why ? why.text : "no memory");
    return *plan_;
  }

  // `what` of the fate of each of `count` frames.
  template <class What>
  static auto fates(const Plan& plan, const Chance& chance, u64 count, What what) {
    StageState state;
    std::vector<decltype(what(Fate{}))> all;
    all.reserve(count);
    for (u64 ordinal = 1; ordinal <= count; ordinal++)
      all.push_back(what(Pipeline::decide(plan, chance, state, ordinal)));
    return all;
  }
  static std::vector<bool> losses(const Plan& plan, const Chance& chance, u64 count = kFrames) {
    return fates(plan, chance, count, [](const Fate& fate) { return fate.lost; });
  }

 private:
  void forget() {
    if (!plan_) return;
    const fake::Call call(fake::Context::kControl, nullptr);
    vnet_host_free(plan_);
    plan_ = nullptr;
  }
  Plan* plan_ = nullptr;
};

inline u64 count_of(const std::vector<bool>& bits) {
  return static_cast<u64>(std::ranges::count(bits, true));
}

}  // namespace vnet::stat
