// SPDX-License-Identifier: GPL-2.0-only
// The signals a driver listens to, as events of the loop: SIGINT, SIGTERM, SIGHUP, SIGUSR1.
#pragma once

#include <memory>

#include "user/event_loop.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class Signals final : public EventLoop::Source {
 public:
  class Listener {
   public:
    virtual void on_signal(int signal) = 0;

   protected:
    ~Listener() = default;
  };

  // From here on these signals wait until the loop runs.
  static Result<std::unique_ptr<Signals>> open(Listener& listener);

  int fd() const { return fd_.get(); }
  void on_event(uint32_t events) override;

 private:
  Signals(UniqueFd fd, Listener& listener) : fd_(std::move(fd)), listener_(listener) {}
  UniqueFd fd_;
  Listener& listener_;
};

}  // namespace vnet::user
