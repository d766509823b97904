// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/report_plots.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/schema.h"

namespace vnet::cli {
namespace {

constexpr size_t kMostBins = 160;
constexpr size_t kMostReasons = 6;
// Two that are nearer belong together: both ends lose the carrier of one link.
constexpr RunTime kSameNs = 50000000;

double seconds(RunTime ns) {
  return static_cast<double>(ns) / 1e9;
}

std::string arrow(const ScenarioLink& link, size_t from) {
  return fmt::format("{} \u2192 {}", link.ends[from].name.text(), link.ends[1 - from].name.text());
}

// Bits per second that arrived at an end.
std::vector<PlotPoint> throughput(const History& history, const std::string& device) {
  std::vector<PlotPoint> points;
  for (size_t i = 1; i < history.points.size(); i++) {
    const History::Point &before = history.points[i - 1], &now = history.points[i];
    const auto a = before.devices.find(device), b = now.devices.find(device);
    const double time = seconds(now.at_ns - before.at_ns);
    if (a == before.devices.end() || b == now.devices.end() || time <= 0) {
      points.emplace_back(seconds(now.at_ns), std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    const double bits = 8.0 * double(b->second.rx_bytes - a->second.rx_bytes);
    points.emplace_back(seconds(before.at_ns) + time / 2, bits / time);
  }
  return points;
}

Plot throughput_plot(const ScenarioLink& link, const History& history) {
  Plot plot;
  plot.id = "throughput";
  plot.title = "Throughput";
  double most = 0;
  for (size_t from = 0; from < 2; from++) {
    PlotSeries series{arrow(link, from), from ? "s2" : "s1",
                      throughput(history, link.ends[1 - from].name.text())};
    for (const PlotPoint& point : series.points)
      if (!std::isnan(point.second)) most = std::max(most, point.second);
    plot.series.push_back(std::move(series));
  }
  static constexpr std::pair<double, const char*> kUnits[] = {
      {1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}, {1, "bit/s"}};
  const auto* unit = std::begin(kUnits);
  while (unit->first > 1 && most < unit->first) unit++;
  plot.unit = unit->second;
  for (PlotSeries& series : plot.series)
    for (PlotPoint& point : series.points) point.second /= unit->first;
  if (most == 0) plot.empty = "nothing arrived";
  return plot;
}

Plot round_trip_plot(const ScenarioLink& link, const History& history, size_t number) {
  Plot plot;
  plot.id = "delay";
  plot.title = "Round trip";
  plot.unit = "ms";
  plot.dots = true;
  PlotSeries series{fmt::format("echo from {}", link.ends[0].name.text()), "s1", {}};
  const auto echoes = history.echoes.find(number);
  if (echoes == history.echoes.end()) {
    plot.empty = "not measured: the link has no probe";
    return plot;
  }
  for (const History::Echo& echo : echoes->second) {
    if (echo.round_trip_ns) {
      series.points.emplace_back(seconds(echo.sent_ns), double(*echo.round_trip_ns) / 1e6);
    } else {
      plot.ticks.push_back(seconds(echo.sent_ns));
    }
  }
  series.name += fmt::format(", {} of {} lost", plot.ticks.size(), echoes->second.size());
  if (series.points.empty()) plot.empty = "no echo came back";
  plot.series.push_back(std::move(series));
  return plot;
}

using Reasons = std::map<vnet_u32, vnet_u64>;

// Frames lost at both ends, by reason.
Reasons drops_at(const History::Point& point, const ScenarioLink& link) {
  Reasons sum;
  for (const ScenarioEnd& end : link.ends)
    if (const auto device = point.devices.find(end.name.text()); device != point.devices.end())
      for (const auto& [kind, frames] : device->second.drops) sum[kind.second] += frames;
  return sum;
}

Plot drops_plot(const ScenarioLink& link, const History& history) {
  Plot plot;
  plot.id = "drops";
  plot.title = "Drops";
  if (history.points.size() < 2) {
    plot.empty = "no sample";
    return plot;
  }
  const Reasons first = drops_at(history.points.front(), link);
  std::vector<std::pair<vnet_u64, vnet_u32>> totals;
  for (const auto& [reason, frames] : drops_at(history.points.back(), link)) {
    const auto before = first.find(reason);
    totals.emplace_back(frames - (before == first.end() ? 0 : before->second), reason);
  }
  std::sort(totals.rbegin(), totals.rend());
  while (!totals.empty() && (totals.back().first == 0 || totals.size() > kMostReasons))
    totals.pop_back();
  for (size_t i = 0; i < totals.size(); i++) {
    const EnumEntry* const entry = find_entry(drop_reason_type(), totals[i].second);
    plot.series.push_back({fmt::format("{} {}", entry ? entry->name : "?", totals[i].first),
                           fmt::format("d{}", i + 1),
                           {}});
  }
  const double length = seconds(history.points.back().at_ns);
  const size_t bins = std::clamp<size_t>(history.points.size() - 1, 1, kMostBins);
  const double width = length / double(bins);
  plot.unit = fmt::format("frames in {:.0f} ms", width * 1000);
  for (size_t i = 0; i < bins; i++)
    plot.bars.push_back(
        {width * double(i), width * double(i + 1), std::vector<double>(totals.size())});
  Reasons before = first;
  for (size_t i = 1; i < history.points.size(); i++) {
    Reasons now = drops_at(history.points[i], link);
    const double middle = seconds(history.points[i - 1].at_ns + history.points[i].at_ns) / 2;
    PlotBar& bar = plot.bars[std::min(bins - 1, static_cast<size_t>(middle / width))];
    for (size_t reason = 0; reason < totals.size(); reason++) {
      const vnet_u32 id = totals[reason].second;
      if (now[id] > before[id]) bar.values[reason] += double(now[id] - before[id]);
    }
    before = std::move(now);
  }
  if (totals.empty()) plot.empty = "none";
  return plot;
}

}  // namespace

std::vector<Plot> link_plots(const Scenario& scenario, const History& history, size_t link) {
  return {throughput_plot(scenario.links[link], history),
          round_trip_plot(scenario.links[link], history, link),
          drops_plot(scenario.links[link], history)};
}

std::vector<PlotMark> link_marks(const Scenario& scenario, const History& history, size_t link) {
  static constexpr const char* kKinds[] = {"fault", "impair", "link", "command", "note"};
  std::vector<const History::Mark*> marks;
  for (const History::Mark& mark : history.marks) {
    const auto& ends = scenario.links[link].ends;
    const bool own = mark.device.empty() || mark.device == ends[0].name.text() ||
                     mark.device == ends[1].name.text();
    const bool again =
        mark.kind == History::Mark::kLink &&
        std::any_of(marks.begin(), marks.end(), [&](const History::Mark* other) {
          return other->kind == mark.kind && std::abs(other->from_ns - mark.from_ns) < kSameNs;
        });
    if (own && !again) marks.push_back(&mark);
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const auto* a, const auto* b) { return a->from_ns < b->from_ns; });
  std::vector<PlotMark> numbered;
  for (const History::Mark* mark : marks) {
    const bool both = mark->device.empty() || mark->kind == History::Mark::kLink;
    numbered.push_back({numbered.size() + 1, seconds(mark->from_ns), seconds(mark->to_ns),
                        kKinds[mark->kind],
                        both ? mark->text : fmt::format("{}: {}", mark->device, mark->text)});
  }
  return numbered;
}

}  // namespace vnet::cli
