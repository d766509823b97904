// SPDX-License-Identifier: GPL-2.0-only
// The timer of a device's faults (vnet_host_timer_arm): control, in a round of the loop of its own.
#pragma once

#include <vnet/types.h>

#include "user/event_loop.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class Port;

class FaultTimer final : public EventLoop::Source {
 public:
  explicit FaultTimer(Port& port) : port_(port) {}

  Failure start(EventLoop& loop);
  // Instead of what it was armed for; 0: soon.
  void arm(vnet_u64 delay_ns);
  void on_event(uint32_t events) override;

 private:
  Port& port_;
  UniqueFd timer_;
};

}  // namespace vnet::user
