// SPDX-License-Identifier: GPL-2.0-only
// A timer of one device's, once each time it is armed, in a round of the loop of its own: of a
// queue's deadline (vnet_host_deadline_arm), of a device's faults (vnet_host_timer_arm), of the
// transmit watchdog.
#pragma once

#include <vnet/types.h>

#include "user/event_loop.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class Port;

class Timer final : public EventLoop::Source {
 public:
  using Expired = void (Port::*)();
  Timer(Port& port, Expired expired) : port_(port), expired_(expired) {}

  Failure start(EventLoop& loop);
  // By CLOCK_MONOTONIC, instead of what it was armed for; at once if that is over.
  void arm(vnet_u64 at);
  void disarm();
  bool armed() const { return armed_; }
  void on_event(uint32_t events) override;

 private:
  Port& port_;
  Expired expired_;
  UniqueFd timer_;
  bool armed_ = false;
};

}  // namespace vnet::user
