// SPDX-License-Identifier: GPL-2.0-only
#include "cli/metrics/prometheus.h"

#include <fmt/core.h>

namespace vnet::cli {
namespace {

// Backslash and newline everywhere, the quote only in a label's value.
std::string escaped(std::string_view text, bool quoted) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quoted) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

const char* type_word(MetricFamily::Type type) {
  switch (type) {
    case MetricFamily::Type::kCounter:
      return "counter";
    case MetricFamily::Type::kGauge:
      return "gauge";
    default:
      return "histogram";
  }
}

void append_label(std::string& out, const Label& label) {
  if (!out.empty()) out += ',';
  out += fmt::format("{}=\"{}\"", label.first, escaped(label.second, true));
}

}  // namespace

MetricFamily::MetricFamily(std::string_view name, Type type, std::string_view help)
    : name_(name),
      head_(fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(help, false), name,
                        type_word(type))) {}

MetricFamily& MetricFamily::with(const std::vector<Label>& constant) {
  constant_.clear();
  for (const Label& label : constant) append_label(constant_, label);
  return *this;
}

void MetricFamily::add(std::initializer_list<Label> labels, vnet_u64 value) {
  std::string text = constant_;
  for (const Label& label : labels) append_label(text, label);
  samples_ += text.empty() ? fmt::format("{} {}\n", name_, value)
                           : fmt::format("{}{{{}}} {}\n", name_, text, value);
}

void MetricFamily::add(std::initializer_list<Label> labels,
                       const std::vector<std::pair<double, vnet_u64>>& up_to, double sum,
                       vnet_u64 count) {
  std::string text = constant_;
  for (const Label& label : labels) append_label(text, label);
  const auto bucket = [&](const std::string& most, vnet_u64 value) {
    std::string all = text;
    append_label(all, {"le", most});
    samples_ += fmt::format("{}_bucket{{{}}} {}\n", name_, all, value);
  };
  for (const auto& [most, value] : up_to) bucket(fmt::format("{:g}", most), value);
  bucket("+Inf", count);
  samples_ +=
      fmt::format("{0}_sum{{{1}}} {2:.9g}\n{0}_count{{{1}}} {3}\n", name_, text, sum, count);
}

void MetricFamily::append_to(std::string& out) const {
  if (samples_.empty()) return;
  out += head_;
  out += samples_;
}

}  // namespace vnet::cli
