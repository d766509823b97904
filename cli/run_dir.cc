// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>

namespace vnet::cli {
namespace {

constexpr std::string_view kPidSuffix = ".pid";
constexpr char kDefaultPath[] = "/run/vnet";
constexpr int kLooks = 40;

using user::errno_error;

std::string pid_file(const std::string& instance) {
  return instance + ".pid";
}
std::string log_file(const std::string& instance) {
  return instance + ".log";
}

std::string socket_file(const std::string& instance) {
  return instance + ".sock";
}

bool same_path(const std::string& one, const std::string& other) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(one, ignored) ==
         std::filesystem::weakly_canonical(other, ignored);
}

void remove_files(int dir, const std::string& instance) {
  unlinkat(dir, socket_file(instance).c_str(), 0);
  unlinkat(dir, pid_file(instance).c_str(), 0);
  unlinkat(dir, log_file(instance).c_str(), 0);
}

// A lock on a file that was unlinked meanwhile is worth nothing.
bool is_file_at(int fd, int dir, const std::string& name) {
  struct stat open_file, named;
  return fstat(fd, &open_file) == 0 && fstatat(dir, name.c_str(), &named, 0) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

Instance read_instance(int fd, const std::string& name) {
  char text[256];
  const ssize_t n = pread(fd, text, sizeof(text), 0);
  std::istringstream in(std::string(text, n > 0 ? static_cast<size_t>(n) : 0));
  Instance instance;
  instance.name = name;
  in >> instance.pid;
  for (std::string device; in >> device;) instance.devices.push_back(device);
  return instance;
}

// The living driver of a pid file; none if it is stale, which removes it.
std::optional<Instance> living(int dir, const std::string& instance) {
  const std::string file = pid_file(instance);
  UniqueFd fd(openat(dir, file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return {};
  if (flock(fd.get(), LOCK_SH | LOCK_NB) == 0) {
    if (is_file_at(fd.get(), dir, file)) remove_files(dir, instance);
    return {};
  }
  Instance found = read_instance(fd.get(), instance);
  if (found.pid <= 0) return {};  // it is starting, or ending
  return found;
}

}  // namespace

bool Instance::answers_to(const std::string& wanted) const {
  return wanted == name || std::find(devices.begin(), devices.end(), wanted) != devices.end();
}

// ---- claim

Claim::~Claim() {
  if (file_) remove_files(dir_.get(), name_);
}

void Claim::write(const std::string& a, const std::string& b) {
  const std::string text = fmt::format("{}\n{} {}\n", getpid(), a, b);
  if (pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()))
    (void)!ftruncate(file_.get(), static_cast<off_t>(text.size()));
}

Result<UniqueFd> Claim::open_log() {
  const std::string file = log_file(name_);
  UniqueFd log(openat(dir_.get(), file.c_str(),
                      O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!log) return errno_error(file);
  return log;
}

// Through the descriptor: the directory's path may be longer than sun_path, and no longer lead
// there since the driver was detached.
Result<UniqueFd> Claim::listen() {
  constexpr int kBacklog = 64;
  const std::string file = socket_file(name_);
  const std::string path = fmt::format("/proc/self/fd/{}/{}", dir_.get(), file);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return errno_error(file, ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return errno_error("control socket");
  unlinkat(dir_.get(), file.c_str(), 0);
  const mode_t mask = umask(0177);
  const bool bound =
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int error = errno;
  umask(mask);
  if (!bound) return errno_error(file, error);
  if (::listen(socket.get(), kBacklog) != 0) return errno_error(file);
  return socket;
}

// ---- run directory

std::vector<std::string> RunDir::candidates() {
  if (const char* chosen = std::getenv("VNET_RUN_DIR"); chosen && *chosen) return {chosen};
  std::vector<std::string> paths{kDefaultPath};
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime && *runtime)
    // A driver in one directory that has two names would be found twice.
    if (const std::string own = std::string(runtime) + "/vnet"; !same_path(own, kDefaultPath))
      paths.push_back(own);
  return paths;
}

Result<RunDir> RunDir::open_existing(const std::string& path) {
  UniqueFd dir(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return errno_error(path);
  return RunDir(std::move(dir), path);
}

Result<RunDir> RunDir::open_writable() {
  Error error;
  for (const std::string& path : candidates()) {
    mkdir(path.c_str(), 0755);
    Result<RunDir> dir = open_existing(path);
    if (dir && faccessat(dir->dir_.get(), ".", W_OK | X_OK, AT_EACCESS) == 0) return dir;
    if (error.text.empty()) error = errno_error(path);
  }
  return error;
}

Result<Claim> RunDir::claim(const std::string& instance) {
  const std::string file = pid_file(instance);
  UniqueFd dir(fcntl(dir_.get(), F_DUPFD_CLOEXEC, 0));
  if (!dir) return errno_error(path_);
  // Who only looks has a lock, too, for some microseconds (living()).
  constexpr timespec kPause{0, 5'000'000};
  for (int looks = 0;;) {
    UniqueFd fd(openat(dir_.get(), file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd) return errno_error(path_ + "/" + file);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (looks++ < kLooks && nanosleep(&kPause, nullptr) == 0) continue;
      const Instance other = read_instance(fd.get(), instance);
      return Error{fmt::format(
          "refused: an instance named '{}' is running already (pid {}, run directory {}; another "
          "VNET_RUN_DIR keeps them apart)",
          instance, other.pid, path_)};
    }
    if (!is_file_at(fd.get(), dir_.get(), file)) continue;  // its owner removed it just now
    return Claim(std::move(dir), std::move(fd), instance);
  }
}

std::vector<Instance> RunDir::instances() {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(path_.c_str()), closedir);
  if (!entries) return {};
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name.size() <= kPidSuffix.size() ||
        name.substr(name.size() - kPidSuffix.size()) != kPidSuffix)
      continue;
    names.emplace_back(name.substr(0, name.size() - kPidSuffix.size()));
  }
  std::sort(names.begin(), names.end());
  std::vector<Instance> found;
  for (const std::string& name : names)
    if (std::optional<Instance> instance = living(dir_.get(), name))
      found.push_back(std::move(*instance));
  return found;
}

bool RunDir::is_held(const std::string& instance) {
  return living(dir_.get(), instance).has_value();
}

}  // namespace vnet::cli
