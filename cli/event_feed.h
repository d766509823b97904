// SPDX-License-Identifier: GPL-2.0-only
// The events of all hosts, and of those that come to live meanwhile: user-space instances announce
// themselves in the run directories (inotify), the kernel module by its family (nlctrl's group).
#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <vector>

#include "cli/transport.h"
#include "user/rtnetlink.h"

namespace vnet::cli {

class EventFeed {
 public:
  using Visitor = std::function<void(const Reply&)>;

  // `groups` are those of Transport::subscribe().
  static Result<std::unique_ptr<EventFeed>> open(HostChoice choice, vnet_u32 groups);

  // Appends what to poll for.
  void append_to(std::vector<pollfd>& wanted) const;
  // How long the poll may last at most; -1: for ever.
  int patience_ms() const;
  // Visits what has come, lets hosts in that have come, and forgets those that are gone; does not
  // wait. What no host can tell is visited, too: that something was lost, and the
  // devices of an instance that has come.
  void read(const Visitor& visit);

 private:
  EventFeed(HostChoice choice, vnet_u32 groups) : choice_(choice), groups_(groups) {}

  Failure watch_run_dirs();
  Failure watch_families();
  bool host_appeared();
  // `announce`, if any, visits the devices of user-space hosts that are new.
  Failure join(const Visitor& announce);
  bool is_known(const Transport& host) const;
  bool read_host(Transport& host, const Visitor& visit);

  HostChoice choice_;
  vnet_u32 groups_;
  user::UniqueFd run_dirs_;  // inotify
  user::MnlSocket families_;
  int retries_ = 0;  // left to reach a host that has appeared
  std::vector<std::unique_ptr<Transport>> hosts_;
};

}  // namespace vnet::cli
