// SPDX-License-Identifier: GPL-2.0-only
#include "user/watchdog_timer.h"

#include <sys/timerfd.h>
#include <vnet/core.h>

#include "user/port.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 kNsPerSecond = 1000000000;

}  // namespace

Failure WatchdogTimer::start(EventLoop& loop) {
  timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer_) return errno_error("timerfd_create");
  return loop.add(timer_.get(), EPOLLIN, *this);
}

void WatchdogTimer::set(vnet_u64 ns) {
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(ns / kNsPerSecond);
  when.it_value.tv_nsec = static_cast<long>(ns % kNsPerSecond);
  timerfd_settime(timer_.get(), 0, &when, nullptr);
  armed_ = ns != 0;
}

void WatchdogTimer::check() {
  set(vnet_core_watchdog(port_.device(), clock_ns()));
}

void WatchdogTimer::on_event(uint32_t) {
  vnet_u64 expirations;
  if (read(timer_.get(), &expirations, sizeof(expirations)) == sizeof(expirations)) check();
}

}  // namespace vnet::user
