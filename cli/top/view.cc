// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top/view.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/top/columns.h"
#include "cli/top/graph.h"

namespace vnet::cli {
namespace {

constexpr std::size_t kHistory = 200;  // samples: as many as a wide terminal shows
constexpr int kPage = 10;

constexpr std::array kIntervals = {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0};

const char* sort_word(SortBy by) {
  switch (by) {
    case SortBy::kName:
      return "name";
    case SortBy::kRxBits:
      return "rx";
    case SortBy::kTxBits:
      return "tx";
    case SortBy::kDrops:
      return "drops";
    case SortBy::kInterrupts:
      return "interrupts";
  }
  return "";
}

double sort_value(SortBy by, const Rates& rates) {
  switch (by) {
    case SortBy::kName:
      return 0;
    case SortBy::kRxBits:
      return rates.rx_bits;
    case SortBy::kTxBits:
      return rates.tx_bits;
    case SortBy::kDrops:
      return rates.drops;
    case SortBy::kInterrupts:
      return rates.rx_irqs + rates.tx_irqs;
  }
  return 0;
}

void cut(std::vector<Line>& lines, int width, int height) {
  lines.resize(static_cast<std::size_t>(height));
  for (Line& line : lines)
    if (line.text.size() > static_cast<std::size_t>(width))
      line.text.resize(static_cast<std::size_t>(width));
}

}  // namespace

TopView::Name TopView::name_of(const DeviceRates& device) {
  return {device.device->host, device.device->name, device.device->end};
}

void TopView::update(Sample sample) {
  before_ = after_.time_ns == 0 ? sample : std::move(after_);
  after_ = std::move(sample);
  if (before_.time_ns == after_.time_ns) --before_.time_ns;  // the first: no rates yet
  rates_ = rates_between(before_, after_);
  sort();
  std::map<Name, std::deque<Traffic>> history;
  for (const DeviceRates& device : rates_) {
    std::deque<Traffic>& past = history[name_of(device)] = std::move(history_[name_of(device)]);
    past.push_back({device.total.rx_bits, device.total.tx_bits});
    if (past.size() > kHistory) past.pop_front();
  }
  history_ = std::move(history);
}

void TopView::sort() {
  // Names decide between equals, so that nothing moves without a reason.
  std::sort(rates_.begin(), rates_.end(), [this](const DeviceRates& a, const DeviceRates& b) {
    const double x = sort_value(sort_by_, a.total), y = sort_value(sort_by_, b.total);
    if (x != y) return (x > y) != reverse_;
    const bool by_name = sort_by_ == SortBy::kName && reverse_;
    return by_name ? name_of(a) > name_of(b) : name_of(a) < name_of(b);
  });
}

void TopView::sort_by(SortBy by) {
  sort_by_ = by;
  reverse_ = false;
  sort();
}

// A device that went leaves the selection to the first.
std::size_t TopView::selected() const {
  for (std::size_t i = 0; i < rates_.size(); ++i)
    if (name_of(rates_[i]) == selected_) return i;
  return 0;
}

void TopView::select(std::size_t index) {
  if (!rates_.empty()) selected_ = name_of(rates_[std::min(index, rates_.size() - 1)]);
}

void TopView::move(int by) {
  const int to = static_cast<int>(selected()) + by;
  select(static_cast<std::size_t>(std::max(to, 0)));
}

void TopView::change_interval(int by) {
  const auto at = std::lower_bound(kIntervals.begin(), kIntervals.end(), interval_s_ - 1e-9);
  // Between two steps: lower_bound is already the next one up.
  const bool on_step = at != kIntervals.end() && *at < interval_s_ + 1e-9;
  const auto index = at - kIntervals.begin() + (by > 0 && !on_step ? 0 : by);
  interval_s_ = kIntervals[static_cast<std::size_t>(
      std::clamp<std::ptrdiff_t>(index, 0, kIntervals.size() - 1))];
}

void TopView::open_selected(bool open) {
  if (rates_.empty()) return;
  const Name name = name_of(rates_[selected()]);
  if (open) {
    details_.insert(name);
  } else {
    details_.erase(name);
  }
}

bool TopView::shows_details(const DeviceRates& device) const {
  return all_details_ || details_.contains(name_of(device));
}

void TopView::press(int key) {
  const bool helped = help_;
  help_ = false;  // any key takes the help away
  if (key == 'q') ended_ = true;
  if (helped || ended_) return;
  press_selection(key);
  press_display(key);
  press_order(key);
}

void TopView::press_selection(int key) {
  switch (key) {
    case 'k':
    case kKeyUp:
      return move(-1);
    case 'j':
    case kKeyDown:
      return move(1);
    case kKeyPageUp:
      return move(-kPage);
    case kKeyPageDown:
      return move(kPage);
    case kKeyHome:
      return select(0);
    case kKeyEnd:
      return select(rates_.size());
    default:
      return;
  }
}

void TopView::press_display(int key) {
  switch (key) {
    case '\n':
    case '\r':
      return open_selected(!rates_.empty() && !details_.contains(name_of(rates_[selected()])));
    case kKeyRight:
      return open_selected(true);
    case kKeyLeft:
      return open_selected(false);
    case 'd':
      all_details_ = !all_details_;
      return;
    case 'i':
      info_ = !info_;
      return;
    case 'g':
      graph_ = !graph_;
      return;
    case '?':
    case 'h':
      help_ = true;
      return;
    default:
      return;
  }
}

void TopView::press_order(int key) {
  switch (key) {
    case '+':
      return change_interval(1);
    case '-':
      return change_interval(-1);
    case 'n':
      return sort_by(SortBy::kName);
    case 'r':
      return sort_by(SortBy::kRxBits);
    case 't':
      return sort_by(SortBy::kTxBits);
    case 'x':
      return sort_by(SortBy::kDrops);
    case 'u':
      return sort_by(SortBy::kInterrupts);
    case 'R':
      reverse_ = !reverse_;
      return sort();
    default:
      return;
  }
}

std::vector<Line> TopView::render(int width, int height) {
  std::vector<Line> lines;
  lines.push_back({title(width), Style::kTitle});
  if (help_) {
    for (Line& line : help()) lines.push_back(std::move(line));
    cut(lines, width, height);
    return lines;
  }
  std::vector<Line> below;
  if (graph_) below = graph(width);
  if (info_)
    for (Line& line : info(width)) below.push_back(std::move(line));
  lines.push_back({table_header(width), Style::kHeader});
  // The table keeps at least one line, whatever else is wanted.
  const int room = std::max(1, height - 2 - static_cast<int>(below.size()));
  for (Line& line : table(width, room)) lines.push_back(std::move(line));
  for (Line& line : below) lines.push_back(std::move(line));
  cut(lines, width, height);
  return lines;
}

std::string TopView::title(int width) const {
  const std::string left = fmt::format("vnet top  {} device{}  interval {:g} s  sort {}{}",
                                       rates_.size(), rates_.size() == 1 ? "" : "s", interval_s_,
                                       sort_word(sort_by_), reverse_ ? " reversed" : "");
  const std::string right = "? help  q quit";
  const auto gap = width - static_cast<int>(left.size() + right.size());
  return left + std::string(static_cast<std::size_t>(std::max(gap, 1)), ' ') + right;
}

// The part of all lines that has the selected device in it; always `height` lines.
std::vector<Line> TopView::table(int width, int height) {
  std::vector<Line> lines;
  const std::size_t chosen = selected();
  std::size_t begin = 0, end = 0;
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    if (i == chosen) begin = lines.size();
    append_device(lines, rates_[i], width);
    if (i == chosen) end = lines.size();
  }
  if (lines.empty()) lines.push_back({"no devices", Style::kDim});
  const auto window = static_cast<std::size_t>(height);
  // As much of its details as fits below it.
  if (first_line_ + window < end) first_line_ = end - window;
  first_line_ = std::min(first_line_, begin);
  if (first_line_ + window > lines.size())
    first_line_ = lines.size() > window ? lines.size() - window : 0;
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(first_line_));
  lines.resize(window);
  return lines;
}

