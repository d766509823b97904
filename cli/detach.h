// SPDX-License-Identifier: GPL-2.0-only
// `--detach`: the driver goes on in a child; the parent waits for it to say how its start went.
#pragma once

#include <memory>
#include <string>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

// The child's line to the waiting parent.
class StartReport {
 public:
  explicit StartReport(user::UniqueFd pipe) : pipe_(std::move(pipe)) {}
  void ready();
  void failed(const std::string& error);

 private:
  user::UniqueFd pipe_;
};

// Which side of the fork this is: the child has a line to its parent, the parent an outcome.
struct Detached {
  std::unique_ptr<StartReport> child;
  user::Failure failure;
};

// Returns twice: in the child at once, a session of its own; in the parent when the child reported
// or died.
Detached detach();

// stdin from /dev/null, stdout and stderr to the log.
user::Failure redirect_to(int log);

}  // namespace vnet::cli
