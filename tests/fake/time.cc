// SPDX-License-Identifier: GPL-2.0-only
// host.h: time, waiting for calls, and what the core tells of a device's faults.
#include "tests/fake/device.h"
#include "tests/fake/host.h"

using vnet::fake::Context;
using vnet::fake::Device;
using vnet::fake::Host;
using vnet::fake::Point;
using vnet::fake::Queue;

void vnet_host_deadline_arm(void* host_queue, vnet_u64 at) {
  Host& host = Host::get();
  host.require("vnet_host_deadline_arm", {Context::kTransmit, Context::kPoll});
  host.reached(Point::kArm);
  if (at == 0) host.violation("vnet_host_deadline_arm without a time");
  static_cast<Queue*>(host_queue)->on_deadline_arm(at);
}

vnet_u64 vnet_host_clock_ns() {
  Host& host = Host::get();
  host.require("vnet_host_clock_ns", {Context::kPoll, Context::kTransmit, Context::kControl,
                                      Context::kTimer, Context::kAny});
  host.clock_calls++;
  return host.now();
}

void vnet_host_timer_arm(void* host_device, vnet_u64 delay_ns) {
  Host& host = Host::get();
  host.require("vnet_host_timer_arm",
               {Context::kControl, Context::kTransmit, Context::kPoll, Context::kTimer});
  static_cast<Device*>(host_device)->on_timer_arm(host.now() + delay_ns);
  host.reached(Point::kTimer);
}

void vnet_host_tx_quiesce(void* host_device) {
  Host::get().require("vnet_host_tx_quiesce", {Context::kControl});
  Host::get().reached(Point::kQuiesce);
  auto& device = *static_cast<Device*>(host_device);
  for (vnet::u32 i = 0; i < device.queues(); i++) device.queue(i).wait_for_tx();
}

void vnet_host_quiesce() {
  Host& host = Host::get();
  host.require("vnet_host_quiesce", {Context::kControl});
  host.reached(Point::kQuiesce);
  host.wait_for_calls();
}

void vnet_host_fault(void* host_device, const vnet_fault_event* event) {
  Host::get().require("vnet_host_fault",
                      {Context::kControl, Context::kTransmit, Context::kPoll, Context::kTimer});
  static_cast<Device*>(host_device)->on_fault(*event);
}

void vnet_host_device_remove(void* host_device) {
  Host::get().require("vnet_host_device_remove", {Context::kControl});
  static_cast<Device*>(host_device)->on_remove();
}
