// SPDX-License-Identifier: GPL-2.0-only
// The counters of all devices at one moment, of both hosts alike: what `vnet top` and `vnet
// metrics` read.
#pragma once

#include <vnet/control.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/transport.h"
#include "cli/verify/lateness.h"

namespace vnet::cli {

// Direction and reason (enum vnet_direction, enum vnet_drop_reason of the schema).
using DropKind = std::pair<vnet_u32, vnet_u32>;

// Of a queue, or the sum over a device's. They count from the device's creation.
struct Counters {
  vnet_u64 tx_frames = 0, tx_bytes = 0;
  vnet_u64 rx_frames = 0, rx_bytes = 0, rx_multicast = 0;
  vnet_u64 rx_irqs = 0, tx_irqs = 0, polls = 0, tx_timeouts = 0;
  std::map<DropKind, vnet_u64> drops;  // those that are not 0
  vnet_u64 in_flight = 0;              // now, in the receive ring
  vnet_u64 ring_size = 0;              // of one receive ring
};

struct DeviceSample {  // its texts are UTF-8
  std::string name;
  vnet_u32 ifindex = 0;
  std::string host;  // "kernel", or the user-space instance's name
  bool user = false;
  vnet_u32 end = 0;  // of a user-space pair: 0 or 1; two may have one name and one index
  bool open = false, carrier = false;
  vnet_u32 mtu = 0;
  std::string mac;
  std::string peer;  // empty where its name is not known here
  Counters total;
  std::vector<Counters> queues;  // by number
  std::map<std::string, vnet_u64> host_counters;
  LatenessView late;  // of what the device received
};

struct Sample {
  vnet_u64 time_ns = 0;  // CLOCK_MONOTONIC
  std::vector<DeviceSample> devices;
};

// Asks these hosts.
Result<Sample> take_sample(std::span<const std::unique_ptr<Transport>> hosts);
// Asks each host that lives. Here and above one that ends meanwhile has no devices; one that
// refuses is an error.
Result<Sample> take_sample(HostChoice choice);

}  // namespace vnet::cli
