// SPDX-License-Identifier: GPL-2.0-only
#include "cli/top/rates.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace vnet::cli {
namespace {

double ring_fill(const Counters& counters) {
  if (counters.ring_size == 0) return 0;
  const double fill =
      static_cast<double>(counters.in_flight) / static_cast<double>(counters.ring_size);
  return std::min(fill, 1.0);
}

// Differences, until one of them turns out to be negative.
class Differences {
 public:
  explicit Differences(double seconds) : seconds_(seconds) {}

  double rate(vnet_u64 before, vnet_u64 after) {
    if (after < before) backwards_ = true;
    return static_cast<double>(after - before) / seconds_;
  }
  bool backwards() const { return backwards_; }

 private:
  double seconds_;
  bool backwards_ = false;
};

void rate_drops(Differences& differences, const Counters& before, const Counters& after,
                Rates& rates) {
  for (const auto& [kind, frames] : after.drops) {
    const auto old = before.drops.find(kind);
    const double rate = differences.rate(old == before.drops.end() ? 0 : old->second, frames);
    if (rate > 0) rates.drop[kind] = rate;
    rates.drops += rate;
  }
}

// By host, name and end; ifindex tells a device from an earlier one of its name.
using Known =
    std::map<std::tuple<std::string_view, std::string_view, vnet_u32>, const DeviceSample*>;

Known known_devices(const Sample& sample) {
  Known known;
  for (const DeviceSample& device : sample.devices)
    known[{device.host, device.name, device.end}] = &device;
  return known;
}
const DeviceSample* find(const Known& known, const DeviceSample& device) {
  const auto found = known.find({device.host, device.name, device.end});
  if (found == known.end() || found->second->ifindex != device.ifindex) return nullptr;
  return found->second;
}

}  // namespace

Rates rates_between(const Counters& before, const Counters& after, double seconds) {
  Differences differences(seconds);
  Rates rates;
  rates.tx_frames = differences.rate(before.tx_frames, after.tx_frames);
  rates.tx_bits = differences.rate(before.tx_bytes, after.tx_bytes) * 8;
  rates.rx_frames = differences.rate(before.rx_frames, after.rx_frames);
  rates.rx_bits = differences.rate(before.rx_bytes, after.rx_bytes) * 8;
  rates.rx_irqs = differences.rate(before.rx_irqs, after.rx_irqs);
  rates.tx_irqs = differences.rate(before.tx_irqs, after.tx_irqs);
  rates.polls = differences.rate(before.polls, after.polls);
  rates.tx_timeouts = differences.rate(before.tx_timeouts, after.tx_timeouts);
  rate_drops(differences, before, after, rates);
  if (differences.backwards()) rates = {};
  if (const double irqs = rates.rx_irqs + rates.tx_irqs; irqs > 0)
    rates.polls_per_irq = rates.polls / irqs;
  rates.ring_fill = ring_fill(after);
  return rates;
}

std::vector<DeviceRates> rates_between(const Sample& before, const Sample& after) {
  const double seconds = static_cast<double>(after.time_ns - before.time_ns) / 1e9;
  const Known known = known_devices(before);
  std::vector<DeviceRates> all;
  for (const DeviceSample& device : after.devices) {
    const DeviceSample* const old = find(known, device);
    DeviceRates& rates = all.emplace_back();
    rates.device = &device;
    rates.total = rates_between(old ? old->total : device.total, device.total, seconds);
    rates.total.ring_fill = 0;
    for (std::size_t i = 0; i < device.queues.size(); ++i) {
      const bool was_there = old && i < old->queues.size();
      rates.queues.push_back(
          rates_between(was_there ? old->queues[i] : device.queues[i], device.queues[i], seconds));
      rates.total.ring_fill = std::max(rates.total.ring_fill, rates.queues.back().ring_fill);
    }
  }
  return all;
}

}  // namespace vnet::cli
