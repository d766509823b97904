// SPDX-License-Identifier: GPL-2.0-only
#include "cli/instance_end.h"

#include <fmt/core.h>
#include <signal.h>

extern "C" {  // glibc 2.36's header forgets it
#include <sys/pidfd.h>
}

#include "cli/process_end.h"
#include "cli/run_dir.h"

namespace vnet::cli {
namespace {

Failure end_instance(RunDir& dir, const Instance& instance) {
  const auto failed = [&] {
    return user::errno_error(fmt::format("instance '{}' (pid {})", instance.name, instance.pid));
  };
  ProcessEnd end;
  if (!end.watch(instance.pid)) {
    // It ended just now; or it lives where its pid means nothing to us, in another PID namespace.
    if (errno == ESRCH && !dir.is_held(instance.name)) return {};
    return failed();
  }
  // The pid was read before the pidfd was opened: only a held lock proves that it is still ours.
  if (!dir.is_held(instance.name)) return {};
  if (pidfd_send_signal(end.fd(), SIGTERM, nullptr, 0) != 0 && errno != ESRCH) return failed();
  if (Failure failure = end.wait())
    return Error{fmt::format("instance '{}': {}", instance.name, failure->text)};
  return {};
}

}  // namespace

std::vector<Error> end_instances(const std::string& name) {
  bool found = false;
  std::string searched;
  std::vector<Error> errors;
  for (const std::string& path : RunDir::candidates()) {
    searched += searched.empty() ? path : " and " + path;
    Result<RunDir> dir = RunDir::open_existing(path);
    if (!dir) continue;
    for (const Instance& instance : dir->instances()) {
      if (!name.empty() && !instance.answers_to(name)) continue;
      found = true;
      if (Failure failure = end_instance(*dir, instance)) errors.push_back(*failure);
    }
  }
  if (!found && !name.empty())
    errors.push_back({fmt::format("no such instance: '{}' (run directory {})", name, searched)});
  return errors;
}

}  // namespace vnet::cli
