// SPDX-License-Identifier: GPL-2.0-only
// The frame ledger: every frame ever made is accounted for at each moment.
//
// A frame is with the test, offered (inside a transmission), with the core, delivered, or dropped
// for a reason. Every move is checked against the contract of core.h and host.h; a wrong one is a
// violation.
//
// Concurrency: make() by one thread at a time, before the threads that move the frames start or
// under the test's own order; moves by whoever owns the frame. Nothing here takes a lock, so the
// ledger adds no ordering that could hide a missing one in the core from TSan.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/types.h"

namespace vnet::fake {

using Bytes = std::vector<u8>;

// kCut: it has become several others.
enum class Owner : u8 { kTest, kOffered, kCore, kDelivered, kDropped, kCut };
const char* owner_name(Owner owner);

// The bytes of a frame. The first `linear` ones are a block of their own, two bytes off alignment
// as the kernel's are (NET_IP_ALIGN), so that sanitizers see every access beyond them.
class Payload {
 public:
  void assign(const Bytes& bytes);
  Bytes bytes() const;
  u32 size() const { return linear_ + static_cast<u32>(tail_.size()); }
  // Moves the storage and spoils the old one: an earlier pointer is stale.
  u8* linearize(u32 length);
  void append_zeros(u32 count) { tail_.resize(tail_.size() + count); }
  void flip(u32 bit);
  void truncate(u32 length);

 private:
  static constexpr u32 kOffset = 2;
  std::unique_ptr<u8[]> head_;
  u32 linear_ = 0;
  Bytes tail_;
};

struct Frame;

// What the ledger knows of a frame; outlives the frame.
struct Record {
  Frame* frame = nullptr;  // until it is buried
  std::atomic<Owner> owner{Owner::kTest};
  u64 id = 0;
  u32 sender = 0;    // queue uid, once offered
  u32 receiver = 0;  // queue uid, once committed
  u64 order = 0;     // position among the frames that the sender committed
  u32 wire_len = 0;
  u32 sent_len = 0;   // wire_len as committed
  vnet_frame sent{};  // the descriptor as offered
  bool committed = false;
  bool multicast = false;
  bool held = false;       // by an impaired wire
  bool duplicate = false;  // made there
  bool dropped_by_receiver = false;
  vnet_drop reason = VNET_DROP_COUNT;
};

struct Frame : vnet_frame {
  Record* record = nullptr;
  Payload payload;
};

// Frames that nobody may touch any more: spoilt, poisoned for ASan, and checked when they are
// buried. One per context, so that it needs no lock.
class Graveyard {
 public:
  ~Graveyard() { bury_all(); }
  void add(Frame* frame);
  void bury_all();

 private:
  static constexpr size_t kKept = 512;
  void bury_oldest();
  std::deque<Frame*> frames_;
};

class Ledger {
 public:
  ~Ledger() { clear(); }

  // A frame with the test: one wire frame, checksum in it and not verified.
  Frame* make(const Bytes& bytes);

  // Moves. Each returns false after it reported a violation.
  bool offer(Frame& frame, u32 sender);
  bool take_back(Frame& frame);  // BUSY
  bool commit(Frame& frame, u32 receiver, u64 order);
  bool deliver(Frame& frame, u32 receiver);
  // What an impaired wire asks for, all with the core.
  bool hold(Frame& frame);
  Frame* copy(const Frame& frame);
  std::vector<Frame*> cut(Frame& frame);
  bool flip(Frame& frame, u32 bit);
  bool truncate(Frame& frame, u32 length);
  // What is said of its checksum.
  bool report(Frame& frame, bool good);
  bool drop(Frame& frame, vnet_drop reason, u32 context_queue, bool in_tx);

  // What the core's counters have to say about the queue, polls and interrupts aside.
  vnet_queue_stats expected(u32 queue) const;
  u64 count(Owner owner) const;
  u64 dropped(vnet_drop reason) const;
  u64 made() const { return records_.size(); }

  // sent = delivered + dropped by reason + in flight; frames offered are none between calls.
  void check_conservation() const;
  void clear();

 private:
  bool move(Frame& frame, Owner from, Owner to, const char* what);
  bool is_held(const Frame& frame, const char* what) const;
  Frame* make_like(const Frame& frame, const Bytes& bytes);
  std::deque<Record> records_;
};

}  // namespace vnet::fake
