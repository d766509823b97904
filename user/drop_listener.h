// SPDX-License-Identifier: GPL-2.0-only
// Who hears of the frames that the core drops, and of its decisions about them.
#pragma once

#include <linux/vnet_netlink.h>
#include <vnet/decision.h>
#include <vnet/types.h>

namespace vnet::user {

class Port;

class DropListener {
 public:
  // The frames are the core's until the call returns.
  virtual void on_frames_dropped(const Port& port, vnet_direction direction, const vnet_frame* list,
                                 vnet_drop reason) = 0;

 protected:
  ~DropListener() = default;
};

class DecisionListener {
 public:
  // About frames that `port` receives.
  virtual void on_decisions(const Port& port, const vnet_decisions& decisions) = 0;

 protected:
  ~DecisionListener() = default;
};

// Null: nobody listens, and nothing is paid.
inline constinit DropListener* drop_listener = nullptr;
inline constinit DecisionListener* decision_listener = nullptr;

}  // namespace vnet::user
