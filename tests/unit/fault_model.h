// SPDX-License-Identifier: GPL-2.0-only
// When a fault begins, how long it lasts and what is told of it, by docs/faults.md alone: written
// anew, for one queue, against which the core's is compared.
#pragma once

#include <algorithm>
#include <ostream>
#include <vector>

#include "tests/unit/fault_pair.h"

namespace vnet::fake {

constexpr u64 kOpenEnd = ~0ull;  // of a time, and of a number

// What the table of docs/faults.md says of a kind.
struct KindFacts {
  vnet_fault_kind what;
  const char* name;
  enum Unit { kReceived, kRefused, kMulticast, kSent, kInterrupt, kReset } unit;
  u64 lasts = 0;               // ns, or kOpenEnd until reset
  bool by_itself = false;      // time makes it begin
  bool stops_sending = false;  // while it lasts
};
inline void PrintTo(const KindFacts& kind, std::ostream* out) {
  *out << kind.name;
}

class FaultModel {
 public:
  static constexpr u64 kGap = 100000;  // between two beginnings of what begins by itself

  FaultModel(const KindFacts& kind, const vnet_fault& config, u64 now)
      : kind_(kind), config_(config), next_(now), left_(first_left()) {
    if (config.when == VNET_FAULT_AT || config.when == VNET_FAULT_EVERY_TIME)
      next_ += config.when_value;
    tell(VNET_FAULT_NEWS_ARMED, 0, 0, 0);
  }

  // Time has come to `now`, and control with it.
  void come_to(u64 now) {
    while (!over_) {
      const bool closes = lasts() && until_ != kOpenEnd;
      const bool begins = !lasts() && kind_.by_itself && by_time() && left_;
      const u64 at = closes ? until_ : begins ? next_ : kOpenEnd;
      if (at > now) return;
      now_ = std::max(now_, at);
      if (closes)
        close();
      else
        begin(count_ + 1, 0);
    }
  }

  // A unit comes. `taken`: by `match`, or by chance; `number`: a received frame's, or 0.
  bool unit(u64 now, bool taken, u64 number) {
    come_to(now);
    now_ = now;
    if (over_) return false;
    count_++;
    if (lasts())
      hits_++;
    else if (left_ && wants(taken))
      begin(count_, number);
    else
      return false;
    return true;
  }

  void reset() {
    if (until_ == kOpenEnd) close();
  }

  bool lasts() const { return until_ != 0; }
  bool over() const { return over_; }
  u64 count() const { return count_; }
  u64 fired() const { return fired_; }
  u64 hits() const { return hits_; }
  u64 remaining() const { return over_ ? 0 : left_; }
  const std::vector<vnet_fault_event>& events() const { return events_; }

 private:
  bool recurs() const {
    return config_.when == VNET_FAULT_EVERY_FRAMES || config_.when == VNET_FAULT_EVERY_TIME ||
           config_.when == VNET_FAULT_PROB || config_.when == VNET_FAULT_MATCH;
  }
  bool by_time() const {
    return config_.when == VNET_FAULT_NOW || config_.when == VNET_FAULT_AT ||
           config_.when == VNET_FAULT_EVERY_TIME;
  }
  u64 first_left() const {
    if (config_.duration == VNET_FAULT_FOR_COUNT) return config_.for_value;
    const bool again =
        config_.duration == VNET_FAULT_FOR_DEFAULT || config_.duration == VNET_FAULT_FOR_TIME;
    return again && recurs() && config_.what != VNET_FAULT_REMOVE ? kOpenEnd : 1;
  }
  u64 length() const {
    if (config_.duration == VNET_FAULT_FOR_TIME) return config_.for_value;
    return config_.duration == VNET_FAULT_FOR_RESET ? kOpenEnd : kind_.lasts;
  }

  bool wants(bool taken) const {
    switch (config_.when) {
      case VNET_FAULT_AFTER:
        return count_ > config_.when_value;
      case VNET_FAULT_NTH:
        return count_ >= config_.when_value;
      case VNET_FAULT_EVERY_FRAMES:
        return count_ % config_.when_value == 0;
      case VNET_FAULT_PROB:
      case VNET_FAULT_MATCH:
        return taken;
      default:
        return now_ >= next_;
    }
  }

  void begin(u64 value, u64 number) {
    fired_++;
    hits_++;
    if (left_ != kOpenEnd) left_--;
    tell(VNET_FAULT_NEWS_FIRED, value, number, fired_);
    if (config_.when == VNET_FAULT_EVERY_TIME)
      while (next_ <= now_) next_ += config_.when_value;
    else
      next_ = now_ + (kind_.by_itself ? kGap : 0);
    if (const u64 lasts = length())
      until_ = lasts == kOpenEnd ? kOpenEnd : now_ + lasts;
    else
      end_if_used_up();
  }

  void close() {
    until_ = 0;
    end_if_used_up();
  }

  void end_if_used_up() {
    if (left_) return;
    over_ = true;
    tell(VNET_FAULT_NEWS_ENDED, fired_, 0, 0);
  }

  void tell(u32 news, u64 value, u64 frame, u64 fired) {
    const u32 queue = news == VNET_FAULT_NEWS_FIRED ? 0 : config_.queue;
    events_.push_back({news, 1, config_.what, queue, value, frame, fired});
  }

  const KindFacts kind_;
  const vnet_fault config_;
  u64 now_ = 0, next_, left_, until_ = 0;
  u64 count_ = 0, fired_ = 0, hits_ = 0;
  bool over_ = false;
  std::vector<vnet_fault_event> events_;
};

}  // namespace vnet::fake
