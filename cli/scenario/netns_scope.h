// SPDX-License-Identifier: GPL-2.0-only
// This process, for a while in another network namespace.
#pragma once

#include <string>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class NetnsScope {
 public:
  // Of /run/netns; empty: the present one.
  static user::Result<NetnsScope> enter(const std::string& name);
  NetnsScope(NetnsScope&&) = default;
  NetnsScope& operator=(NetnsScope&&) = delete;
  ~NetnsScope();

 private:
  explicit NetnsScope(user::UniqueFd home) : home_(std::move(home)) {}
  user::UniqueFd home_;  // none: it was not left
};

}  // namespace vnet::cli
