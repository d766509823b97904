// SPDX-License-Identifier: GPL-2.0-only
#include "cli/metrics/exposition.h"

#include <fmt/core.h>
#include <vnet/version.h>

#include "cli/metrics/prometheus.h"
#include "cli/schema_words.h"

namespace vnet::cli {
namespace {

using Type = MetricFamily::Type;

// Every metric, in the order in which they stand.
struct Families {
  MetricFamily build_info{"vnet_build_info", Type::kGauge, "The command that wrote this."};
  MetricFamily info{"vnet_info", Type::kGauge, "A device, and what does not change by itself."};
  MetricFamily open{"vnet_open", Type::kGauge, "Whether the device is administratively up."};
  MetricFamily carrier{"vnet_carrier", Type::kGauge, "Whether both ends are open and linked."};
  MetricFamily mtu{"vnet_mtu_bytes", Type::kGauge, "The device's MTU."};
  MetricFamily frames{"vnet_frames_total", Type::kCounter,
                      "Frames accepted onto the link (tx) or delivered to the host (rx). "
                      "A super-frame counts as its segments."};
  MetricFamily bytes{"vnet_bytes_total", Type::kCounter,
                     "Bytes of these frames, each segment's headers among them."};
  MetricFamily multicast{"vnet_multicast_frames_total", Type::kCounter,
                         "Delivered multicast and broadcast frames."};
  MetricFamily drops{"vnet_drops_total", Type::kCounter, "Frames lost, by direction and reason."};
  MetricFamily interrupts{"vnet_interrupts_total", Type::kCounter, "Interrupts served, by cause."};
  MetricFamily polls{"vnet_polls_total", Type::kCounter, "Polls."};
  MetricFamily timeouts{"vnet_tx_timeouts_total", Type::kCounter,
                        "How often the watchdog found a queue hung."};
  MetricFamily size{"vnet_ring_size_frames", Type::kGauge, "Room in a receive ring."};
  MetricFamily fill{"vnet_ring_fill_frames", Type::kGauge, "Descriptors in a receive ring now."};
  MetricFamily host{"vnet_host_events_total", Type::kCounter,
                    "Counters of the host around the device: xdp in the kernel, TAP in user "
                    "space."};

  MetricFamily late{"vnet_wire_lateness_seconds", Type::kHistogram,
                    "How late descriptors left the impaired wire to the device."};

  template <typename Visit>
  void each(Visit visit) {
    for (MetricFamily* family :
         {&build_info, &info, &open, &carrier, &mtu, &frames, &bytes, &multicast, &drops,
          &interrupts, &polls, &timeouts, &size, &fill, &host, &late})
      visit(*family);
  }
};

void add_drops(MetricFamily& family, const DeviceSample& device) {
  // Also those that are 0: a rate needs the sample before the first drop.
  for (vnet_u32 direction = 0; direction < direction_count(); ++direction)
    for (vnet_u32 reason = 0; reason < drop_reason_count(); ++reason) {
      const auto found = device.total.drops.find({direction, reason});
      family.add({{"direction", direction_word(direction)}, {"reason", drop_reason_word(reason)}},
                 found == device.total.drops.end() ? 0 : found->second);
    }
}

void add_queue(Families& to, const DeviceSample& device, std::size_t number) {
  const Counters& counters = device.queues[number];
  const std::string number_text = fmt::format("{}", number);
  const Label queue{"queue", number_text};
  to.interrupts.add({queue, {"cause", "rx"}}, counters.rx_irqs);
  to.interrupts.add({queue, {"cause", "tx"}}, counters.tx_irqs);
  to.polls.add({queue}, counters.polls);
  to.timeouts.add({queue}, counters.tx_timeouts);
  to.size.add({queue}, counters.ring_size);
  to.fill.add({queue}, counters.in_flight);
}

// From 2^8 ns on: what is finer nobody scrapes for. Nothing of a wire that never was impaired.
void add_lateness(MetricFamily& family, const DeviceSample& device) {
  constexpr double kSecond = 1e9;
  constexpr size_t kFirst = 8;
  const vnet_u64 count = device.late.count();
  if (!count) return;
  std::vector<std::pair<double, vnet_u64>> up_to = device.late.up_to_octaves();
  up_to.erase(up_to.begin(), up_to.begin() + kFirst);
  for (auto& [below, frames] : up_to) below = (below - 1) / kSecond;  // whole nanoseconds
  family.add({}, up_to, static_cast<double>(device.late.sum_ns()) / kSecond, count);
}

// What tells its samples from others'. A driver's two ends may have one name, in two namespaces.
std::vector<Label> identity_of(const DeviceSample& device, const std::string& netns) {
  std::vector<Label> labels;
  if (!netns.empty()) labels.emplace_back("netns", netns);
  labels.emplace_back("device", device.name);
  if (device.user) {
    labels.emplace_back("driver", device.host);
    labels.emplace_back("end", device.end == 0 ? "a" : "b");
  }
  return labels;
}

void add_device(Families& to, const DeviceSample& device) {
  to.info.add({{"host", device.user ? "user" : "kernel"},
               {"mac", device.mac},
               {"peer", device.peer},
               {"queues", fmt::format("{}", device.queues.size())}},
              1);
  to.open.add({}, device.open);
  to.carrier.add({}, device.carrier);
  to.mtu.add({}, device.mtu);
  to.frames.add({{"direction", "tx"}}, device.total.tx_frames);
  to.frames.add({{"direction", "rx"}}, device.total.rx_frames);
  to.bytes.add({{"direction", "tx"}}, device.total.tx_bytes);
  to.bytes.add({{"direction", "rx"}}, device.total.rx_bytes);
  to.multicast.add({{"direction", "rx"}}, device.total.rx_multicast);
  add_drops(to.drops, device);
  for (std::size_t i = 0; i < device.queues.size(); ++i) add_queue(to, device, i);
  add_lateness(to.late, device);
  for (const auto& [counter, value] : device.host_counters)
    to.host.add({{"event", counter}}, value);
}

}  // namespace

std::string exposition(const Sample& sample, const std::string& netns) {
  Families families;
  if (!netns.empty()) families.build_info.with({{"netns", netns}});
  families.build_info.add({{"version", VNET_VERSION}}, 1);
  for (const DeviceSample& device : sample.devices) {
    const std::vector<Label> identity = identity_of(device, netns);
    families.each([&](MetricFamily& family) { family.with(identity); });
    add_device(families, device);
  }
  std::string text;
  families.each([&](const MetricFamily& family) { family.append_to(text); });
  return text;
}

}  // namespace vnet::cli
