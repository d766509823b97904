// SPDX-License-Identifier: GPL-2.0-only
#include "cli/verify/lateness.h"

#include <cmath>
#include <cstring>
#include <numeric>

#include "core/impair/lateness.h"

namespace vnet::cli {

LatenessView::LatenessView(const vnet_impair_values& values)
    : counts_(values.late.len / sizeof(vnet_u64)), sum_(values.late_sum) {
  if (!counts_.empty())
    std::memcpy(counts_.data(), values.late.data, counts_.size() * sizeof(vnet_u64));
}

LatenessView LatenessView::since(const LatenessView& before) const {
  LatenessView difference = *this;
  for (size_t i = 0; i < before.counts_.size() && i < counts_.size(); i++)
    difference.counts_[i] -= before.counts_[i];
  difference.sum_ -= before.sum_;
  return difference;
}

vnet_u64 LatenessView::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), vnet_u64{0});
}

double LatenessView::quantile(double p) const {
  const auto all = static_cast<double>(count());
  double below = 0;
  for (size_t i = 0; i < counts_.size(); i++) {
    const auto here = static_cast<double>(counts_[i]);
    if (here == 0 || below + here < p * all) {
      below += here;
      continue;
    }
    const auto from = static_cast<double>(late_floor(static_cast<u32>(i)));
    const auto to = static_cast<double>(late_floor(static_cast<u32>(i) + 1));
    return from + (to - from) * std::max(0.0, p * all - below) / here;
  }
  return 0;
}

std::vector<std::pair<double, vnet_u64>> LatenessView::up_to_octaves() const {
  std::vector<std::pair<double, vnet_u64>> all;
  vnet_u64 sum = 0;
  size_t at = 0;
  for (u32 octave = 0; octave < 32; octave++) {
    // A class holds whole nanoseconds from its floor to below the next one's.
    while (at < counts_.size() && at + 1 < VNET_LATE_BUCKETS &&
           late_floor(static_cast<u32>(at) + 1) <= (u64{1} << octave))
      sum += counts_[at++];
    all.emplace_back(std::ldexp(1, static_cast<int>(octave)), sum);
  }
  return all;
}

auto LatenessView::classes() const -> std::vector<Class> {
  std::vector<Class> all;
  for (size_t i = 0; i < counts_.size(); i++) {
    if (!counts_[i]) continue;
    const bool last = i + 1 == VNET_LATE_BUCKETS;
    all.push_back({late_floor(static_cast<u32>(i)), last ? 0 : late_floor(static_cast<u32>(i) + 1),
                   counts_[i]});
  }
  return all;
}

}  // namespace vnet::cli
