// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fake/ledger.h"

#include <algorithm>
#include <cstring>

#include "tests/fake/host.h"

#if defined(__SANITIZE_ADDRESS__)
#define VNET_FAKE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VNET_FAKE_ASAN 1
#endif
#endif
#ifdef VNET_FAKE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace vnet::fake {

namespace {
constexpr u8 kSpoilt = 0xdd;
constexpr uintptr_t kNoFrame = 0xdead;
constexpr size_t kDescriptor = sizeof(vnet_frame);

std::string name_of(const Frame& frame) {
  return "frame " + std::to_string(frame.record->id);
}
}  // namespace

const char* owner_name(Owner owner) {
  switch (owner) {
    case Owner::kTest:
      return "with the test";
    case Owner::kOffered:
      return "offered";
    case Owner::kCore:
      return "with the core";
    case Owner::kDelivered:
      return "delivered";
    case Owner::kDropped:
      return "dropped";
    case Owner::kCut:
      return "cut up";
  }
  return "?";
}

void Payload::assign(const Bytes& bytes) {
  head_.reset();
  linear_ = 0;
  tail_ = bytes;
}

Bytes Payload::bytes() const {
  Bytes all;
  all.reserve(size());
  if (linear_ > 0) all.assign(head_.get() + kOffset, head_.get() + kOffset + linear_);
  all.insert(all.end(), tail_.begin(), tail_.end());
  return all;
}

u8* Payload::linearize(u32 length) {
  const Bytes all = bytes();
  if (head_) std::memset(head_.get(), kSpoilt, kOffset + linear_);
  head_ = std::make_unique<u8[]>(kOffset + length);
  linear_ = length;
  std::copy_n(all.begin(), length, head_.get() + kOffset);
  tail_.assign(all.begin() + length, all.end());
  return head_.get() + kOffset;
}

void Payload::flip(u32 bit) {
  u8& byte = bit / 8 < linear_ ? head_[kOffset + bit / 8] : tail_.at(bit / 8 - linear_);
  byte ^= static_cast<u8>(0x80 >> bit % 8);
}

void Payload::truncate(u32 length) {
  Bytes all = bytes();
  all.resize(length);
  assign(all);
}

void Graveyard::add(Frame* frame) {
  std::memset(static_cast<vnet_frame*>(frame), kSpoilt, kDescriptor);
  ASAN_POISON_MEMORY_REGION(static_cast<vnet_frame*>(frame), kDescriptor);
  frames_.push_back(frame);
  if (frames_.size() > kKept) bury_oldest();
}

void Graveyard::bury_oldest() {
  Frame* frame = frames_.front();
  frames_.pop_front();
  ASAN_UNPOISON_MEMORY_REGION(static_cast<vnet_frame*>(frame), kDescriptor);
  u8 descriptor[kDescriptor];
  std::memcpy(descriptor, static_cast<vnet_frame*>(frame), kDescriptor);
  if (std::any_of(descriptor, descriptor + kDescriptor, [](u8 b) { return b != kSpoilt; })) {
    Host::get().violation(name_of(*frame) + " was written to after it was " +
                          owner_name(frame->record->owner.load()));
  }
  frame->record->frame = nullptr;
  delete frame;
}

void Graveyard::bury_all() {
  while (!frames_.empty()) bury_oldest();
}

Frame* Ledger::make(const Bytes& bytes) {
  Record& record = records_.emplace_back();
  record.id = records_.size();
  auto* frame = new Frame();
  record.frame = frame;
  frame->record = &record;
  frame->payload.assign(bytes);
  frame->len = frame->wire_len = static_cast<u32>(bytes.size());
  frame->wire_frames = 1;
  frame->next = reinterpret_cast<vnet_frame*>(kNoFrame);  // the core may not read it
  frame->csum = VNET_CSUM_NONE;
  std::ranges::fill(frame->dst, kSpoilt);  // until it is committed
  return frame;
}

// The owner is relaxed on purpose: whoever moves a frame has to have it by the core's own ordering.
bool Ledger::move(Frame& frame, Owner from, Owner to, const char* what) {
  Owner found = from;
  if (frame.record->owner.compare_exchange_strong(found, to, std::memory_order_relaxed))
    return true;
  Host::get().violation(name_of(frame) + ": " + what + ", but it is " + owner_name(found));
  return false;
}

