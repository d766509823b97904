// SPDX-License-Identifier: GPL-2.0-only
#include "user/timer.h"

#include <sys/timerfd.h>

#include <algorithm>

#include "user/port.h"

namespace vnet::user {

Failure Timer::start(EventLoop& loop) {
  timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer_) return errno_error("timerfd_create");
  return loop.add(timer_.get(), EPOLLIN, *this);
}

void Timer::arm(vnet_u64 at) {
  constexpr vnet_u64 kNsPerSecond = 1000000000;
  at = std::max<vnet_u64>(at, 1);  // 0 would disarm it
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(at / kNsPerSecond);
  when.it_value.tv_nsec = static_cast<long>(at % kNsPerSecond);
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  armed_ = true;
}

void Timer::disarm() {
  const itimerspec never{};
  timerfd_settime(timer_.get(), 0, &never, nullptr);
  armed_ = false;
}

// Nothing to read: another wait has begun meanwhile.
void Timer::on_event(uint32_t) {
  vnet_u64 expirations;
  if (read(timer_.get(), &expirations, sizeof(expirations)) != sizeof(expirations)) return;
  armed_ = false;
  (port_.*expired_)();
}

}  // namespace vnet::user
