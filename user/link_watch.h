// SPDX-License-Identifier: GPL-2.0-only
// rtnetlink's link events, of our namespace and of every namespace that has a number in ours.
//
// One socket sees them all (NETLINK_LISTEN_ALL_NSID), so a device can be followed into another
// namespace without entering it, and without a socket there: that would keep the namespace alive
// after `ip netns del`.
#pragma once

#include <memory>

#include "user/event_loop.h"
#include "user/link_state.h"
#include "user/result.h"
#include "user/rtnetlink.h"

namespace vnet::user {

class LinkWatch final : public EventLoop::Source {
 public:
  class Listener {
   public:
    virtual void on_link(int nsid, const LinkState& state) = 0;
    virtual void on_link_gone(int nsid, int ifindex) = 0;  // deleted, or moved away
    virtual void on_events_lost() = 0;                     // look again at everything

   protected:
    ~Listener() = default;
  };

  static Result<std::unique_ptr<LinkWatch>> open(Listener& listener);

  int fd() const;
  bool sees_other_netns() const { return sees_other_netns_; }
  void on_event(uint32_t events) override;

 private:
  LinkWatch(MnlSocket socket, bool sees_other_netns, Listener& listener)
      : socket_(std::move(socket)), listener_(listener), sees_other_netns_(sees_other_netns) {}
  void parse(size_t len, int nsid);

  static constexpr size_t kBufferSize = 64 * 1024;

  MnlSocket socket_;
  Listener& listener_;
  bool sees_other_netns_;
  std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(kBufferSize);
};

}  // namespace vnet::user
