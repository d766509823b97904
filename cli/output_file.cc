// SPDX-License-Identifier: GPL-2.0-only
#include "cli/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace vnet::cli {

using user::errno_error;
using user::Failure;
using user::Result;
using user::UniqueFd;

namespace {

Failure write_all(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {  // whoever shares the descriptor with us made it so
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno_error(name);
    }
  }
  return {};
}

Failure replace_regular(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  const UniqueFd file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return errno_error(path);
  const mode_t hidden = umask(0);
  umask(hidden);
  Failure failure = write_all(file.get(), bytes, temporary);
  if (!failure && fchmod(file.get(), 0666 & ~hidden) != 0) failure = errno_error(temporary);
  if (!failure && rename(temporary.c_str(), path.c_str()) != 0) failure = errno_error(path);
  if (failure) unlink(temporary.c_str());
  return failure;
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
  if (path == "-") return OutputFile(UniqueFd(), "stdout");
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file) return errno_error(path);
  return OutputFile(std::move(file), path);
}

Failure OutputFile::write(std::string_view bytes) {
  return write_all(fd(), bytes, name_);
}

Failure replace_file(const std::string& path, std::string_view bytes) {
  struct stat old;
  if (stat(path.c_str(), &old) == 0 && !S_ISREG(old.st_mode)) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file ? write_all(file.get(), bytes, path) : errno_error(path);
  }
  // Of a symbolic link the file that it leads to.
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         std::free);
  return replace_regular(real ? real.get() : path, bytes);
}

}  // namespace vnet::cli
