// SPDX-License-Identifier: GPL-2.0-only
// Waiting for a driver's process, and with it its devices, to be gone.
#pragma once

#include <sys/types.h>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class ProcessEnd {
 public:
  // errno ESRCH: it is gone already, or lives in another PID namespace.
  bool watch(pid_t pid);
  // The process at the other end of a UNIX socket.
  bool watch_peer(int socket);
  // The pidfd; -1: nothing is watched.
  int fd() const { return process_.get(); }
  // Up to half a minute; at once if nothing is watched.
  user::Failure wait();

 private:
  user::UniqueFd process_;
  pid_t pid_ = 0;
};

}  // namespace vnet::cli
