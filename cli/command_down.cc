// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_down.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>

extern "C" {  // glibc 2.36's header forgets it
#include <sys/pidfd.h>
}

#include "cli/exit_codes.h"
#include "cli/run_dir.h"

namespace vnet::cli {
namespace {

// A driver ends in milliseconds; the kernel's RTNL lock may make it wait for others.
constexpr int kPatienceMs = 30000;

Failure end_instance(RunDir& dir, const Instance& instance) {
  const UniqueFd process(pidfd_open(instance.pid, 0));
  if (!process) {
    // It ended just now; or it lives where its pid means nothing to us, in another PID namespace.
    if (errno == ESRCH && !dir.is_held(instance.name)) return {};
    return user::errno_error(fmt::format("instance '{}' (pid {})", instance.name, instance.pid));
  }
  // The pid was read before the pidfd was opened: only a held lock proves that it is still ours.
  if (!dir.is_held(instance.name)) return {};
  if (pidfd_send_signal(process.get(), SIGTERM, nullptr, 0) != 0 && errno != ESRCH)
    return user::errno_error(fmt::format("instance '{}' (pid {})", instance.name, instance.pid));
  // A process has ended when its files are closed, and with them its TAPs.
  pollfd ended{process.get(), POLLIN, 0};
  int n;
  while ((n = poll(&ended, 1, kPatienceMs)) < 0 && errno == EINTR) continue;
  if (n == 1) return {};
  return Error{fmt::format("instance '{}' (pid {}) did not end within {} s", instance.name,
                           instance.pid, kPatienceMs / 1000)};
}

}  // namespace

int command_down(const std::string& name) {
  bool found = false, failed = false;
  std::string searched;
  for (const std::string& path : RunDir::candidates()) {
    searched += searched.empty() ? path : " and " + path;
    Result<RunDir> dir = RunDir::open_existing(path);
    if (!dir) continue;
    for (const Instance& instance : dir->instances()) {
      if (!name.empty() && !instance.answers_to(name)) continue;
      found = true;
      const Failure failure = end_instance(*dir, instance);
      if (!failure) continue;
      fmt::print(stderr, "vnet: {}\n", failure->text);
      failed = true;
    }
  }
  if (!found && !name.empty()) {
    fmt::print(stderr, "vnet: no such instance: '{}' (run directory {})\n", name, searched);
    return kRefused;
  }
  return failed ? kRefused : kOk;
}

}  // namespace vnet::cli
