// SPDX-License-Identifier: GPL-2.0-only
// What happened each second between two samples.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/sample.h"

namespace vnet::cli {

// Per second, but for the last two.
struct Rates {
  double tx_frames = 0, tx_bits = 0, rx_frames = 0, rx_bits = 0;
  double drops = 0, rx_irqs = 0, tx_irqs = 0, polls = 0, tx_timeouts = 0;
  std::map<DropKind, double> drop;
  double polls_per_irq = 0;  // 0 if there was no interrupt
  double ring_fill = 0;      // 0 to 1, at the later sample; of a device, its fullest queue's
};

struct DeviceRates {
  const DeviceSample* device = nullptr;  // the later sample's
  Rates total;
  std::vector<Rates> queues;
};

// `seconds` is positive. Counters that went backwards are those of another device of that name:
// then the rates are 0.
Rates rates_between(const Counters& before, const Counters& after, double seconds);

// One for each device of `after`, in its order; one that was not there before has rates of 0.
// Points into `after`.
std::vector<DeviceRates> rates_between(const Sample& before, const Sample& after);

}  // namespace vnet::cli
