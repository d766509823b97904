// SPDX-License-Identifier: GPL-2.0-only
#include "core/moderation.h"

namespace vnet {
namespace {

// The idea is that of Linux's lib/dim (net_dim.c: a table of profiles, one step per sample, rest
// after a step that did not pay) and of e1000e's ITR (e1000_update_itr(): latency first, then
// bulk).
constexpr Moderation::Wait kProfiles[] = {{0, 0}, {32, 16}, {64, 32}, {128, 64}};
constexpr u8 kLastLevel = sizeof(kProfiles) / sizeof(kProfiles[0]) - 1;

constexpr u64 kSampleNs = 1000000;

// A wait is tried if at the present rate it would gather two frames, and given up if it gathers
// less than one and a half. Ping-pong at full speed gathers one whatever the wait: it is the wait
// that makes its rate. In half frames.
constexpr u64 kUp = 4, kDown = 3;

// Samples of rest after a step down: so seldom is a ping-pong disturbed that looked like bulk.
constexpr u8 kPatience = 64;

// Whether a wait of `ns` gathers `halves` half frames at this rate.
bool gathers(u64 halves, u64 frames, u64 elapsed, u64 ns) {
  return 2 * frames * ns >= halves * elapsed;
}

}  // namespace

void Moderation::configure(Wait fixed, bool adaptive) {
  if (adaptive && !this->adaptive()) level_.store_relaxed(0);
  u64 setting = 0;
  if (adaptive)
    setting = kAdaptive;
  else if (fixed.usecs)
    setting = u64{fixed.usecs} << kUsecsShift | fixed.frames;
  setting_.store_relaxed(setting | (setting_.load_relaxed() & (kWatched | kGathers)));
}

void Moderation::flag(u64 bit, bool on) {
  if (on)
    setting_.fetch_or(bit);
  else
    setting_.fetch_and(~bit);
}

void Moderation::watch(bool on) {
  flag(kWatched, on);
}

void Moderation::let_gather(bool on) {
  flag(kGathers, on);
}

Moderation::Wait Moderation::in_force() const {
  const u64 setting = setting_.load_relaxed() & ~(kWatched | kGathers);
  if (setting & kAdaptive) return kProfiles[level_.load_relaxed()];
  return {static_cast<u32>(setting >> kUsecsShift), static_cast<u32>(setting)};
}

void Moderation::polled(u32 frames, u64 now) {
  frames_ += frames;
  const u64 elapsed = now - since_;
  if (elapsed < kSampleNs) return;
  adapt(elapsed);
  since_ = now;
  frames_ = 0;
}

// One step per sample.
void Moderation::adapt(u64 elapsed) {
  const u8 level = level_.load_relaxed();
  if (level && !gathers(kDown, frames_, elapsed, kProfiles[level].nanoseconds())) {
    level_.store_relaxed(static_cast<u8>(level - 1));
    patience_ = kPatience;
  } else if (patience_) {
    patience_--;
  } else if (level < kLastLevel &&
             gathers(kUp, frames_, elapsed, kProfiles[level + 1].nanoseconds())) {
    level_.store_relaxed(static_cast<u8>(level + 1));
  }
}

}  // namespace vnet
