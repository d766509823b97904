// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/netns_scope.h"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>

#include "cli/netns.h"

namespace vnet::cli {

user::Result<NetnsScope> NetnsScope::enter(const std::string& name) {
  if (name.empty()) return NetnsScope(user::UniqueFd());
  user::UniqueFd home(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home) return user::errno_error("/proc/self/ns/net");
  if (user::Failure failure = enter_netns(name)) return *failure;
  return NetnsScope(std::move(home));
}

NetnsScope::~NetnsScope() {
  // In the wrong one nothing that follows would be right.
  if (home_ && setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

}  // namespace vnet::cli
