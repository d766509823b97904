// SPDX-License-Identifier: GPL-2.0-only
#include "cli/detach.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace vnet::cli {
namespace {

using user::errno_error;
using user::Error;
using user::UniqueFd;

constexpr char kReady = 'R';
constexpr char kFailed = 'F';

void send(int pipe, const std::string& text) {
  (void)!write(pipe, text.data(), text.size());  // the parent may have been interrupted
}

// What the command has open, and who called it: a pipe whose reader waits for its end, a network
// namespace, a batch. Nothing returns to it from here.
void keep_only(int fd) {
  if (fd > STDERR_FILENO + 1) (void)close_range(STDERR_FILENO + 1, unsigned(fd) - 1, 0);
  (void)close_range(unsigned(fd) + 1, ~0u, 0);
}

user::Failure wait_for_child(int pipe) {
  std::string text;
  char buffer[512];
  ssize_t n;
  while ((n = read(pipe, buffer, sizeof(buffer))) != 0) {
    if (n < 0 && errno != EINTR) break;
    if (n > 0) text.append(buffer, static_cast<size_t>(n));
  }
  if (text.empty()) return Error{"the driver died while it started"};
  if (text[0] == kReady) return {};
  return Error{text.substr(1)};
}

}  // namespace

void StartReport::ready() {
  send(pipe_.get(), {kReady});
  pipe_.reset();
}

void StartReport::failed(const std::string& error) {
  send(pipe_.get(), kFailed + error);
  pipe_.reset();
}

Detached detach() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {nullptr, errno_error("pipe")};
  UniqueFd reader(ends[0]), writer(ends[1]);
  std::fflush(nullptr);  // or the child says once more what the parent has still to say
  const pid_t child = fork();
  if (child < 0) return {nullptr, errno_error("fork")};
  if (child > 0) {
    writer.reset();
    return {nullptr, wait_for_child(reader.get())};
  }
  setsid();
  reader.reset();
  keep_only(writer.get());
  return {std::make_unique<StartReport>(std::move(writer)), {}};
}

user::Failure redirect_to(int log) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null || dup2(null.get(), STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
      dup2(log, STDERR_FILENO) < 0)
    return errno_error("cannot redirect to the log");
  return {};
}

}  // namespace vnet::cli
