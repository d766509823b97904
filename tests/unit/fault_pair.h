// SPDX-License-Identifier: GPL-2.0-only
// A pair whose ends are given faults.
#pragma once

#include "tests/unit/impair_pair.h"

namespace vnet::fake {

class FaultPair : public ImpairPair {
 protected:
  static vnet_fault fault(vnet_fault_kind what, vnet_fault_start when = VNET_FAULT_NOW,
                          u64 when_value = 0, vnet_fault_for duration = VNET_FAULT_FOR_DEFAULT,
                          u64 for_value = 0) {
    vnet_fault fault{};
    fault.what = what;
    fault.queue = VNET_FAULT_ALL_QUEUES;
    fault.when = when;
    fault.when_value = when_value;
    fault.duration = duration;
    fault.for_value = for_value;
    return fault;
  }

  u32 add(Device& device, const vnet_fault& fault) {
    const char* why = nullptr;
    u32 id = 0;
    EXPECT_EQ(device.add_fault(fault, &id, &why), 0) << (why ? why : "");
    return id;
  }

  // Of the fault that a device has.
  static vnet_fault_info info(Device& device, u32 id = 1) {
    for (const vnet_fault_info& each : device.faults())
      if (each.id == id) return each;
    ADD_FAILURE() << "no fault " << id;
    return {};
  }

  // Frames of a's that b did not get, of `count` that are sent from now on, from 1.
  Numbers lost(u64 count) {
    const u64 first = sent_;
    send(count);
    const Numbers come = arrived();
    Numbers missing;
    for (u64 i = 0; i < count; i++)
      if (std::find(come.begin(), come.end(), first + i) == come.end()) missing.push_back(i + 1);
    return missing;
  }

  // What the firings say of the frames they met.
  static Numbers met(Device& device) {
    Numbers numbers;
    for (const vnet_fault_event& event : device.take_fault_events())
      if (event.news == VNET_FAULT_NEWS_FIRED) numbers.push_back(event.frame);
    return numbers;
  }

  // Events agree with the counter.
  void check_account(Device& device, u32 id) {
    u64 fired = 0, armed = 0, ended = 0;
    for (const vnet_fault_event& event : device.take_fault_events()) {
      if (event.id != id) continue;
      armed += event.news == VNET_FAULT_NEWS_ARMED;
      fired += event.news == VNET_FAULT_NEWS_FIRED;
      ended += event.news == VNET_FAULT_NEWS_ENDED;
    }
    const vnet_fault_info seen = info(device, id);
    EXPECT_EQ(armed, 1u);
    EXPECT_EQ(fired, seen.fired);
    EXPECT_EQ(ended, seen.state == VNET_FAULT_DONE || seen.state == VNET_FAULT_EXPIRED ? 1u : 0u);
  }
};

}  // namespace vnet::fake
