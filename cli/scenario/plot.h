// SPDX-License-Identifier: GPL-2.0-only
// Plots over time as SVG: one above the other with the same time axis, and marks through all of
// them.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace vnet::cli {

// "&lt;"
std::string html_text(std::string_view text);

// Seconds, and a value.
using PlotPoint = std::pair<double, double>;

struct PlotSeries {
  std::string name;
  std::string color;              // a class of the page's style: "s1"
  std::vector<PlotPoint> points;  // where the line is broken there is a NaN
};

struct PlotBar {
  double from, to;
  std::vector<double> values;  // one a series, stacked
};

struct Plot {
  std::string id, title, unit;
  std::vector<PlotSeries> series;
  bool dots = false;          // each point by itself
  std::vector<PlotBar> bars;  // then `series` have names and colors only
  std::vector<double> ticks;  // what did not come: a stroke at the bottom
  std::string empty;          // why there is nothing to be seen
};

struct PlotMark {
  size_t number;
  double from, to;   // the same: an instant
  std::string kind;  // a class of the page's style
  std::string text;
};

// `end`: of the time axis, which begins with 0.
std::string plots_svg(const std::vector<Plot>& plots, const std::vector<PlotMark>& marks,
                      double end);

// At most so many steps of 1, 2 or 5 times a power of ten up to `most`: what one is, and how many.
std::pair<double, size_t> nice_steps(double most, size_t steps);

}  // namespace vnet::cli
