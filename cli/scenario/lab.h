// SPDX-License-Identifier: GPL-2.0-only
// What a run makes outside of itself, and takes away again: a folder for its drivers within the run
// directory, and network namespaces. The folder's file `namespaces` lists these and is locked
// while the run lives, so that what a killed run left can be taken away later.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/scenario/strays.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class Lab {
 public:
  // Refused: a run of this name lives, or left something; one of its namespaces exists.
  static user::Result<std::unique_ptr<Lab>> make(const std::string& name,
                                                 const std::vector<std::string>& namespaces);
  // What a run that was killed or kept has left. ENOENT: nothing.
  static user::Result<std::unique_ptr<Lab>> take_over(const std::string& name);
  ~Lab();

  // "lab-client": a namespace as it is for `ip netns`; of "" the present one, "".
  std::string real(const std::string& netns) const;
  static std::string real(const std::string& lab, const std::string& netns);
  // This namespace is the lab's from now on.
  void add_namespace(const std::string& real_name);
  // It stays when this object goes.
  void keep() { kept_ = true; }
  // Ends its drivers and all processes in its namespaces, and these; what could not be done.
  std::vector<user::Error> take_down();
  const std::string& run_dir() const { return path_; }

 private:
  Lab(std::string name, std::string path, user::UniqueFd file)
      : name_(std::move(name)), path_(std::move(path)), file_(std::move(file)) {}

  std::string name_, path_;
  user::UniqueFd file_;
  std::vector<std::string> namespaces_;
  std::vector<pid_t> before_ = own_children();  // of a batch, not the lab's
  bool kept_ = false;
};

}  // namespace vnet::cli