void TopView::append_device(std::vector<Line>& lines, const DeviceRates& device, int width) const {
  const bool chosen = name_of(device) == name_of(rates_[selected()]);
  const bool details = shows_details(device);
  Style style = device.total.drops > 0 ? Style::kBad : Style::kPlain;
  if (!device.device->carrier) style = Style::kDim;
  if (chosen) style = Style::kSelected;
  lines.push_back(
      {table_row((details ? "-" : "+") + device.device->name, device.total, width), style});
  if (!details) return;
  for (std::size_t i = 0; i < device.queues.size(); ++i)
    lines.push_back({table_row(fmt::format("    queue {}", i), device.queues[i], width)});
  for (const auto& [kind, total] : device.device->total.drops) {
    const auto rate = device.total.drop.find(kind);
    const bool dropping = rate != device.total.drop.end();
    lines.push_back({drop_row(kind, dropping ? rate->second : 0, total),
                     dropping ? Style::kBad : Style::kPlain});
  }
}

std::vector<Line> TopView::info(int width) const {
  if (rates_.empty()) return {};
  const DeviceRates& rates = rates_[selected()];
  const DeviceSample& device = *rates.device;
  std::vector<Line> lines;
  lines.push_back({fmt::format("{:-<{}}", "-- " + device.name + " ", width), Style::kDim});
  lines.push_back(
      {fmt::format("host {} {}  ifindex {}  mac {}  mtu {}  peer {}",
                   device.user ? "user" : "kernel", device.user ? device.host : "", device.ifindex,
                   device.mac, device.mtu, device.peer.empty() ? "elsewhere" : device.peer)});
  lines.push_back(
      {fmt::format("{}, {}  queues {}  ring {}  tx timeouts {}", device.open ? "up" : "down",
                   device.carrier ? "carrier" : "no carrier", device.queues.size(),
                   device.total.ring_size, device.total.tx_timeouts)});
  std::string counters;
  for (const auto& [name, value] : device.host_counters)
    counters += fmt::format("{}{} {}", counters.empty() ? "" : "  ", name, value);
  if (!counters.empty()) lines.push_back({counters});
  return lines;
}

