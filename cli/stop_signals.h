// SPDX-License-Identifier: GPL-2.0-only
// SIGINT, SIGTERM and SIGQUIT as something to poll for, in commands that run until they are told to
// end: each has something to put right first, be it a terminal, a file or a lab.
#pragma once

#include <signal.h>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class StopSignals {
 public:
  // They wait in the descriptor while the object lives; after it they end the program again, for a
  // batch goes on. SIGPIPE is ignored from here on, so that a reader that goes shows as an error of
  // the write.
  // `hangup`: SIGHUP, too, unless it is ignored, as nohup wants it.
  static user::Result<StopSignals> open(bool hangup = false);

  StopSignals(StopSignals&&) = default;
  ~StopSignals();

  int fd() const { return fd_.get(); }
  // Whether one has come.
  bool came();

 private:
  StopSignals(user::UniqueFd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

  user::UniqueFd fd_;
  sigset_t before_;
};

}  // namespace vnet::cli
