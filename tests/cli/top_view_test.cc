// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "cli/top/view.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 kSecond = 1'000'000'000;

// `devices` of them, each with two queues; device i gets 100 * i frames a second.
Sample sample(int devices, vnet_u64 seconds) {
  Sample made;
  made.time_ns = (seconds + 1) * kSecond;
  for (int i = 0; i < devices; ++i) {
    DeviceSample& device = made.devices.emplace_back();
    device.name = "v" + std::to_string(i);
    device.host = "kernel";
    device.ifindex = static_cast<vnet_u32>(i + 1);
    device.carrier = true;
    device.mac = "02:00:00:00:00:01";
    device.total.rx_frames = static_cast<vnet_u64>(i) * 100 * seconds;
    device.total.rx_bytes = device.total.rx_frames * 125;
    device.total.drops[{VNET_DIRECTION_RX, VNET_DROP_REASON_RING_FULL}] = 4 * seconds;
    device.queues.resize(2);
  }
  return made;
}
TopView view_of(int devices) {
  TopView view(1);
  view.update(sample(devices, 0));
  view.update(sample(devices, 1));
  return view;
}

std::string text_of(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) text += line.text + "\n";
  return text;
}
bool shows(TopView& view, const std::string& what, int width = 80, int height = 24) {
  return text_of(view.render(width, height)).find(what) != std::string::npos;
}
// The device that is marked.
std::string selected(TopView& view, int height = 24) {
  std::string found;
  for (const Line& line : view.render(80, height))
    if (line.style == Style::kSelected) found += line.text.substr(1, line.text.find(' ') - 1);
  return found;
}

TEST(TopView, Render_FitsEverySize) {
  TopView view = view_of(30);
  for (const char keys : std::string("dig?")) {
    view.press(keys);
    for (const int width : {1, 20, 80, 200})
      for (const int height : {1, 2, 5, 24, 60}) {
        const std::vector<Line> lines = view.render(width, height);
        ASSERT_EQ(lines.size(), static_cast<std::size_t>(height));
        for (const Line& line : lines) EXPECT_LE(line.text.size(), static_cast<std::size_t>(width));
      }
  }
}

TEST(TopView, Render_ShowsRatesFromTheSecondSampleOn) {
  TopView view(1);
  EXPECT_TRUE(shows(view, "no devices"));
  view.update(sample(3, 5));
  EXPECT_TRUE(shows(view, "+v2                   0"));
  view.update(sample(3, 6));
  EXPECT_TRUE(shows(view, "+v2                 200   200k"));
}

TEST(TopView, Arrows_SelectAndTheTableFollows) {
  TopView view = view_of(40);
  EXPECT_EQ(selected(view), "v0");
  view.press(kKeyDown);
  view.press('j');
  EXPECT_EQ(selected(view), "v10");  // by name: v0, v1, v10
  view.press(kKeyEnd);
  EXPECT_EQ(selected(view), "v9");
  EXPECT_FALSE(shows(view, "+v0 "));
  view.press(kKeyDown);
  EXPECT_EQ(selected(view), "v9");
  view.press(kKeyHome);
  view.press('k');
  EXPECT_EQ(selected(view), "v0");
}

TEST(TopView, Selection_StaysWithItsDevice) {
  TopView view = view_of(3);
  view.press(kKeyDown);
  view.press('r');  // v2, v1, v0
  EXPECT_EQ(selected(view), "v1");
  Sample next = sample(3, 2);
  next.devices.erase(next.devices.begin() + 1);
  view.update(next);
  EXPECT_EQ(selected(view), "v2");  // v1 is gone: the first
}

TEST(TopView, Enter_ShowsQueuesAndDropsOfOneDevice) {
  TopView view = view_of(2);
  EXPECT_FALSE(shows(view, "queue 1"));
  view.press('\n');
  EXPECT_TRUE(shows(view, "-v0"));
  EXPECT_TRUE(shows(view, "+v1"));
  EXPECT_TRUE(shows(view, "    queue 1"));
  EXPECT_TRUE(shows(view, "drop rx ring_full                     4/s                    4 frames"));
  view.press(kKeyLeft);
  EXPECT_FALSE(shows(view, "queue 1"));
  view.press(kKeyRight);
  EXPECT_TRUE(shows(view, "queue 1"));
  view.press('\r');
  view.press('d');
  EXPECT_TRUE(shows(view, "-v1"));
}

TEST(TopView, Details_AreInSightOfTheirDevice) {
  TopView view = view_of(40);
  view.press(kKeyEnd);
  view.press(kKeyRight);
  EXPECT_EQ(selected(view, 8), "v9");
  EXPECT_TRUE(shows(view, "ring_full", 80, 8));
}

TEST(TopView, Sort_ByRateAndReversed) {
  TopView view = view_of(3);
  const auto first = [&] { return view.render(80, 24)[2].text.substr(1, 2); };
  view.press('r');
  EXPECT_EQ(first(), "v2");
  view.press('R');
  EXPECT_EQ(first(), "v0");
  view.press('x');  // all alike: by name
  EXPECT_EQ(first(), "v0");
  view.press('n');
  view.press('R');
  EXPECT_EQ(first(), "v2");
}

TEST(TopView, Interval_GoesInSteps) {
  TopView view(1);
  view.press('+');
  EXPECT_DOUBLE_EQ(view.interval_s(), 2);
  for (int i = 0; i < 20; ++i) view.press('+');
  EXPECT_DOUBLE_EQ(view.interval_s(), 60);
  for (int i = 0; i < 20; ++i) view.press('-');
  EXPECT_DOUBLE_EQ(view.interval_s(), 0.1);
  TopView odd(1.5);
  odd.press('+');
  EXPECT_DOUBLE_EQ(odd.interval_s(), 2);
  TopView other(1.5);
  other.press('-');
  EXPECT_DOUBLE_EQ(other.interval_s(), 1);
}

TEST(TopView, Toggles_InfoGraphHelp) {
  TopView view = view_of(2);
  EXPECT_FALSE(shows(view, "02:00:00:00:00:01"));
  view.press('i');
  EXPECT_TRUE(shows(view, "02:00:00:00:00:01"));
  view.press('g');
  EXPECT_TRUE(shows(view, "v0 rx bps"));
  view.press('?');
  EXPECT_TRUE(shows(view, "any key goes back"));
  view.press('g');  // only takes the help away
  EXPECT_TRUE(shows(view, "v0 rx bps"));
  EXPECT_FALSE(view.ended());
  view.press('?');
  view.press('q');
  EXPECT_TRUE(view.ended());
}

TEST(TopView, NoDevice_NoKeyMatters) {
  TopView view(1);
  view.update(Sample{});
  const std::vector<int> keys{'j', 'k', '\n', kKeyEnd, kKeyRight, 'd', 'i', 'g', 'r', 'R', 0x7f, 0};
  for (const int key : keys) view.press(key);
  EXPECT_TRUE(shows(view, "no devices"));
}

}  // namespace
}  // namespace vnet::cli
