// SPDX-License-Identifier: GPL-2.0-only
// A run's report; a browser looks at one in tests/user/test_run.sh.
#include "cli/scenario/report.h"

#include <gtest/gtest.h>

#include "cli/scenario/plot.h"
#include "cli/scenario/report_plots.h"

namespace vnet::cli {
namespace {

constexpr RunTime kSecond = 1000000000;

Scenario one_link() {
  Scenario scenario;
  scenario.name = "lab<>&";
  scenario.source = "</pre><script>alert(1)</script>";
  scenario.links.resize(1);
  scenario.links[0].ends[0].name = {"client", "v0"};
  scenario.links[0].ends[1].name = {"server", "v1"};
  return scenario;
}

// Two seconds; a megabit in the second one, and three frames lost.
History two_seconds() {
  History history;
  history.hosts = {"user"};
  history.end_ns = 2 * kSecond;
  for (int i = 0; i < 3; i++) {
    History::Reading v1{i < 2 ? 0u : 125000u, 0, {}};
    if (i == 2) v1.drops[{VNET_DIRECTION_RX, VNET_DROP_REASON_IMPAIR_LOSS}] = 3;
    history.points.push_back({i * kSecond, {{"client/v0", {}}, {"server/v1", v1}}});
  }
  history.marks = {
      {History::Mark::kFault, kSecond, kSecond * 3 / 2, "client/v0", "link-flap fired"},
      {History::Mark::kLink, kSecond, kSecond * 3 / 2, "client/v0", "carrier lost"},
      {History::Mark::kLink, kSecond + 9, kSecond * 3 / 2, "server/v1", "carrier lost"},
      {History::Mark::kFault, kSecond / 2, kSecond / 2, "other/v9", "of another link"},
      {History::Mark::kNote, kSecond / 4, kSecond / 4, "", "a note"}};
  return history;
}

TEST(Plots, HaveStepsThatAreRead) {
  EXPECT_EQ(nice_steps(5.8, 10), (std::pair<double, size_t>(1, 6)));
  EXPECT_EQ(nice_steps(10, 5), (std::pair<double, size_t>(2, 5)));
  EXPECT_EQ(nice_steps(170, 4), (std::pair<double, size_t>(50, 4)));
}

TEST(Plots, ThroughputIsWhatArrivedInItsTime) {
  const std::vector<Plot> plots = link_plots(one_link(), two_seconds(), 0);
  ASSERT_EQ(plots.size(), 3u);
  EXPECT_EQ(plots[0].unit, "Mbit/s");
  const std::vector<PlotPoint> wanted{{0.5, 0}, {1.5, 1}};
  EXPECT_EQ(plots[0].series[0].points, wanted);
}

TEST(Plots, DropsAreByReason) {
  const std::vector<Plot> plots = link_plots(one_link(), two_seconds(), 0);
  ASSERT_EQ(plots[2].series.size(), 1u);
  EXPECT_EQ(plots[2].series[0].name, "impair-loss 3");
  ASSERT_EQ(plots[2].bars.size(), 2u);
  EXPECT_EQ(plots[2].bars[0].values, std::vector<double>{0});
  EXPECT_EQ(plots[2].bars[1].values, std::vector<double>{3});
}

TEST(Plots, EchoesThatWereNotAnsweredAreShown) {
  History history = two_seconds();
  EXPECT_EQ(link_plots(one_link(), history, 0)[1].empty, "not measured: the link has no probe");
  history.echoes[0] = {{0, 20000000}, {kSecond, {}}};
  const Plot delay = link_plots(one_link(), history, 0)[1];
  EXPECT_EQ(delay.series[0].points, (std::vector<PlotPoint>{{0, 20}}));
  EXPECT_EQ(delay.ticks, std::vector<double>{1});
}

TEST(Marks, AreOfTheLinkAndEachOnce) {
  const std::vector<PlotMark> marks = link_marks(one_link(), two_seconds(), 0);
  ASSERT_EQ(marks.size(), 3u);
  EXPECT_EQ(marks[0].text, "a note");
  EXPECT_EQ(marks[1].text, "client/v0: link-flap fired");
  EXPECT_EQ(marks[1].to, 1.5);
  EXPECT_EQ(marks[2].text, "carrier lost");
  EXPECT_EQ(marks[2].number, 3u);
}

TEST(Report, ShowsWhatWasSaidAsText) {
  History history = two_seconds();
  history.outcomes.push_back({{3, 1}, 0, "<b>", "&", false});
  history.commands.push_back({0, 1, "client", "echo '<i>'", "</pre>\xff", 1, false});
  const std::string page = report_html(one_link(), history);
  EXPECT_NE(page.find("FAILED"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
  for (const char* raw : {"<script>alert", "<b>", "<i>", "http://", "https://", "src=", "<link"})
    EXPECT_EQ(page.find(raw), std::string::npos) << raw;
}

TEST(Report, OfARunWithoutAnythingIsAPage) {
  Scenario scenario = one_link();
  scenario.links.clear();
  EXPECT_NE(report_html(scenario, History()).find("PASSED"), std::string::npos);
  EXPECT_NE(report_html(one_link(), History()).find("nothing arrived"), std::string::npos);
}

}  // namespace
}  // namespace vnet::cli
