// SPDX-License-Identifier: GPL-2.0-only
// Where a command that runs for long writes: a file, or stdout, which may be closed at its other
// end meanwhile.
#pragma once

#include <string>
#include <string_view>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class OutputFile {
 public:
  // "-" is stdout. A file is made, or emptied.
  static user::Result<OutputFile> open(const std::string& path);

  // All of it. EPIPE: nobody reads any more.
  user::Failure write(std::string_view bytes);
  // For poll() with no events asked for: an error shows that nobody reads any more.
  int fd() const { return file_ ? file_.get() : STDOUT_FILENO; }
  const std::string& name() const { return name_; }

 private:
  OutputFile(user::UniqueFd file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}

  user::UniqueFd file_;  // none: stdout, which is not ours to close
  std::string name_;
};

// Replaces the file at once, so that a reader sees the old one or the new one. What is no regular
// file (/dev/stdout, a FIFO) is written to.
user::Failure replace_file(const std::string& path, std::string_view bytes);

}  // namespace vnet::cli
