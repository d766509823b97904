// SPDX-License-Identifier: GPL-2.0-only
// The fake host: implements every vnet_host_* function, checks the contract of core.h and host.h at
// each call in both directions, and fails on demand. What it finds wrong is a violation; the
// fixture (fixture.h) fails the test for it, the fuzzer aborts.
//
// Concurrency: as the boundary's contexts say. reset() and the checks while no other thread is in
// the core.
#pragma once

#include <vnet/core.h>
#include <vnet/fault.h>
#include <vnet/host.h>
#include <vnet/impair.h>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/fake/ledger.h"

namespace vnet::fake {

class Device;
class Queue;

// Makes the N-th call from now fail, counted per kind of call.
class Script {
 public:
  void fail_nth(u64 n) { countdown_.store(n, std::memory_order_relaxed); }  // 0: none
  bool fails_now();

 private:
  std::atomic<u64> countdown_{0};
};

// Where a test can have another thread come in between: inside the host function named.
enum class Point : u8 {
  kBeforeQueueStop,
  kQueueStop,
  kCommit,
  kDrop,
  kQuiesce,
  kArm,
  kTimer,
  kCount
};

enum class Context : u8 { kNone, kControl, kTransmit, kPoll, kTimer, kAny };
const char* context_name(Context context);

// The call into the core that this thread is in. Opening a second control call anywhere, or a
// second transmit or poll of one queue, is the test's own violation of the host's promise.
class Call {
 public:
  Call(Context context, Queue* queue);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  static Call* current();
  Context context() const { return context_; }
  Queue* queue() const { return queue_; }
  u64 epoch() const { return epoch_; }

  Frame* offered = nullptr;  // kTransmit: until the commit or the drop
  bool dropped = false;
  bool committed = false;

 private:
  const Context context_;
  Queue* const queue_;
  Call* const outer_;
  const u64 epoch_;
};

class Host {
 public:
  static Host& get();

  // Frees all that an earlier test left and starts anew.
  void reset();

  void violation(const std::string& what);
  std::vector<std::string> violations();
  // Takes them back: for tests of the fake itself.
  std::vector<std::string> take_violations();
  void abort_on_violation(bool on) { abort_on_violation_ = on; }

  // Counters against the ledger for every device, and conservation. Quiet devices only.
  void check();
  // All devices are gone: no frame is with the core, no memory is held.
  void check_empty();

  u64 now() const { return now_; }
  // Deadlines come on the way, in order, each at its instant.
  void advance(u64 nanoseconds);

  // To the next deadline of any queue, but not beyond `until`; false: there is none before.
  bool advance_to_deadline(u64 until);

  // Once: `action` runs in a thread of its own that has ended when the host function returns. So an
  // interleaving inside a call of the core is made to happen, not hoped for.
  void interleave(Point point, std::function<void()> action);

  u64 allocations() const { return allocations_; }
  size_t live_allocations();

  Ledger ledger;
  Script fail_alloc, fail_header, fail_pad, fail_commit;
  Script fail_hold, fail_segment, fail_copy, fail_alter;
  std::atomic<u64> header_calls{0}, tag_calls{0};
  std::atomic<u64> clock_calls{0}, hold_calls{0}, yields{0};
  std::atomic<bool> hears_decisions{false};

  // The implementation's side.
  Queue* next_deadline();
  void* allocate(unsigned long size);
  void release(void* memory);
  Call* require(const char* function, std::initializer_list<Context> allowed);
  Graveyard& graveyard();
  void reached(Point point);
  void wait_for_calls();
  void enlist(Device* device);
  void delist(Device* device);
  u32 next_uid() { return ++last_uid_; }
  std::atomic<bool> control_busy{false};
  std::atomic<u64> epoch{0};  // moments after which a raise may come late

 private:
  std::mutex mutex_;
  std::atomic<u32> interleaved_{0};  // a bit for each point that has an action
  std::array<std::function<void()>, static_cast<size_t>(Point::kCount)> actions_;
  std::vector<std::string> violations_;
  std::map<void*, unsigned long> memory_;
  std::vector<Device*> devices_;
  Graveyard control_graveyard_;
  u64 now_ = 1'000'000'000;
  u64 allocations_ = 0;
  u32 last_uid_ = 0;
  bool abort_on_violation_ = false;
};

}  // namespace vnet::fake
