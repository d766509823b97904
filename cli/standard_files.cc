// SPDX-License-Identifier: GPL-2.0-only
#include "cli/standard_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace vnet::cli {

void occupy_standard_files() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0)  // open() takes the lowest number, which is this one
      (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

user::Failure flush_stdout() {
  const bool failed_before = std::ferror(stdout) != 0;
  if (std::fflush(stdout) != 0) {
    if (errno == EPIPE) return {};
    return user::errno_error("stdout");
  }
  if (failed_before) return user::Error{"stdout: not all of it could be written"};
  return {};
}

}  // namespace vnet::cli
