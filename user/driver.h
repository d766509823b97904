// SPDX-License-Identifier: GPL-2.0-only
// The user-space driver: one pair of devices, one thread, one event loop.
//
// A round of the loop: read a batch from each readable TAP and give it to the core (T), serve the
// interrupts that this raised (P) until there are none, then wait again. See README.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "user/control_server.h"
#include "user/event_loop.h"
#include "user/frame_pool.h"
#include "user/link_watch.h"
#include "user/options.h"
#include "user/port.h"
#include "user/rtnetlink.h"
#include "user/settings.h"
#include "user/signals.h"

namespace vnet::user {

class Driver final : public LinkWatch::Listener,
                     public Port::Owner,
                     public ControlRequests::Owner,
                     public Signals::Listener {
 public:
  struct Hooks {
    std::function<void()> ready;                                        // the loop runs
    std::function<void(const std::string&, const std::string&)> named;  // present device names
    std::function<void(const std::string&)> report;                     // on SIGUSR1, at the end
    bool end_on_hangup = true;                                          // SIGHUP
  };

  // Makes both devices, or none. `control` is a listening socket (ControlServer), or none.
  static Result<std::unique_ptr<Driver>> create(const DriverOptions& options, Hooks hooks,
                                                UniqueFd control = {});
  ~Driver();

  // Returns when a signal or a device's deletion ended the pair.
  void run();

 private:
  Driver(EventLoop loop, Rtnetlink rtnetlink, Hooks hooks)
      : loop_(std::move(loop)), rtnetlink_(std::move(rtnetlink)), hooks_(std::move(hooks)) {}

  Failure setup(const DriverOptions& options, UniqueFd control);
  Result<std::unique_ptr<Port>> make_port(const DriverOptions& options, const Settings& settings,
                                          size_t index);
  void warn_of_routes();
  void serve();

  // Finds a port's device where it is now, and what it is like.
  Failure locate(Port& port);
  void resync(Port& port);
  void apply(Port& port, const LinkState& state);

  void on_link(int nsid, const LinkState& state) override;
  void on_link_gone(int nsid, int ifindex) override;
  void on_events_lost() override;
  void on_tap_error(Port& port) override;
  void on_port_event(const Port& port, vnet_event_type type, vnet_u64 value) override;
  void on_port_fault(const Port& port, const vnet_fault_event& event) override;
  void on_port_removed(Port& port) override;
  void end(const std::string& why) override;
  void on_signal(int signal) override;

  EventLoop loop_;
  FramePool pool_;
  PollList polls_;
  Rtnetlink rtnetlink_;
  Hooks hooks_;
  UniqueFd own_netns_;
  std::unique_ptr<LinkWatch> link_watch_;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Port> a_, b_;
  std::unique_ptr<ControlServer> control_;
  bool ended_ = false;
};

}  // namespace vnet::user
