// SPDX-License-Identifier: GPL-2.0-only
// Prometheus' text exposition format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include <vnet/types.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vnet::cli {

using Label = std::pair<std::string_view, std::string_view>;  // name and value, in UTF-8

// One metric and all its samples; they stand together, as the format wants it.
class MetricFamily {
 public:
  enum class Type { kCounter, kGauge, kHistogram };

  // Names follow https://prometheus.io/docs/practices/naming/: base units, counters end in _total.
  MetricFamily(std::string_view name, Type type, std::string_view help);

  // From now on these labels come first in each sample, instead of those of before.
  MetricFamily& with(const std::vector<Label>& constant);
  void add(std::initializer_list<Label> labels, vnet_u64 value);
  // Of a histogram: how many were at most so much, ascending; their sum and number.
  void add(std::initializer_list<Label> labels,
           const std::vector<std::pair<double, vnet_u64>>& up_to, double sum, vnet_u64 count);

  // With its HELP and TYPE lines; nothing if it has no sample.
  void append_to(std::string& out) const;

 private:
  std::string name_;
  std::string head_;
  std::string constant_;
  std::string samples_;
};

}  // namespace vnet::cli
