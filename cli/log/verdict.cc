// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/verdict.h"

#include <fmt/core.h>

namespace vnet::cli {
namespace {

constexpr int kDifferent = 1;  // diff(1)

Json json_of(const Comparison& result) {
  Json differences = Json::array();
  for (const Difference& each : result.differences) {
    Json json = {{"where", each.where}, {"stream", each.stream}, {"text", each.text}};
    if (each.a_line) json["a_line"] = each.a_line;
    if (each.b_line) json["b_line"] = each.b_line;
    json["more"] = each.more;
    differences.push_back(std::move(json));
  }
  return {{"equal", result.equal()},     {"compared", result.compared},
          {"apart", result.apart},       {"a_timing", result.a_timing},
          {"b_timing", result.b_timing}, {"differences", differences}};
}

}  // namespace

std::string difference_text(const Difference& difference) {
  const std::string more =
      difference.more ? fmt::format(" ({} more)", difference.more) : std::string();
  return fmt::format("{} {}: {}{}", difference.where, difference.stream, difference.text, more);
}

int print_verdict(const Context& context, const Log& a, const Log& b) {
  for (const Log* log : {&a, &b})
    if (const std::string missed = incompleteness(*log); !missed.empty())
      return context.refused(Error{missed});
  const Comparison result = compare(a, b);
  if (context.options.json) {
    print_json(Json::array({json_of(result)}), context.options);
  } else {
    for (const Difference& difference : result.differences)
      fmt::print("{}\n", difference_text(difference));
    fmt::print(
        "{}: {} decisions are the same, {} of frames apart; by time {} and {}, not compared\n",
        result.equal() ? "equal" : "different", result.compared, result.apart, result.a_timing,
        result.b_timing);
  }
  return result.equal() ? kOk : kDifferent;
}

}  // namespace vnet::cli
