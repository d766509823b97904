// SPDX-License-Identifier: GPL-2.0-only
// Atomics over the compiler's builtins: <atomic> is not available under the kernel's flags.
// The memory orders are in the names, so that a reader sees each one.
#pragma once

#include "add_alone.h"  // base/x86/ in kernels for it, base/plain/ elsewhere: the build chooses

namespace vnet {

template <class T>
class Atomic {
 public:
  constexpr Atomic() = default;
  constexpr explicit Atomic(T value) : value_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load_relaxed() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  T load_acquire() const { return __atomic_load_n(&value_, __ATOMIC_ACQUIRE); }
  void store_relaxed(T value) { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }
  void store_release(T value) { __atomic_store_n(&value_, value, __ATOMIC_RELEASE); }

  // Read-modify-write, all sequentially consistent; each returns the old value.
  T fetch_or(T bits) { return __atomic_fetch_or(&value_, bits, __ATOMIC_SEQ_CST); }
  T fetch_and(T bits) { return __atomic_fetch_and(&value_, bits, __ATOMIC_SEQ_CST); }
  T fetch_add(T n) { return __atomic_fetch_add(&value_, n, __ATOMIC_SEQ_CST); }
  T exchange(T value) { return __atomic_exchange_n(&value_, value, __ATOMIC_SEQ_CST); }
  bool compare_exchange(T expected, T desired) {
    return __atomic_compare_exchange_n(&value_, &expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
  }

  // Relaxed, and the only writer's: no locked instruction.
  void add_alone(T n) { vnet::add_alone(value_, n); }

 private:
  T value_{};
};

// A counter with one writer at a time and any number of readers: no locked instruction.
template <class T>
class Counter {
 public:
  void add(T n) { value_.add_alone(n); }
  T get() const { return value_.load_relaxed(); }

 private:
  Atomic<T> value_;
};

}  // namespace vnet
