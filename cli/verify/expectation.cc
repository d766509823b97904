// SPDX-License-Identifier: GPL-2.0-only
#include "cli/verify/expectation.h"

#include <vnet/host.h>

#include <cmath>

#include "core/impair/stages.h"

namespace vnet::cli {
namespace {

const Plan& plan_of(const void* plan) {
  return *static_cast<const Plan*>(plan);
}

void add_delay(Expectation& all, const Plan& plan, const Fate& fate) {
  if (!plan.delay.jitter || fate.early || !fate.delay) return;
  const s64 more = static_cast<s64>(fate.delay - plan.delay.delay);
  const auto units = static_cast<double>(plan.delay.in_units(more));
  const double copies = fate.duplicate ? 2 : 1;
  all.delays += fate.duplicate ? 2 : 1;
  all.delay_sum += copies * static_cast<double>(more);
  all.delay_squares += copies * units * units;
}

}  // namespace

double Expectation::deviation_ns(vnet_u32 shift) const {
  if (!delays) return 0;
  const auto n = static_cast<double>(delays);
  const double unit = std::ldexp(1, static_cast<int>(shift));
  const double mean = delay_sum / n;
  return std::sqrt(std::max(0.0, delay_squares * unit * unit / n - mean * mean));
}

std::optional<Decisions> Decisions::of(const vnet_impair_values& values) {
  vnet_impairment config;
  int error;
  const char* why;
  if (vnet_core_impair_from_values(&values, &config, &why)) return {};
  Refusal refusal;
  Plan* const plan = Plan::compile(config, error, refusal);
  if (!plan) return {};
  return Decisions(plan);
}

Decisions::~Decisions() {
  if (plan_) vnet_host_free(plan_);
}

Expectation Decisions::between(const vnet_wire_values& from, const vnet_wire_values& to) const {
  const Plan& plan = plan_of(plan_);
  const Chance chance{from.seed, 0, from.place};
  StageState state;
  state.loss.resume(static_cast<u8>(from.loss_state));
  state.since_early = from.since_early;
  Expectation all;
  for (u64 ordinal = from.ordinal + 1; ordinal <= to.ordinal; ordinal++) {
    const Fate fate = Pipeline::decide(plan, chance, state, ordinal);
    all.lost += fate.lost;
    if (fate.lost) continue;
    all.duplicated += fate.duplicate;
    all.corrupted += fate.corrupt;
    all.truncated += fate.truncate;
    all.reordered += fate.early ? 1 + fate.duplicate : 0;
    add_delay(all, plan, fate);
  }
  return all;
}

double Decisions::asked_deviation_ns() const {
  const Plan& plan = plan_of(plan_);
  const auto jitter = static_cast<double>(plan.delay.jitter);
  return plan.delay.table.value ? jitter : jitter / std::sqrt(3.0);
}

}  // namespace vnet::cli
