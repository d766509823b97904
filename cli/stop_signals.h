// SPDX-License-Identifier: GPL-2.0-only
// SIGINT and SIGTERM as something to poll for, in commands that run until they are told to end.
#pragma once

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class StopSignals {
 public:
  // From here on they wait in the descriptor; SIGPIPE is ignored, so that a reader that goes shows
  // as an error of the write.
  // `hangup`: SIGHUP, too, unless it is ignored, as nohup wants it.
  static user::Result<StopSignals> open(bool hangup = false);

  int fd() const { return fd_.get(); }
  // Whether one has come.
  bool came();

 private:
  explicit StopSignals(user::UniqueFd fd) : fd_(std::move(fd)) {}
  user::UniqueFd fd_;
};

}  // namespace vnet::cli
