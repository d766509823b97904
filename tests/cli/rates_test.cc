// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top/rates.h"

#include <gtest/gtest.h>

#include "cli/top/columns.h"
#include "cli/top/graph.h"

namespace vnet::cli {
namespace {

constexpr DropKind kFull{VNET_DIRECTION_RX, VNET_DROP_REASON_RING_FULL};
constexpr DropKind kRunt{VNET_DIRECTION_TX, VNET_DROP_REASON_RUNT};

DeviceSample device(const std::string& name, vnet_u32 ifindex, vnet_u64 frames) {
  DeviceSample made;
  made.name = name;
  made.ifindex = ifindex;
  made.host = "kernel";
  made.total.rx_frames = frames;
  made.queues.resize(1);
  made.queues[0] = made.total;
  return made;
}

TEST(Rates, Counters_PerSecond) {
  Counters before, after;
  before.tx_frames = 100;
  after.tx_frames = 300;
  after.rx_bytes = 1000;
  after.polls = 30;
  after.rx_irqs = 8;
  after.tx_irqs = 2;
  before.drops[kFull] = 5;
  after.drops[kFull] = 15;
  after.drops[kRunt] = 2;
  after.in_flight = 64;
  after.ring_size = 256;
  const Rates rates = rates_between(before, after, 2);
  EXPECT_DOUBLE_EQ(rates.tx_frames, 100);
  EXPECT_DOUBLE_EQ(rates.rx_bits, 4000);
  EXPECT_DOUBLE_EQ(rates.polls_per_irq, 3);
  EXPECT_DOUBLE_EQ(rates.drops, 6);
  EXPECT_DOUBLE_EQ(rates.drop.at(kFull), 5);
  EXPECT_DOUBLE_EQ(rates.drop.at(kRunt), 1);
  EXPECT_DOUBLE_EQ(rates.ring_fill, 0.25);
}

TEST(Rates, Counters_UnchangedAreZero) {
  Counters counters;
  counters.rx_frames = counters.polls = 7;
  counters.drops[kFull] = 5;
  const Rates rates = rates_between(counters, counters, 1);
  EXPECT_EQ(rates.rx_frames, 0);
  EXPECT_EQ(rates.polls_per_irq, 0);
  EXPECT_TRUE(rates.drop.empty());
}

TEST(Rates, Counters_BackwardsAreAnotherDevices) {
  Counters before, after;
  before.tx_frames = 100;
  after.tx_frames = 1;
  after.rx_frames = 50;
  after.in_flight = after.ring_size = 64;
  const Rates rates = rates_between(before, after, 1);
  EXPECT_EQ(rates.tx_frames, 0);
  EXPECT_EQ(rates.rx_frames, 0);
  EXPECT_EQ(rates.ring_fill, 1);
}

TEST(Rates, Samples_MatchDevicesByNameHostAndIndex) {
  Sample before, after;
  before.time_ns = 1'000'000'000;
  after.time_ns = 1'500'000'000;
  before.devices = {device("v0", 1, 10), device("v1", 2, 10)};
  after.devices = {device("v1", 3, 90), device("v0", 1, 20), device("v2", 4, 30)};
  const std::vector<DeviceRates> rates = rates_between(before, after);
  ASSERT_EQ(rates.size(), 3u);
  EXPECT_EQ(rates[0].total.rx_frames, 0);  // made anew
  EXPECT_DOUBLE_EQ(rates[1].total.rx_frames, 20);
  EXPECT_DOUBLE_EQ(rates[1].queues.at(0).rx_frames, 20);
  EXPECT_EQ(rates[2].total.rx_frames, 0);  // not there before
}

TEST(Rates, Device_IsAsFullAsItsFullestQueue) {
  Sample sample;
  sample.time_ns = 2;
  sample.devices = {device("v0", 1, 0)};
  sample.devices[0].queues.resize(3);
  for (Counters& queue : sample.devices[0].queues) queue.ring_size = 64;
  sample.devices[0].queues[2].in_flight = 48;
  EXPECT_DOUBLE_EQ(rates_between({}, sample)[0].total.ring_fill, 0.75);
}

TEST(Columns, ShortNumber_IsFiveCharactersAtMost) {
  const std::pair<double, const char*> cases[] = {
      {0, "0"},         {0.25, "0.25"},   {7, "7"},          {99.94, "99.9"},  {99.96, "100"},
      {999, "999"},     {999.4, "999"},   {999.6, "1.00k"},  {1234, "1.23k"},  {9996, "10.0k"},
      {123456, "123k"}, {999499, "999k"}, {999500, "1.00M"}, {1.5e9, "1.50G"}, {1.8e19, "18.0E"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(short_number(value), text) << value;
}

TEST(Columns, Bar_ShowsThatThereIsSomething) {
  EXPECT_EQ(bar(0, 4), "....");
  EXPECT_EQ(bar(0.001, 4), "#...");
  EXPECT_EQ(bar(0.5, 4), "##..");
  EXPECT_EQ(bar(1.5, 4), "####");
}

TEST(Columns, Rows_AreAsWideAsTheHeader) {
  Rates rates;
  rates.rx_frames = rates.tx_bits = 1234567;
  rates.ring_fill = 1;
  for (const int width : {40, 80, 100, 112, 300}) {
    const std::string header = table_header(width);
    EXPECT_EQ(table_row("a-name-far-too-long-for-it", rates, width).size(), header.size());
    if (width >= 80 && width <= 112) {
      EXPECT_EQ(header.size(), static_cast<std::size_t>(width));
    }
  }
}

TEST(Graph, LatestIsRightAndMostIsFull) {
  const std::vector<std::string> lines = bar_graph("rx", {0, 50, 100}, 11);
  ASSERT_EQ(lines.size(), 1u + kGraphHeight);
  EXPECT_EQ(lines[0], "rx");
  EXPECT_EQ(lines[1], "  100   ..|");
  EXPECT_EQ(lines[3], "   60   ..|");
  EXPECT_EQ(lines[4], "   40   .||");
  EXPECT_EQ(lines[5], "   20   .||");
}

TEST(Graph, ShowsTheLastValuesThatFit) {
  const std::vector<std::string> lines = bar_graph("rx", std::vector<double>(100, 1.0), 20);
  EXPECT_EQ(lines[1].substr(6), std::string(14, '|'));
  EXPECT_EQ(bar_graph("rx", {}, 20)[1].substr(6), std::string(14, ' '));
}

}  // namespace
}  // namespace vnet::cli
