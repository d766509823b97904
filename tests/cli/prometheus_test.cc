// SPDX-License-Identifier: GPL-2.0-only
#include "cli/metrics/prometheus.h"

#include <gtest/gtest.h>

#include "cli/metrics/exposition.h"

namespace vnet::cli {
namespace {

using Type = MetricFamily::Type;

std::string text_of(const MetricFamily& family) {
  std::string text;
  family.append_to(text);
  return text;
}

TEST(Prometheus, Family_HasHelpTypeAndSamples) {
  MetricFamily family("vnet_polls_total", Type::kCounter, "Polls.");
  EXPECT_EQ(text_of(family), "");
  family.add({{"device", "v0"}, {"queue", "1"}}, 12);
  family.add({}, 18446744073709551615ull);
  EXPECT_EQ(text_of(family),
            "# HELP vnet_polls_total Polls.\n"
            "# TYPE vnet_polls_total counter\n"
            "vnet_polls_total{device=\"v0\",queue=\"1\"} 12\n"
            "vnet_polls_total 18446744073709551615\n");
}

TEST(Prometheus, Family_EscapesHelpAndLabels) {
  MetricFamily family("g", Type::kGauge, "a \"quote\", a \\ and\na line");
  family.with({{"netns", "b\\c"}}).add({{"device", "\"\n\\"}}, 1);
  EXPECT_EQ(text_of(family),
            "# HELP g a \"quote\", a \\\\ and\\na line\n"
            "# TYPE g gauge\n"
            "g{netns=\"b\\\\c\",device=\"\\\"\\n\\\\\"} 1\n");
}

Sample one_device() {
  Sample sample;
  DeviceSample& device = sample.devices.emplace_back();
  device.name = "v0";
  device.host = "kernel";
  device.carrier = true;
  device.mac = "02:00:00:00:00:01";
  device.total.rx_bytes = 1500;
  device.total.drops[{VNET_DIRECTION_RX, VNET_DROP_REASON_RING_FULL}] = 7;
  device.queues.resize(2);
  device.queues[1].rx_irqs = 5;
  device.queues[1].ring_size = 256;
  device.host_counters["xdp-errors"] = 3;
  return sample;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Exposition, Device_HasItsCounters) {
  const std::string text = exposition(one_device(), "");
  for (const char* line :
       {"vnet_info{device=\"v0\",host=\"kernel\",mac=\"02:00:00:00:00:01\",peer=\"\","
        "queues=\"2\"} 1",
        "vnet_carrier{device=\"v0\"} 1", "vnet_bytes_total{device=\"v0\",direction=\"rx\"} 1500",
        "vnet_drops_total{device=\"v0\",direction=\"rx\",reason=\"ring_full\"} 7",
        "vnet_drops_total{device=\"v0\",direction=\"tx\",reason=\"link_down\"} 0",
        "vnet_interrupts_total{device=\"v0\",queue=\"1\",cause=\"rx\"} 5",
        "vnet_ring_size_frames{device=\"v0\",queue=\"1\"} 256",
        "vnet_host_events_total{device=\"v0\",event=\"xdp-errors\"} 3"})
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
}

TEST(Exposition, Netns_IsALabelOfAll) {
  const std::string text = exposition(one_device(), "blue");
  EXPECT_TRUE(has_line(text, "vnet_carrier{netns=\"blue\",device=\"v0\"} 1")) << text;
  for (std::size_t at = 0; (at = text.find("\nvnet_", at)) != std::string::npos; ++at) {
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    EXPECT_NE(line.find("{netns=\"blue\""), std::string::npos) << line;
  }
}

TEST(Exposition, NoDevice_IsOnlyTheBuild) {
  const std::string text = exposition({}, "");
  EXPECT_NE(text.find("vnet_build_info{version="), std::string::npos);
  EXPECT_EQ(text.find("vnet_carrier"), std::string::npos);
}

}  // namespace
}  // namespace vnet::cli
