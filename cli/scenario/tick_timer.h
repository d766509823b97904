// SPDX-License-Identifier: GPL-2.0-only
// A timer that comes again and again, as something to poll for.
#pragma once

#include <sys/timerfd.h>
#include <vnet/types.h>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class TickTimer {
 public:
  // For the first time now.
  user::Failure start(vnet_u64 interval_ns) {
    fd_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    itimerspec times{};
    times.it_value.tv_nsec = 1;
    times.it_interval.tv_sec = static_cast<time_t>(interval_ns / 1000000000);
    times.it_interval.tv_nsec = static_cast<long>(interval_ns % 1000000000);
    if (!fd_ || timerfd_settime(fd_.get(), 0, &times, nullptr) != 0)
      return user::errno_error("timerfd");
    return {};
  }
  int fd() const { return fd_.get(); }
  // Whether it has come since; what was missed is not made up for.
  bool came() {
    vnet_u64 times;
    return read(fd_.get(), &times, sizeof(times)) == sizeof(times);
  }

 private:
  user::UniqueFd fd_;
};

}  // namespace vnet::cli
