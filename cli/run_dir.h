// SPDX-License-Identifier: GPL-2.0-only
// Run directories: where each living driver holds a locked `<instance>.pid`, listens on
// `<instance>.sock` and, when detached, writes `<instance>.log`.
//
// The lock is the truth: a pid file without it was left by a driver that was killed, and is
// replaced. The file's first line is the pid, the second the two devices' present names.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

using user::Error;
using user::Failure;
using user::Result;
using user::UniqueFd;

struct Instance {
  std::string name;
  pid_t pid = 0;
  std::vector<std::string> devices;

  bool answers_to(const std::string& wanted) const;
};

class RunDir;

// A driver's own entry. Its end, unless by SIGKILL, removes the pid file, the socket and the log.
class Claim {
 public:
  Claim(Claim&&) = default;
  Claim& operator=(Claim&&) = delete;
  ~Claim();

  void write(const std::string& a, const std::string& b);
  Result<UniqueFd> open_log();
  // A listening SOCK_SEQPACKET socket for the owner alone (mode 0600), in place of a stale one.
  Result<UniqueFd> listen();

 private:
  friend class RunDir;
  Claim(UniqueFd dir, UniqueFd file, std::string name)
      : dir_(std::move(dir)), file_(std::move(file)), name_(std::move(name)) {}

  UniqueFd dir_;
  UniqueFd file_;  // holds the lock
  std::string name_;
};

class RunDir {
 public:
  // VNET_RUN_DIR if set; else /run/vnet, and $XDG_RUNTIME_DIR/vnet for those who cannot write it.
  static std::vector<std::string> candidates();
  // The first candidate that can be made and written.
  static Result<RunDir> open_writable();
  static Result<RunDir> open_existing(const std::string& path);

  // Refused while another driver holds this instance.
  Result<Claim> claim(const std::string& instance);
  // The living drivers of this directory; stale pid files are removed.
  std::vector<Instance> instances();
  // Whether a driver still holds this instance.
  bool is_held(const std::string& instance);

  const std::string& path() const { return path_; }

 private:
  RunDir(UniqueFd dir, std::string path) : dir_(std::move(dir)), path_(std::move(path)) {}

  UniqueFd dir_;
  std::string path_;
};

}  // namespace vnet::cli
