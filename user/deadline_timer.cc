// SPDX-License-Identifier: GPL-2.0-only
#include "user/deadline_timer.h"

#include <sys/timerfd.h>
#include <time.h>
#include <vnet/core.h>

#include "user/port.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 kNsPerSecond = 1000000000;

}  // namespace

vnet_u64 clock_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<vnet_u64>(now.tv_sec) * kNsPerSecond + static_cast<vnet_u64>(now.tv_nsec);
}

Failure DeadlineTimer::start(EventLoop& loop) {
  timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer_) return errno_error("timerfd_create");
  return loop.add(timer_.get(), EPOLLIN, *this);
}

void DeadlineTimer::arm(vnet_u64 delay_ns) {
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(delay_ns / kNsPerSecond);
  when.it_value.tv_nsec = static_cast<long>(delay_ns % kNsPerSecond);
  timerfd_settime(timer_.get(), 0, &when, nullptr);
}

// Nothing to read: another wait has begun meanwhile.
void DeadlineTimer::on_event(uint32_t) {
  vnet_u64 expirations;
  if (read(timer_.get(), &expirations, sizeof(expirations)) == sizeof(expirations))
    vnet_core_deadline(port_.queue());
}

}  // namespace vnet::user
