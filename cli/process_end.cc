// SPDX-License-Identifier: GPL-2.0-only
#include "cli/process_end.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

extern "C" {  // glibc 2.36's header forgets it
#include <sys/pidfd.h>
}

namespace vnet::cli {
namespace {

// A driver ends in milliseconds; the kernel's RTNL lock may make it wait for others.
constexpr int kPatienceMs = 30000;

}  // namespace

bool ProcessEnd::watch(pid_t pid) {
  pid_ = pid;
  process_.reset(pidfd_open(pid, 0));
  return static_cast<bool>(process_);
}

bool ProcessEnd::watch_peer(int socket) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && watch(peer.pid);
}

user::Failure ProcessEnd::wait() {
  if (!process_) return {};
  // A process has ended when its files are closed, and with them its TAPs.
  pollfd ended{process_.get(), POLLIN, 0};
  int n;
  while ((n = poll(&ended, 1, kPatienceMs)) < 0 && errno == EINTR) continue;
  if (n == 1) return {};
  return user::Error{fmt::format("pid {} did not end within {} s", pid_, kPatienceMs / 1000)};
}

}  // namespace vnet::cli
