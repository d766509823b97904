// SPDX-License-Identifier: GPL-2.0-only
#include "user/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

namespace vnet::user {

Result<std::unique_ptr<Signals>> Signals::open(Listener& listener) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return errno_error("sigprocmask");
  UniqueFd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return errno_error("signalfd");
  return std::unique_ptr<Signals>(new Signals(std::move(fd), listener));
}

void Signals::on_event(uint32_t) {
  signalfd_siginfo info;
  while (read(fd_.get(), &info, sizeof(info)) == sizeof(info))
    listener_.on_signal(static_cast<int>(info.ssi_signo));
}

}  // namespace vnet::user
