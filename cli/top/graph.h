// SPDX-License-Identifier: GPL-2.0-only
// A graph of characters, as bmon draws it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vnet::cli {

inline constexpr int kGraphHeight = 5;

// A title and kGraphHeight lines of `width` characters at most; the latest value is the rightmost.
std::vector<std::string> bar_graph(std::string_view title, const std::vector<double>& values,
                                   int width);

}  // namespace vnet::cli
