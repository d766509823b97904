// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/strays.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern "C" {  // glibc 2.36's header forgets it
#include <sys/pidfd.h>
}

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "user/clock.h"

namespace vnet::cli {
namespace {

using user::UniqueFd;

constexpr vnet_u64 kKindNs = 1000000000;  // how long SIGTERM has
constexpr vnet_u64 kPatienceNs = 10 * kKindNs;

using Inode = std::pair<dev_t, ino_t>;

// The file's, or none.
std::vector<Inode> inode_of(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return {};
  return {{found.st_dev, found.st_ino}};
}

pid_t parent_of(const std::string& proc) {
  std::ifstream in(proc + "/stat");
  std::string line;
  std::getline(in, line);
  // The name is between parentheses, and may have any in it.
  const size_t end = line.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream rest(line.substr(end + 1));
  char state = 0;
  pid_t parent = 0;
  rest >> state >> parent;
  return parent;
}

struct Stray {
  pid_t pid;
  UniqueFd pidfd;
};

std::vector<Stray> find_strays(const std::vector<Inode>& namespaces,
                               const std::vector<pid_t>& spared) {
  std::vector<Stray> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> all(opendir("/proc"), closedir);
  while (const dirent* const entry = all ? readdir(all.get()) : nullptr) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0 || pid == getpid()) continue;
    const std::string proc = std::string("/proc/") + entry->d_name;
    UniqueFd pidfd(pidfd_open(pid, 0));
    if (!pidfd) continue;
    // With the descriptor held the number is still its own below.
    const std::vector<Inode> netns = inode_of(proc + "/ns/net");
    const bool inside = !netns.empty() && std::find(namespaces.begin(), namespaces.end(),
                                                    netns[0]) != namespaces.end();
    const bool child =
        parent_of(proc) == getpid() && std::find(spared.begin(), spared.end(), pid) == spared.end();
    if (inside || child) found.push_back({pid, std::move(pidfd)});
  }
  return found;
}

void reap() {
  while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

}  // namespace

void adopt_orphans(bool yes) {
  (void)prctl(PR_SET_CHILD_SUBREAPER, yes ? 1 : 0);
}

std::vector<pid_t> own_children() {
  std::vector<pid_t> pids;
  for (const Stray& child : find_strays({}, {})) pids.push_back(child.pid);
  return pids;
}

void end_strays(const std::vector<std::string>& names, const std::vector<pid_t>& spared) {
  const std::vector<Inode> own = inode_of("/proc/self/ns/net");
  std::vector<Inode> namespaces;
  for (const std::string& name : names)
    for (const Inode& inode : inode_of("/run/netns/" + name))
      if (own.empty() || inode != own[0]) namespaces.push_back(inode);
  const vnet_u64 begin = user::monotonic_ns();
  for (;;) {
    reap();
    const std::vector<Stray> strays = find_strays(namespaces, spared);
    const vnet_u64 waited = user::monotonic_ns() - begin;
    if (strays.empty() || waited > kPatienceNs) return;
    for (const Stray& stray : strays)
      (void)pidfd_send_signal(stray.pidfd.get(), waited < kKindNs ? SIGTERM : SIGKILL, nullptr, 0);
    pollfd first{strays[0].pidfd.get(), POLLIN, 0};
    (void)poll(&first, 1, 100);
  }
}

void wait_for(Process& process) {
  while (!process.collect()) {
    pollfd fds[] = {{process.end_fd(), POLLIN, 0}, {process.output_fd(), POLLIN, 0}};
    (void)poll(fds, 2, -1);
    process.read_output();
  }
}

}  // namespace vnet::cli
