// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/plot.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace vnet::cli {
namespace {

// In units of the drawing, which the page scales.
constexpr double kWidth = 960, kLeft = 64, kRight = 12;
constexpr double kTitle = 30, kHeight = 120, kGap = 16, kAxis = 34;
constexpr double kLane = 20, kBadge = 8;

class Drawing {
 public:
  Drawing(const std::vector<Plot>& plots, const std::vector<PlotMark>& marks, double end)
      : plots_(plots), marks_(marks), end_(end > 0 ? end : 1) {}

  std::string draw() {
    assign_lanes();
    const double top = lanes_.empty() ? 4 : kLane * double(lanes_.size()) + 6;
    const double bottom = top + double(plots_.size()) * (kTitle + kHeight + kGap) - kGap;
    double y = top;
    std::string body;
    for (const Plot& plot : plots_) {
      body += plot_at(plot, y + kTitle);
      y += kTitle + kHeight + kGap;
    }
    return fmt::format(
               "<svg class=\"plots\" viewBox=\"0 0 {} {}\" role=\"img\" data-end=\"{:.6f}\">\n",
               kWidth, bottom + kAxis, end_) +
           spans(top, bottom) + body + strokes(bottom) + time_axis(bottom) +
           fmt::format("<line class=\"cursor\" x1=\"-9\" x2=\"-9\" y1=\"{}\" y2=\"{}\"/>\n</svg>\n",
                       top, bottom);
  }

 private:
  double x_of(double time) const {
    return kLeft + std::clamp(time / end_, 0.0, 1.0) * (kWidth - kLeft - kRight);
  }

  // Badges that would touch stand in different lanes.
  void assign_lanes() {
    for (const PlotMark& mark : marks_) {
      const double x = x_of(mark.from);
      size_t lane = 0;
      while (lane < lanes_.size() && lanes_[lane] > x - 2 * kBadge - 2) lane++;
      if (lane == lanes_.size()) lanes_.push_back(0);
      lanes_[lane] = x;
      lane_of_.push_back(lane);
    }
  }

  std::string spans(double top, double bottom) const {
    std::string text;
    for (const PlotMark& mark : marks_)
      if (mark.to > mark.from)
        text += fmt::format(
            "<rect class=\"span {}\" data-from=\"{:.6f}\" data-to=\"{:.6f}\" x=\"{:.2f}\" "
            "y=\"{}\" width=\"{:.2f}\" height=\"{}\"/>\n",
            mark.kind, mark.from, mark.to, x_of(mark.from), top,
            std::max(1.0, x_of(mark.to) - x_of(mark.from)), bottom - top);
    return text;
  }

  std::string strokes(double bottom) const {
    std::string text;
    for (size_t i = 0; i < marks_.size(); i++) {
      const PlotMark& mark = marks_[i];
      const double x = x_of(mark.from), y = kLane * double(lane_of_[i]) + kBadge + 2;
      text += fmt::format(
          "<g class=\"mark {}\" data-at=\"{:.6f}\" data-number=\"{}\"><title>{}: {}</title>"
          "<line x1=\"{:.2f}\" x2=\"{:.2f}\" y1=\"{}\" y2=\"{}\"/>"
          "<circle cx=\"{:.2f}\" cy=\"{}\" r=\"{}\"/><text x=\"{:.2f}\" y=\"{}\">{}</text></g>\n",
          mark.kind, mark.from, mark.number, mark.number, html_text(mark.text), x, x, y, bottom, x,
          y, kBadge, x, y + 3.5, mark.number);
    }
    return text;
  }

  std::string time_axis(double bottom) const {
    const auto [step, count] = nice_steps(end_, 10);
    std::string text = "<g class=\"axis\">\n";
    for (size_t i = 0; i <= count && step * double(i) <= end_; i++) {
      const double time = step * double(i), x = x_of(time);
      text += fmt::format(
          "<g class=\"time\" data-at=\"{:.6f}\"><line x1=\"{:.2f}\" x2=\"{:.2f}\" y1=\"{}\" "
          "y2=\"{}\"/><text x=\"{:.2f}\" y=\"{}\">{:g}</text></g>\n",
          time, x, x, bottom, bottom + 4, x, bottom + 16, time);
    }
    return text + fmt::format("<text class=\"unit\" x=\"{}\" y=\"{}\">seconds</text>\n</g>\n",
                              kWidth - kRight, bottom + 30);
  }

  static double highest(const Plot& plot) {
    double most = 0;
    for (const PlotSeries& series : plot.series)
      for (const PlotPoint& point : series.points)
        if (!std::isnan(point.second)) most = std::max(most, point.second);
    for (const PlotBar& bar : plot.bars) {
      double sum = 0;
      for (const double value : bar.values) sum += value;
      most = std::max(most, sum);
    }
    return most;
  }

