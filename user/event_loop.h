// SPDX-License-Identifier: GPL-2.0-only
// epoll, level-triggered: the one place where the driver waits.
#pragma once

#include <sys/epoll.h>

#include <cstdint>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class EventLoop {
 public:
  // Something to wait for; outlives its membership in the loop.
  class Source {
   public:
    virtual void on_event(uint32_t events) = 0;

   protected:
    ~Source() = default;
  };

  static Result<EventLoop> create();

  Failure add(int fd, uint32_t events, Source& source);
  // Cannot fail for a descriptor that was added.
  void change(int fd, uint32_t events, Source& source);

  // Waits, and calls the sources that are ready. A signal that is not ours returns early.
  void wait();

 private:
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  UniqueFd epoll_;
};

}  // namespace vnet::user