std::vector<Line> TopView::graph(int width) const {
  if (rates_.empty()) return {};
  const Name name = name_of(rates_[selected()]);
  std::vector<double> rx, tx;
  for (const Traffic& traffic : history_.at(name)) {
    rx.push_back(traffic.rx_bits);
    tx.push_back(traffic.tx_bits);
  }
  const int half = (width - 2) / 2;
  const std::vector<std::string> left = bar_graph(std::get<1>(name) + " rx bps", rx, half);
  const std::vector<std::string> right = bar_graph(std::get<1>(name) + " tx bps", tx, half);
  std::vector<Line> lines;
  for (std::size_t i = 0; i < left.size(); ++i)
    lines.push_back({fmt::format("{:<{}}  {}", left[i], half, right[i])});
  return lines;
}

std::vector<Line> TopView::help() {
  return {{""},
          {"  q              quit"},
          {"  up down, k j   select a device; also Page Up, Page Down, Home, End"},
          {"  Enter          its queues and drop reasons; right shows, left hides them"},
          {"  d              those of all devices"},
          {"  i              more about the selected device"},
          {"  g              its rates of the last samples"},
          {"  + -            a longer, a shorter interval"},
          {"  n r t x u      sort by name, rx bits, tx bits, drops, interrupts"},
          {"  R              the other way round"},
          {""},
          {"  f/s   frames per second, of the wire: a super-frame counts as its segments"},
          {"  bps   bits per second"},
          {"  p/irq polls for each interrupt"},
          {"  RING  how full the receive ring is; of a device, its fullest queue's"},
          {""},
          {"  any key goes back"}};
}

}  // namespace vnet::cli
