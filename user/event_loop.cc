// SPDX-License-Identifier: GPL-2.0-only
#include "user/event_loop.h"

namespace vnet::user {

Result<EventLoop> EventLoop::create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return errno_error("epoll_create1");
  return EventLoop(std::move(epoll));
}

Failure EventLoop::add(int fd, uint32_t events, Source& source) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return errno_error("epoll_ctl");
  return {};
}

void EventLoop::change(int fd, uint32_t events, Source& source) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::wait() {
  constexpr int kEvents = 16;
  epoll_event events[kEvents];
  const int n = epoll_wait(epoll_.get(), events, kEvents, -1);
  for (int i = 0; i < n; i++) static_cast<Source*>(events[i].data.ptr)->on_event(events[i].events);
}

}  // namespace vnet::user
