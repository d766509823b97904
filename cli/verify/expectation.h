// SPDX-License-Identifier: GPL-2.0-only
// What the determinism contract says of the frames that passed a wire: their decisions, made again.
#pragma once

#include <vnet/control.h>

#include <optional>

namespace vnet::cli {

// Of the frames of one queue.
struct Expectation {
  vnet_u64 lost = 0, duplicated = 0, corrupted = 0, reordered = 0;
  vnet_u64 truncated = 0;  // of those that are long enough
  // The delays that were drawn, as the core measures them: less the delay asked for.
  vnet_u64 delays = 0;
  double delay_sum = 0, delay_squares = 0;

  double deviation_ns(vnet_u32 shift) const;
};

class Decisions {
 public:
  // What `values` has in force; nothing if it cannot be compiled.
  static std::optional<Decisions> of(const vnet_impair_values& values);
  ~Decisions();
  Decisions(Decisions&& other) noexcept : plan_(other.plan_) { other.plan_ = nullptr; }
  Decisions& operator=(Decisions&&) = delete;

  // Of the frames behind `from` up to `to`, the same queue's later on.
  Expectation between(const vnet_wire_values& from, const vnet_wire_values& to) const;
  // As asked for, in ns: the deviation that the distribution has.
  double asked_deviation_ns() const;

 private:
  explicit Decisions(void* plan) : plan_(plan) {}
  void* plan_;  // vnet::Plan
};

}  // namespace vnet::cli
