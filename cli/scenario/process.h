// SPDX-License-Identifier: GPL-2.0-only
// A command in a process group of its own, whose output is kept.
#pragma once

#include <sys/types.h>
#include <vnet/types.h>

#include <memory>
#include <string>
#include <vector>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class Process {
 public:
  // Its standard input is empty, its signals are as a shell would have them. `directory`: where it
  // runs; empty: here.
  static user::Result<std::unique_ptr<Process>> start(const std::vector<std::string>& argv,
                                                      const std::string& directory);
  Process(const Process&) = delete;
  ~Process();  // what is left of it is killed

  // For poll().
  int output_fd() const { return output_fd_.get(); }  // -1: it will not say more
  int end_fd() const { return pidfd_.get(); }         // -1: it has ended

  void read_output();
  // If it has ended: reads what it said last, and ends what it left in its group.
  bool collect();
  void signal(int number) const;  // to the whole group

  bool ended() const { return !pidfd_; }
  int status() const { return status_; }  // as of a shell: 128 + N by signal N
  // What it wrote, to stdout or stderr; of more than a megabyte the beginning.
  const std::string& output() const { return output_; }

 private:
  Process(pid_t pid, user::UniqueFd pidfd, user::UniqueFd output)
      : pid_(pid), pidfd_(std::move(pidfd)), output_fd_(std::move(output)) {}

  pid_t pid_;
  user::UniqueFd pidfd_, output_fd_;
  std::string output_;
  int status_ = 0;
};

}  // namespace vnet::cli
