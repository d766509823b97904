// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>

extern "C" {  // glibc 2.36's header forgets it
#include <sys/pidfd.h>
}

#include <algorithm>
#include <cstdlib>

namespace vnet::cli {
namespace {

using user::errno_error;
using user::UniqueFd;

constexpr size_t kMostOutput = 1 << 20;

[[noreturn]] void run(const std::vector<std::string>& argv, const std::string& directory,
                      int output) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (null > STDERR_FILENO) close(null);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (directory.empty() || chdir(directory.c_str()) == 0) execvp(words[0], words.data());
  fmt::print(stderr, "{}: {}\n", directory.empty() ? argv[0] : directory, std::strerror(errno));
  std::fflush(stderr);
  std::_Exit(127);
}

}  // namespace

user::Result<std::unique_ptr<Process>> Process::start(const std::vector<std::string>& argv,
                                                      const std::string& directory) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno_error("pipe");
  UniqueFd reader(ends[0]), writer(ends[1]);
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) run(argv, directory, writer.get());
  setpgid(pid, pid);  // whoever of the two comes first
  fcntl(reader.get(), F_SETFL, O_NONBLOCK);
  UniqueFd pidfd(pidfd_open(pid, 0));
  if (!pidfd) {
    const user::Error error = errno_error("pidfd_open");
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return error;
  }
  return std::unique_ptr<Process>(new Process(pid, std::move(pidfd), std::move(reader)));
}

Process::~Process() {
  if (ended()) return;
  signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Process::read_output() {
  char buffer[16384];
  ssize_t n;
  while (output_fd_ && (n = read(output_fd_.get(), buffer, sizeof(buffer))) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    const size_t room = kMostOutput - output_.size();
    output_.append(buffer, std::min(static_cast<size_t>(n), room));
  }
  output_fd_.reset();
}

bool Process::collect() {
  siginfo_t info{};
  // Left as it is at first: while its number is its own, its group's is.
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid != pid_)
    return false;
  signal(SIGKILL);
  read_output();
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  status_ = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  pidfd_.reset();
  output_fd_.reset();
  return true;
}

void Process::signal(int number) const {
  if (!ended()) kill(-pid_, number);
}

}  // namespace vnet::cli
