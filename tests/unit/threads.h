// SPDX-License-Identifier: GPL-2.0-only
// Helpers for the tests with real threads. A lost wake-up must fail the test, not hang it: every
// loop asks a deadline. It is generous, and no test's outcome depends on it while nothing is lost.
#pragma once

#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "core/base/types.h"

namespace vnet::test {

#ifdef __SANITIZE_THREAD__
inline constexpr u32 kSlowdown = 4;
#else
inline constexpr u32 kSlowdown = 1;
#endif

// Repetitions: as given in a plain build, fewer where each costs more.
constexpr u32 scaled(u32 count) {
  return count / kSlowdown;
}

class Deadline {
 public:
  bool ahead() const { return std::chrono::steady_clock::now() < end_; }

 private:
  std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(60);
};

class Threads {
 public:
  ~Threads() { join(); }
  void add(std::function<void()> body) { threads_.emplace_back(std::move(body)); }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace vnet::test
