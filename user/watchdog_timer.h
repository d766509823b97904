// SPDX-License-Identifier: GPL-2.0-only
// The timer of the core's transmit watchdog (vnet_core_watchdog): armed only while a queue is
// stopped.
#pragma once

#include <vnet/types.h>

#include "user/event_loop.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class Port;

class WatchdogTimer final : public EventLoop::Source {
 public:
  explicit WatchdogTimer(Port& port) : port_(port) {}

  Failure start(EventLoop& loop);
  bool armed() const { return armed_; }
  void disarm() { set(0); }
  // Asks the core now and arms the timer for its next deadline, if there is one.
  void check();
  void on_event(uint32_t events) override;

 private:
  void set(vnet_u64 ns);

  Port& port_;
  UniqueFd timer_;
  bool armed_ = false;
};

}  // namespace vnet::user
