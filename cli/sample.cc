// SPDX-License-Identifier: GPL-2.0-only
#include "cli/sample.h"

#include <time.h>

#include <utility>

#include "cli/host_end.h"
#include "cli/hosts.h"
#include "cli/output.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

Counters counters_of(const vnet_stats_values& values) {
  Counters counters;
  counters.tx_frames = values.tx_frames;
  counters.tx_bytes = values.tx_bytes;
  counters.rx_frames = values.rx_frames;
  counters.rx_bytes = values.rx_bytes;
  counters.rx_multicast = values.rx_multicast;
  counters.rx_irqs = values.rx_irqs;
  counters.tx_irqs = values.tx_irqs;
  counters.polls = values.polls;
  counters.tx_timeouts = values.tx_timeouts;
  counters.in_flight = values.in_flight;
  counters.ring_size = values.ring_size;
  for (vnet_u32 i = 0; i < values.drop_count; ++i)
    counters.drops[{values.drop[i].direction, values.drop[i].reason}] = values.drop[i].frames;
  return counters;
}

DeviceSample device_of(const vnet_device_values& values, const Transport& host) {
  DeviceSample device;
  device.name = valid_utf8(values.ifname);
  device.ifindex = values.ifindex;
  device.host = valid_utf8(host.name());
  device.user = host.host() == Host::kUser;
  device.open = values.open;
  device.carrier = values.carrier;
  device.mtu = values.mtu;
  device.mac = mac_text(values.mac);
  device.peer = valid_utf8(values.peer_ifname);
  return device;
}

// The devices of one host; their counters come in a second dump, what their wires did in a third.
class HostSample {
 public:
  explicit HostSample(Transport& host) : host_(host) {}

  Failure take() {
    const auto add = [this](const Reply& reply) { add_device(reply); };
    if (Failure failure = host_.dump(VNET_CMD_DEVICE_GET, vnet_device_values{}, add))
      return failure;
    const auto request = std::make_unique<vnet_stats_values>();
    request->has = 1ull << VNET_A_STATS_PER_QUEUE;
    request->per_queue = 1;
    const auto count = [this](const Reply& reply) { add_stats(reply); };
    if (Failure failure = host_.dump(VNET_CMD_STATS_GET, *request, count)) return failure;
    const auto wire = [this](const Reply& reply) { add_wire(reply); };
    return host_.dump(VNET_CMD_IMPAIR_GET, vnet_impair_values{}, wire);
  }

  // Without those that had no counters any more.
  void append_to(std::vector<DeviceSample>& all) {
    for (Entry& entry : entries_)
      if (!entry.device.queues.empty()) all.push_back(std::move(entry.device));
  }

 private:
  struct Entry {
    DeviceSample device;
    bool counted = false, wired = false;
  };
  using Key = std::pair<vnet_u32, std::string>;

  void add_device(const Reply& reply) {
    const auto values = std::make_unique<vnet_device_values>();
    if (!reply.decode(*values)) return;
    by_key_[{values->ifindex, values->ifname}].push_back(entries_.size());
    DeviceSample& device = entries_.emplace_back().device;
    device = device_of(*values, host_);
    if (device.user) device.end = static_cast<vnet_u32>(entries_.size() - 1);
  }

  // A user-space pair's ends, in two network namespaces, may have one index and one name: all dumps
  // have them in the same order. A device that was made between two dumps waits for the next
  // sample.
  Entry* take_next(const Key& key, bool Entry::*taken) {
    for (const size_t index : by_key_[key])
      if (!std::exchange(entries_[index].*taken, true)) return &entries_[index];
    return nullptr;
  }

  // The sum over all queues comes first, then the queues by number.
  void add_stats(const Reply& reply) {
    const auto values = std::make_unique<vnet_stats_values>();
    if (!reply.decode(*values)) return;
    const bool of_queue = values->has & (1ull << VNET_A_STATS_QUEUE);
    if (!of_queue) counting_ = take_next({values->ifindex, values->ifname}, &Entry::counted);
    if (!counting_) return;
    DeviceSample& device = counting_->device;
    if (of_queue) {
      device.queues.push_back(counters_of(*values));
      return;
    }
    device.total = counters_of(*values);
    for (vnet_u32 i = 0; i < values->host_counter_count; ++i) {
      const vnet_bytes& name = values->host_counter[i].name;
      device.host_counters[{static_cast<const char*>(name.data), name.len}] =
          values->host_counter[i].value;
    }
  }

  // What it sends is what the other end receives.
  void add_wire(const Reply& reply) {
    vnet_impair_values values;
    if (!reply.decode(values) || values.direction != VNET_DIRECTION_RX) return;
    if (Entry* const entry = take_next({values.ifindex, values.ifname}, &Entry::wired))
      entry->device.late = LatenessView(values);
  }

  Transport& host_;
  std::vector<Entry> entries_;
  std::map<Key, std::vector<size_t>> by_key_;
  Entry* counting_ = nullptr;
};

}  // namespace

Result<Sample> take_sample(std::span<const std::unique_ptr<Transport>> hosts) {
  Sample sample;
  sample.time_ns = user::monotonic_ns();
  for (const std::unique_ptr<Transport>& host : hosts) {
    HostSample part(*host);
    if (Failure failure = part.take()) {
      if (host->host() == Host::kUser && has_ended(*failure)) continue;
      return *failure;
    }
    part.append_to(sample.devices);
  }
  return sample;
}

Result<Sample> take_sample(HostChoice choice) {
  const Result<std::vector<std::unique_ptr<Transport>>> hosts = open_hosts(choice);
  if (!hosts) return hosts.error();
  return take_sample(*hosts);
}

}  // namespace vnet::cli
