// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_up.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <optional>

#include "cli/detach.h"
#include "cli/exit_codes.h"
#include "cli/logging.h"
#include "cli/run_dir.h"
#include "user/driver.h"
#include "user/tap.h"

namespace vnet::cli {
namespace {

using user::Driver;

void print_report(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

Failure check(const UpRequest& request) {
  if (Failure failure = user::check_options(request.options)) return failure;
  return user::Tap::probe();
}

// In the foreground a driver needs no pid file; without one `vnet down` does not know it.
Result<std::optional<Claim>> claim_instance(const UpRequest& request) {
  Result<RunDir> dir = RunDir::open_writable();
  if (!dir && (request.detach || std::getenv("VNET_RUN_DIR")))
    return Error{fmt::format("run directory {} (VNET_RUN_DIR names another)", dir.error().text)};
  if (!dir) {
    spdlog::warn("no run directory ({}): 'vnet down' will not find this pair", dir.error().text);
    return std::optional<Claim>();
  }
  Result<Claim> claim = dir->claim(request.options.names[0]);
  if (!claim) return claim.error();
  return std::optional<Claim>(std::move(*claim));
}

// A detached driver's log gets everything from here on, its terminal the warnings until it runs.
Result<UniqueFd> move_to_log(Claim& claim) {
  Result<UniqueFd> log = claim.open_log();
  if (!log) return log;
  UniqueFd terminal(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  if (Failure failure = redirect_to(log->get())) return *failure;
  start_logging(terminal.get());
  (void)!chdir("/");  // keeps no file system busy
  return terminal;
}

// The driver's whole life. `start` is the detached child's line to its parent.
Failure drive(const UpRequest& request, StartReport* start) {
  Result<std::optional<Claim>> claimed = claim_instance(request);
  if (!claimed) return claimed.error();
  std::optional<Claim>& claim = *claimed;
  UniqueFd terminal;
  if (start) {
    Result<UniqueFd> moved = move_to_log(*claim);
    if (!moved) return moved.error();
    terminal = std::move(*moved);
  }
  UniqueFd control;
  if (claim) {
    Result<UniqueFd> listener = claim->listen();
    if (!listener) return listener.error();
    control = std::move(*listener);
  }
  Driver::Hooks hooks;
  hooks.named = [&](const std::string& a, const std::string& b) {
    if (claim) claim->write(a, b);
  };
  hooks.ready = [&] {
    if (!start) return;
    quiet_terminal();
    terminal.reset();
    start->ready();
    spdlog::info("running in the background, pid {}", getpid());
  };
  hooks.report = print_report;
  hooks.end_on_hangup = start == nullptr;
  Result<std::unique_ptr<Driver>> driver =
      Driver::create(request.options, std::move(hooks), std::move(control));
  if (!driver) return driver.error();
  (*driver)->run();
  driver->reset();  // the devices go before the pid file does
  return {};
}

int refuse(const UpRequest& request, const Failure& failure) {
  if (!failure) return kOk;
  fmt::print(stderr, "{}{}\n", request.place, failure->text);
  return kRefused;
}

int drive_detached(const UpRequest& request) {
  const Detached side = detach();
  if (!side.child) return refuse(request, side.failure);
  const Failure failure = drive(request, side.child.get());
  if (failure) side.child->failed(failure->text);
  // What else the command line or a batch wants is the parent's.
  std::fflush(nullptr);
  std::_Exit(failure ? kRefused : kOk);
}

}  // namespace

int command_up(const UpRequest& request) {
  signal(SIGPIPE, SIG_IGN);
  start_logging();
  if (Failure failure = check(request)) return refuse(request, failure);
  return request.detach ? drive_detached(request) : refuse(request, drive(request, nullptr));
}

}  // namespace vnet::cli
