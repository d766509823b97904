// SPDX-License-Identifier: GPL-2.0-only
#include "cli/stop_signals.h"

#include <sys/signalfd.h>

namespace vnet::cli {

user::Result<StopSignals> StopSignals::open(bool hangup) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&set, signal);
  struct sigaction now {};
  if (hangup && sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler != SIG_IGN)
    sigaddset(&set, SIGHUP);
  user::UniqueFd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return user::errno_error("signalfd");
  sigset_t before;
  if (sigprocmask(SIG_BLOCK, &set, &before) != 0) return user::errno_error("sigprocmask");
  signal(SIGPIPE, SIG_IGN);
  return StopSignals(std::move(fd), before);
}

StopSignals::~StopSignals() {
  if (!fd_) return;         // it was moved
  while (came()) continue;  // more than one are one
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool StopSignals::came() {
  signalfd_siginfo info;
  return read(fd_.get(), &info, sizeof(info)) == sizeof(info);
}

}  // namespace vnet::cli
