// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/lab.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "cli/instance_end.h"
#include "cli/run_dir.h"
#include "cli/scenario/process.h"

namespace vnet::cli {
namespace {

using user::errno_error;

bool exists(const std::string& path) {
  struct stat found;
  return lstat(path.c_str(), &found) == 0;
}

std::string netns_path(const std::string& real_name) {
  return "/run/netns/" + real_name;
}

std::string list_file(const std::string& path) {
  return path + "/namespaces";
}

Result<std::string> path_of(const std::string& name) {
  Result<RunDir> dir = RunDir::open_writable();
  if (!dir) return Error{fmt::format("run directory {}", dir.error().text), dir.error().code};
  return dir->path() + "/" + name + ".lab";
}

// The list, locked: EWOULDBLOCK while another run has it.
Result<UniqueFd> open_list(const std::string& path, int flags) {
  UniqueFd file(open(list_file(path).c_str(), flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return errno_error(list_file(path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) return errno_error(list_file(path));
  return file;
}

Failure delete_netns(const std::string& real_name) {
  if (!exists(netns_path(real_name))) return {};
  Result<std::unique_ptr<Process>> process = Process::start({"ip", "netns", "del", real_name}, "");
  if (!process) return process.error();
  wait_for(**process);
  if ((*process)->status() == 0) return {};
  return Error{fmt::format("ip netns del {}: {}", real_name, (*process)->output())};
}

}  // namespace

Result<std::unique_ptr<Lab>> Lab::make(const std::string& name,
                                       const std::vector<std::string>& namespaces) {
  for (const std::string& netns : namespaces)
    if (exists(netns_path(real(name, netns))))
      return Error{fmt::format("network namespace '{}' exists already", real(name, netns)), EEXIST};
  Result<std::string> path = path_of(name);
  if (!path) return path.error();
  if (mkdir(path->c_str(), 0755) != 0) {
    if (errno != EEXIST) return errno_error(*path);
    const bool lives = !open_list(*path, 0) && errno == EWOULDBLOCK;
    return Error{lives ? fmt::format("a lab named '{}' is running", name)
                       : fmt::format("a run of '{}' was kept or killed: `vnet run --down` takes "
                                     "away what it left ({})",
                                     name, *path),
                 EEXIST};
  }
  Result<UniqueFd> file = open_list(*path, O_CREAT);
  if (!file) return file.error();
  setenv("VNET_RUN_DIR", path->c_str(), 1);
  adopt_orphans(true);
  return std::unique_ptr<Lab>(new Lab(name, *path, std::move(*file)));
}

Result<std::unique_ptr<Lab>> Lab::take_over(const std::string& name) {
  Result<std::string> path = path_of(name);
  if (!path) return path.error();
  if (!exists(*path)) return Error{fmt::format("nothing is left of a run of '{}'", name), ENOENT};
  Result<UniqueFd> file = open_list(*path, O_CREAT);
  if (!file && file.error().code == EWOULDBLOCK)
    return Error{fmt::format("the lab '{}' is running: end its `vnet run`", name), EBUSY};
  if (!file) return file.error();
  setenv("VNET_RUN_DIR", path->c_str(), 1);
  std::unique_ptr<Lab> lab(new Lab(name, *path, std::move(*file)));
  char text[65536];
  const ssize_t n = pread(lab->file_.get(), text, sizeof(text), 0);
  std::istringstream in(std::string(text, n > 0 ? static_cast<size_t>(n) : 0));
  for (std::string netns; in >> netns;) lab->namespaces_.push_back(netns);
  return lab;
}

Lab::~Lab() {
  if (!kept_) (void)take_down();
  adopt_orphans(false);
}

std::string Lab::real(const std::string& netns) const {
  return real(name_, netns);
}

std::string Lab::real(const std::string& lab, const std::string& netns) {
  return netns.empty() ? "" : lab + "-" + netns;
}

void Lab::add_namespace(const std::string& real_name) {
  namespaces_.push_back(real_name);
  const std::string line = real_name + "\n";
  (void)!write(file_.get(), line.data(), line.size());
}

std::vector<user::Error> Lab::take_down() {
  std::vector<user::Error> errors = end_instances("");
  end_strays(namespaces_, before_);
  for (const std::string& netns : namespaces_)
    if (Failure failure = delete_netns(netns)) errors.push_back(*failure);
  kept_ = true;  // once
  // With what commands have put into it.
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) errors.push_back({fmt::format("{}: {}", path_, error.message()), error.value()});
  return errors;
}

}  // namespace vnet::cli
