// SPDX-License-Identifier: GPL-2.0-only
#include "cli/netns.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace vnet::cli {

user::Result<user::UniqueFd> open_netns(const std::string& name) {
  const bool is_path = name.find('/') != std::string::npos;
  user::UniqueFd fd(open((is_path ? name : "/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return user::errno_error(fmt::format("network namespace '{}'", name));
  return fd;
}

user::Failure enter_netns(const std::string& name) {
  user::Result<user::UniqueFd> fd = open_netns(name);
  if (!fd) return fd.error();
  if (setns(fd->get(), CLONE_NEWNET) != 0)
    return user::errno_error(fmt::format("network namespace '{}'", name));
  return {};
}

std::vector<std::string> reachable_namespaces() {
  std::vector<std::string> names{""};
  struct stat there {};
  (void)stat("/proc/self/ns/net", &there);
  std::set<std::pair<dev_t, ino_t>> seen{{there.st_dev, there.st_ino}};
  const std::unique_ptr<DIR, int (*)(DIR*)> all(opendir("/run/netns"), closedir);
  while (const dirent* const entry = all ? readdir(all.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (name[0] != '.' && stat(("/run/netns/" + name).c_str(), &there) == 0 &&
        seen.emplace(there.st_dev, there.st_ino).second)
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace vnet::cli