bool Ledger::offer(Frame& frame, u32 sender) {
  if (!move(frame, Owner::kTest, Owner::kOffered, "offered")) return false;
  frame.record->sender = sender;
  frame.record->sent = frame;
  return true;
}

bool Ledger::take_back(Frame& frame) {
  return move(frame, Owner::kOffered, Owner::kTest, "refused as busy");
}

bool Ledger::commit(Frame& frame, u32 receiver, u64 order) {
  Record& record = *frame.record;
  if (record.committed) Host::get().violation(name_of(frame) + " was committed twice");
  record.committed = true;
  record.receiver = receiver;
  record.order = order;
  record.wire_len = record.sent_len = frame.wire_len;
  const Bytes bytes = frame.payload.bytes();
  if (frame.len != bytes.size()) Host::get().violation(name_of(frame) + ": len is not its length");
  if (bytes.size() < kEthernetHeader) Host::get().violation(name_of(frame) + ": a runt");
  std::copy_n(bytes.begin(), std::min(bytes.size(), sizeof(frame.dst)), frame.dst);
  record.multicast = frame.dst[0] & 1;
  return move(frame, Owner::kOffered, Owner::kCore, "committed");
}

bool Ledger::deliver(Frame& frame, u32 receiver) {
  if (!move(frame, Owner::kCore, Owner::kDelivered, "delivered")) return false;
  const Record& record = *frame.record;
  if (record.receiver != receiver) Host::get().violation(name_of(frame) + " came to a wrong queue");
  const vnet_frame& sent = record.sent;
  if (frame.len != frame.payload.size() || frame.csum != sent.csum ||
      frame.csum_start != sent.csum_start || frame.csum_offset != sent.csum_offset ||
      frame.wire_frames != sent.wire_frames || frame.wire_len != record.wire_len) {
    Host::get().violation(name_of(frame) + ": its descriptor changed on the way");
  }
  return true;
}

bool Ledger::is_held(const Frame& frame, const char* what) const {
  const Owner owner = frame.record->owner.load(std::memory_order_relaxed);
  if (owner == Owner::kCore && frame.record->held) return true;
  Host::get().violation(name_of(frame) + ": " + what + ", but it is " +
                        (owner == Owner::kCore ? "not held" : owner_name(owner)));
  return false;
}

bool Ledger::hold(Frame& frame) {
  return frame.record->held = move(frame, Owner::kCore, Owner::kCore, "held");
}

// With the core, and with the same receiver; nobody has sent it.
Frame* Ledger::make_like(const Frame& frame, const Bytes& bytes) {
  Frame* const made = make(bytes);
  Record& record = *made->record;
  const Record& like = *frame.record;
  static_cast<vnet_frame&>(*made) = frame;
  made->len = static_cast<u32>(bytes.size());
  record.receiver = like.receiver;
  record.order = like.order;
  record.sent = like.sent;
  record.wire_len = like.wire_len;
  record.multicast = like.multicast;
  record.committed = record.held = true;
  record.owner.store(Owner::kCore, std::memory_order_relaxed);
  return made;
}

Frame* Ledger::copy(const Frame& frame) {
  if (!is_held(frame, "copied")) return nullptr;
  Frame* const made = make_like(frame, frame.payload.bytes());
  made->record->duplicate = true;
  return made;
}

// Each with the Ethernet header, and an even share of the rest.
std::vector<Frame*> Ledger::cut(Frame& frame) {
  if (!is_held(frame, "cut")) return {};
  const Bytes bytes = frame.payload.bytes();
  const u32 count = frame.wire_frames;
  const size_t body = bytes.size() - kEthernetHeader;
  std::vector<Frame*> made;
  for (u32 i = 0; i < count; i++) {
    Bytes part(bytes.begin(), bytes.begin() + kEthernetHeader);
    part.insert(part.end(), bytes.begin() + static_cast<long>(kEthernetHeader + body * i / count),
                bytes.begin() + static_cast<long>(kEthernetHeader + body * (i + 1) / count));
    Frame* const segment = make_like(frame, part);
    segment->wire_len = segment->record->wire_len = segment->len;
    segment->wire_frames = segment->record->sent.wire_frames = 1;
    made.push_back(segment);
  }
  move(frame, Owner::kCore, Owner::kCut, "cut");
  return made;
}

