// SPDX-License-Identifier: GPL-2.0-only
// What `vnet top` shows and how keys change it; no terminal is needed to know.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/top/rates.h"

namespace vnet::cli {

enum class Style { kPlain, kTitle, kHeader, kSelected, kDim, kBad };

struct Line {
  std::string text;  // ASCII, not wider than what was asked for
  Style style = Style::kPlain;
};

// Keys that are no character.
enum Key : int {
  kKeyUp = 0x100,
  kKeyDown,
  kKeyLeft,
  kKeyRight,
  kKeyPageUp,
  kKeyPageDown,
  kKeyHome,
  kKeyEnd,
};

enum class SortBy { kName, kRxBits, kTxBits, kDrops, kInterrupts };

class TopView {
 public:
  explicit TopView(double interval_s) : interval_s_(interval_s) {}

  // Another sample, later than the one before.
  void update(Sample sample);
  // A character or a Key; what it does not know it leaves.
  void press(int key);
  // `height` lines, each at most `width` wide.
  std::vector<Line> render(int width, int height);

  double interval_s() const { return interval_s_; }
  bool ended() const { return ended_; }

 private:
  using Name = std::tuple<std::string, std::string, vnet_u32>;  // host, device and end
  struct Traffic {
    double rx_bits = 0, tx_bits = 0;
  };

  void press_selection(int key);
  void press_display(int key);
  void press_order(int key);

  static Name name_of(const DeviceRates& device);
  void sort();
  void sort_by(SortBy by);
  std::size_t selected() const;
  void select(std::size_t index);
  void move(int by);
  void change_interval(int by);
  void open_selected(bool open);
  bool shows_details(const DeviceRates& device) const;

  std::string title(int width) const;
  std::vector<Line> table(int width, int height);
  void append_device(std::vector<Line>& lines, const DeviceRates& device, int width) const;
  std::vector<Line> info(int width) const;
  std::vector<Line> graph(int width) const;
  static std::vector<Line> help();

  double interval_s_;
  bool ended_ = false, help_ = false;
  bool all_details_ = false, info_ = false, graph_ = false, reverse_ = false;
  SortBy sort_by_ = SortBy::kName;
  Sample before_, after_;
  std::vector<DeviceRates> rates_;  // sorted; of the samples above
  Name selected_;
  std::set<Name> details_;  // devices whose queues and drops are shown
  std::map<Name, std::deque<Traffic>> history_;
  std::size_t first_line_ = 0;  // of the table, at the top of its window
};

}  // namespace vnet::cli
