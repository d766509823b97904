// SPDX-License-Identifier: GPL-2.0-only
#include "cli/netns.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>

namespace vnet::cli {

user::Result<user::UniqueFd> open_netns(const std::string& name) {
  const bool is_path = name.find('/') != std::string::npos;
  user::UniqueFd fd(open((is_path ? name : "/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return user::errno_error(fmt::format("network namespace '{}'", name));
  return fd;
}

user::Failure enter_netns(const std::string& name) {
  user::Result<user::UniqueFd> fd = open_netns(name);
  if (!fd) return fd.error();
  if (setns(fd->get(), CLONE_NEWNET) != 0)
    return user::errno_error(fmt::format("network namespace '{}'", name));
  return {};
}

}  // namespace vnet::cli
