// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top/graph.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/top/columns.h"

namespace vnet::cli {
namespace {

constexpr int kScaleWidth = 6;  // "1.23k "

}  // namespace

std::vector<std::string> bar_graph(std::string_view title, const std::vector<double>& values,
                                   int width) {
  std::vector<std::string> lines{std::string(title)};
  const auto columns = static_cast<std::size_t>(std::max(width - kScaleWidth, 0));
  const std::size_t shown = std::min(columns, values.size());
  const auto first = values.end() - static_cast<std::ptrdiff_t>(shown);
  const double most = shown ? *std::max_element(first, values.end()) : 0;
  for (int row = kGraphHeight; row > 0; --row) {
    const double level = most * row / kGraphHeight;
    std::string line = fmt::format("{:>5} ", short_number(level));
    line.append(columns - shown, ' ');
    for (auto value = first; value != values.end(); ++value) {
      // A row is full from its middle on; the lowest shows that there was anything.
      const bool full = *value > most * (row - 0.5) / kGraphHeight || (row == 1 && *value > 0);
      line += full ? '|' : '.';
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace vnet::cli