  std::string plot_at(const Plot& plot, double top) const {
    const double bottom = top + kHeight;
    const auto [step, count] = nice_steps(std::max(highest(plot), 1e-9), 4);
    const bool is_empty = !plot.empty.empty();
    const double most = step * double(std::max<size_t>(count, 1));
    const auto y_of = [&](double value) { return bottom - value / most * kHeight; };
    std::string text = fmt::format("<g class=\"plot\" data-plot=\"{}\">\n", plot.id);
    text += fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">{} <tspan>{}</tspan></text>\n",
                        kLeft, top - 10, html_text(plot.title), html_text(plot.unit));
    text += legend(plot, top - 10);
    for (size_t i = 0; i <= (is_empty ? 0 : count); i++) {
      const double y = y_of(step * double(i));
      text += fmt::format(
          "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.2f}\" y2=\"{:.2f}\"/>"
          "<text class=\"value\" x=\"{}\" y=\"{:.2f}\">{:g}</text>\n",
          kLeft, kWidth - kRight, y, y, kLeft - 8, y + 4, step * double(i));
    }
    if (is_empty) {
      text += fmt::format("<text class=\"empty\" x=\"{}\" y=\"{}\">{}</text>\n",
                          (kLeft + kWidth - kRight) / 2, top + kHeight / 2, html_text(plot.empty));
      return text + "</g>\n";
    }
    for (const PlotBar& bar : plot.bars) text += bar_text(plot, bar, y_of);
    for (const PlotSeries& series : plot.series)
      text += plot.dots ? dots(series, y_of) : line(series, y_of);
    for (const double time : plot.ticks)
      text += fmt::format(
          "<line class=\"missing\" x1=\"{:.2f}\" x2=\"{:.2f}\" y1=\"{}\" "
          "y2=\"{}\"/>\n",
          x_of(time), x_of(time), bottom - 9, bottom - 1);
    return text + "</g>\n";
  }

  // At the right, above the plot.
  static std::string legend(const Plot& plot, double y) {
    std::string text = fmt::format("<text class=\"key\" x=\"{}\" y=\"{}\">", kWidth - kRight, y);
    // Blanks that stay: a shift would move the end, too.
    std::string_view gap;
    for (const PlotSeries& series : plot.series) {
      text += fmt::format("{}<tspan class=\"{}\">\u25a0</tspan> {}", gap, series.color,
                          html_text(series.name));
      gap = "\u00a0\u00a0\u00a0\u00a0";
    }
    return text + "</text>\n";
  }

  template <typename YOf>
  std::string line(const PlotSeries& series, const YOf& y_of) const {
    std::string path;
    bool down = false;
    for (const PlotPoint& point : series.points) {
      const bool gap = std::isnan(point.second);
      if (!gap)
        path +=
            fmt::format("{}{:.2f} {:.2f}", down ? "L" : "M", x_of(point.first), y_of(point.second));
      down = !gap;
    }
    if (path.empty()) return "";
    return fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", series.color, path);
  }

  template <typename YOf>
  std::string dots(const PlotSeries& series, const YOf& y_of) const {
    std::string text = fmt::format("<g class=\"dots {}\">", series.color);
    for (const PlotPoint& point : series.points)
      text += fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"1.8\"/>", x_of(point.first),
                          y_of(point.second));
    return text + "</g>\n";
  }

  template <typename YOf>
  std::string bar_text(const Plot& plot, const PlotBar& bar, const YOf& y_of) const {
    std::string text;
    double sum = 0;
    for (size_t i = 0; i < bar.values.size(); i++) {
      if (bar.values[i] <= 0) continue;
      const double from = y_of(sum), to = y_of(sum + bar.values[i]);
      sum += bar.values[i];
      text += fmt::format(
          "<rect class=\"bar {}\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\">"
          "<title>{}: {:g}, from {:g} s on</title></rect>\n",
          plot.series[i].color, x_of(bar.from), to,
          std::max(1.0, x_of(bar.to) - x_of(bar.from) - 0.6), std::max(0.8, from - to),
          html_text(plot.series[i].name), bar.values[i], bar.from);
    }
    return text;
  }

  const std::vector<Plot>& plots_;
  const std::vector<PlotMark>& marks_;
  double end_;
  std::vector<double> lanes_;    // where the last badge of each is
  std::vector<size_t> lane_of_;  // by mark
};

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::pair<double, size_t> nice_steps(double most, size_t steps) {
  const double least = most / double(steps);
  double step = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0})
    if (step * factor >= least * (1 - 1e-9)) {
      step *= factor;
      break;
    }
  return {step, static_cast<size_t>(std::ceil(most / step - 1e-9))};
}

std::string plots_svg(const std::vector<Plot>& plots, const std::vector<PlotMark>& marks,
                      double end) {
  return Drawing(plots, marks, end).draw();
}

}  // namespace vnet::cli
