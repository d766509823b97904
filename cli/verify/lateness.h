// SPDX-License-Identifier: GPL-2.0-only
// The histogram of lateness as a host tells it (core/impair/lateness.h).
#pragma once

#include <vnet/control.h>

#include <utility>
#include <vector>

namespace vnet::cli {

class LatenessView {
 public:
  LatenessView() = default;
  explicit LatenessView(const vnet_impair_values& values);

  // What has come since `before`.
  LatenessView since(const LatenessView& before) const;
  vnet_u64 count() const;
  vnet_u64 sum_ns() const { return sum_; }
  // In nanoseconds: within a class as if it were even. 0 if there is none.
  double quantile(double p) const;
  // Powers of two of nanoseconds, from 2^0 to 2^31, and how many were less late.
  std::vector<std::pair<double, vnet_u64>> up_to_octaves() const;
  // The classes that have any: from, to (the last: 0) and how many.
  struct Class {
    vnet_u64 from, to, count;
  };
  std::vector<Class> classes() const;

 private:
  std::vector<vnet_u64> counts_;
  vnet_u64 sum_ = 0;
};

}  // namespace vnet::cli
