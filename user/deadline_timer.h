// SPDX-License-Identifier: GPL-2.0-only
// The timer of a queue's interrupt moderation (vnet_host_deadline_arm), and the clock beside it.
#pragma once

#include <vnet/types.h>

#include "user/event_loop.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class Port;

// CLOCK_MONOTONIC.
vnet_u64 clock_ns();

class DeadlineTimer final : public EventLoop::Source {
 public:
  explicit DeadlineTimer(Port& port) : port_(port) {}

  Failure start(EventLoop& loop);
  // Instead of what it was armed for.
  void arm(vnet_u64 delay_ns);
  void on_event(uint32_t events) override;

 private:
  Port& port_;
  UniqueFd timer_;
};

}  // namespace vnet::user