bool Ledger::flip(Frame& frame, u32 bit) {
  if (!is_held(frame, "corrupted")) return false;
  if (bit >= 8 * frame.len) {
    Host::get().violation(name_of(frame) + ": a bit beyond it");
    return false;
  }
  frame.payload.flip(bit);
  frame.csum = frame.record->sent.csum = VNET_CSUM_NONE;
  frame.record->multicast = frame.payload.bytes().at(0) & 1;
  return true;
}

bool Ledger::truncate(Frame& frame, u32 length) {
  if (!is_held(frame, "truncated")) return false;
  if (length >= frame.len) {
    Host::get().violation(name_of(frame) + ": truncated to more than it is");
    return false;
  }
  frame.payload.truncate(length);
  frame.len = frame.wire_len = frame.record->wire_len = length;
  frame.csum = frame.record->sent.csum = VNET_CSUM_NONE;
  return true;
}

bool Ledger::report(Frame& frame, bool good) {
  if (!is_held(frame, "reported")) return false;
  if (good && frame.csum == VNET_CSUM_PARTIAL) return true;
  frame.csum = frame.record->sent.csum = good ? VNET_CSUM_VERIFIED : VNET_CSUM_NONE;
  return true;
}

bool Ledger::drop(Frame& frame, vnet_drop reason, u32 context_queue, bool in_tx) {
  Record& record = *frame.record;
  if (!move(frame, in_tx ? Owner::kOffered : Owner::kCore, Owner::kDropped, "dropped"))
    return false;
  if (reason >= VNET_DROP_COUNT)
    Host::get().violation(name_of(frame) + " dropped without a reason");
  const u32 expected_queue = in_tx ? record.sender : record.receiver;
  if (context_queue != 0 && context_queue != expected_queue) {
    Host::get().violation(name_of(frame) + " was dropped by another queue");
  }
  record.dropped_by_receiver = !in_tx;
  record.reason = reason;
  return true;
}

vnet_queue_stats Ledger::expected(u32 queue) const {
  vnet_queue_stats stats{};
  for (const Record& record : records_) {
    const Owner owner = record.owner.load(std::memory_order_relaxed);
    const u64 frames = record.sent.wire_frames;
    const bool accepted = record.receiver != 0;
    if (record.sender == queue && accepted) {
      stats.tx_frames += frames;
      stats.tx_bytes += record.sent_len;
    }
    if (record.sender == queue && owner == Owner::kDropped && !record.dropped_by_receiver) {
      stats.tx_drops[record.reason] += frames;
    }
    if (!accepted || record.receiver != queue) continue;
    if (owner == Owner::kCore) stats.in_flight++;
    if (owner == Owner::kDropped) stats.rx_drops[record.reason] += frames;
    if (owner != Owner::kDelivered) continue;
    stats.rx_frames += frames;
    stats.rx_bytes += record.wire_len;
    if (record.multicast) stats.rx_multicast += frames;
  }
  return stats;
}

u64 Ledger::count(Owner owner) const {
  return static_cast<u64>(std::count_if(records_.begin(), records_.end(), [owner](const Record& r) {
    return r.owner.load(std::memory_order_relaxed) == owner;
  }));
}

u64 Ledger::dropped(vnet_drop reason) const {
  return static_cast<u64>(
      std::count_if(records_.begin(), records_.end(), [reason](const Record& r) {
        return r.owner.load(std::memory_order_relaxed) == Owner::kDropped && r.reason == reason;
      }));
}

void Ledger::check_conservation() const {
  u64 by_reason = 0;
  for (u32 reason = 0; reason < VNET_DROP_COUNT; reason++) {
    by_reason += dropped(static_cast<vnet_drop>(reason));
  }
  const u64 sent = made() - count(Owner::kTest);
  const u64 accounted =
      count(Owner::kDelivered) + by_reason + count(Owner::kCore) + count(Owner::kCut);
  if (count(Owner::kOffered) != 0) Host::get().violation("a frame is still being offered");
  if (sent != accounted) {
    Host::get().violation("sent " + std::to_string(sent) + " frames, accounted for " +
                          std::to_string(accounted));
  }
}

void Ledger::clear() {
  for (Record& record : records_) delete record.frame;
  records_.clear();
}

}  // namespace vnet::fake
