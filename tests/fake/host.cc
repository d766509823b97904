// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fake/host.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <utility>

#include "tests/fake/device.h"

namespace vnet::fake {

namespace {
thread_local Call* current_call = nullptr;
constexpr std::align_val_t kAlignment{64};
constexpr u8 kFreed = 0xfd;

}  // namespace

const char* context_name(Context context) {
  switch (context) {
    case Context::kNone:
      return "outside of any call";
    case Context::kControl:
      return "control";
    case Context::kTransmit:
      return "transmit";
    case Context::kPoll:
      return "poll";
    case Context::kTimer:
      return "timer";
    case Context::kAny:
      return "any";
  }
  return "?";
}

bool Script::fails_now() {
  u64 left = countdown_.load(std::memory_order_relaxed);
  while (left != 0) {
    if (countdown_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed))
      return left == 1;
  }
  return false;
}

Call::Call(Context context, Queue* queue)
    : context_(context),
      queue_(queue),
      outer_(current_call),
      epoch_(Host::get().epoch.load(std::memory_order_relaxed)) {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  bool busy = false;
  if (context == Context::kControl) busy = Host::get().control_busy.exchange(true);
  if (context == Context::kTransmit) {
    busy = queue->tx_busy_.exchange(true, kRelaxed);
    queue->tx_calls_.fetch_add(1, std::memory_order_seq_cst);
  }
  if (context == Context::kPoll) {
    busy = queue->poll_busy_.exchange(true, kRelaxed);
    queue->poll_calls_.fetch_add(1, std::memory_order_seq_cst);
  }
  if (busy)
    Host::get().violation(std::string("two calls at the same time: ") + context_name(context));
  if (outer_) Host::get().violation("a call into the core from a call out of it");
  current_call = this;
}

Call::~Call() {
  current_call = outer_;
  if (context_ == Context::kControl) Host::get().control_busy.store(false);
  if (context_ == Context::kTransmit) {
    queue_->tx_calls_.fetch_add(1, std::memory_order_release);
    queue_->tx_busy_.store(false, std::memory_order_relaxed);
  }
  if (context_ == Context::kPoll) {
    queue_->poll_calls_.fetch_add(1, std::memory_order_release);
    queue_->poll_busy_.store(false, std::memory_order_relaxed);
  }
}

Call* Call::current() {
  return current_call;
}

Host& Host::get() {
  static Host host;
  return host;
}

void Host::reset() {
  control_graveyard_.bury_all();
  ledger.clear();
  for (Script* script : {&fail_alloc, &fail_header, &fail_pad, &fail_commit, &fail_hold,
                         &fail_segment, &fail_copy, &fail_alter})
    script->fail_nth(0);
  for (const auto& [memory, size] : memory_) ::operator delete(memory, kAlignment);
  memory_.clear();
  violations_.clear();
  interleaved_ = 0;
  header_calls = tag_calls = clock_calls = hold_calls = 0;
  now_ = 1'000'000'000;
  allocations_ = 0;
  last_uid_ = 0;
}

void Host::violation(const std::string& what) {
  if (abort_on_violation_) {
    std::fprintf(stderr, "violation: %s\n", what.c_str());
    std::abort();
  }
  const std::lock_guard lock(mutex_);
  if (violations_.size() < 20) violations_.push_back(what);
}

std::vector<std::string> Host::violations() {
  const std::lock_guard lock(mutex_);
  return violations_;
}

std::vector<std::string> Host::take_violations() {
  const std::lock_guard lock(mutex_);
  return std::move(violations_);
}

void Host::check() {
  ledger.check_conservation();
  for (Device* device : devices_) device->check_counters();
}

void Host::check_empty() {
  control_graveyard_.bury_all();
  ledger.check_conservation();
  if (!devices_.empty()) return violation("a device was not destroyed");
  if (const u64 left = ledger.count(Owner::kCore); left != 0) {
    violation("the core kept " + std::to_string(left) + " frames");
  }
  if (live_allocations() != 0) {
    violation("the core leaked " + std::to_string(live_allocations()) + " allocations");
  }
}

size_t Host::live_allocations() {
  const std::lock_guard lock(mutex_);
  return memory_.size();
}

void* Host::allocate(unsigned long size) {
  const std::lock_guard lock(mutex_);
  allocations_++;
  if (fail_alloc.fails_now()) return nullptr;
  void* memory = ::operator new(size, kAlignment);
  std::memset(memory, 0, size);
  memory_[memory] = size;
  return memory;
}

void Host::release(void* memory) {
  if (!memory) return;
  {
    const std::lock_guard lock(mutex_);
    const auto found = memory_.find(memory);
    if (found != memory_.end()) {
      std::memset(memory, kFreed, found->second);
      memory_.erase(found);
      ::operator delete(memory, kAlignment);
      return;
    }
  }
  violation("vnet_host_free of what was not allocated, or twice");
}

Call* Host::require(const char* function, std::initializer_list<Context> allowed) {
  Call* call = Call::current();
  const Context context = call ? call->context() : Context::kNone;
  for (const Context each : allowed) {
    if (context == each) return call;
  }
  violation(std::string(function) + " called in context: " + context_name(context));
  return nullptr;
}

void Host::advance(u64 nanoseconds) {
  const u64 end = now_ + nanoseconds;
  while (advance_to_deadline(end)) {
  }
  now_ = end;
}

Queue* Host::next_deadline() {
  Queue* next = nullptr;
  for (Device* device : devices_)
    for (u32 i = 0; i < device->queues(); i++)
      if (Queue& queue = device->queue(i);
          queue.deadline() && (!next || queue.deadline() < next->deadline()))
        next = &queue;
  return next;
}

bool Host::advance_to_deadline(u64 until) {
  Queue* const next = next_deadline();
  Device* timer = nullptr;
  for (Device* device : devices_)
    if (device->timer() && (!timer || device->timer() < timer->timer())) timer = device;
  if (timer && timer->timer() <= until && (!next || timer->timer() < next->deadline())) {
    if (timer->timer() > now_) now_ = timer->timer();
    timer->expire();
    return true;
  }
  if (!next || next->deadline() > until) return false;
  if (next->deadline() > now_) now_ = next->deadline();
  next->expire();
  return true;
}

Graveyard& Host::graveyard() {
  const Call* call = Call::current();
  if (call && call->context() == Context::kTransmit) return call->queue()->tx_graveyard_;
  if (call && call->context() == Context::kPoll) return call->queue()->poll_graveyard_;
  return control_graveyard_;
}

void Host::interleave(Point point, std::function<void()> action) {
  actions_.at(static_cast<size_t>(point)) = std::move(action);
  interleaved_.fetch_or(1u << static_cast<u32>(point));
}

void Host::reached(Point point) {
  const u32 bit = 1u << static_cast<u32>(point);
  if (!(interleaved_.load(std::memory_order_relaxed) & bit)) return;
  if (!(interleaved_.fetch_and(~bit) & bit)) return;
  std::thread(std::exchange(actions_.at(static_cast<size_t>(point)), nullptr)).join();
}

void Host::wait_for_calls() {
  for (Device* device : devices_) {
    for (u32 i = 0; i < device->queues(); i++) {
      device->queue(i).wait_for_tx();
      device->queue(i).wait_for_poll();
    }
  }
}

void Host::enlist(Device* device) {
  devices_.push_back(device);
}
void Host::delist(Device* device) {
  std::erase(devices_, device);
}

}  // namespace vnet::fake

// ---- host.h

using vnet::fake::Call;
using vnet::fake::Context;
using vnet::fake::Device;
using vnet::fake::Frame;
using vnet::fake::Host;

namespace {

vnet::fake::Queue& queue_of(void* host_queue) {
  return *static_cast<vnet::fake::Queue*>(host_queue);
}

// The frame that the current transmit call is about; null after a violation.
Frame* offered(const char* function, vnet_frame* frame) {
  const Call* call = Host::get().require(function, {Context::kTransmit});
  if (!call) return nullptr;
  if (call->offered == static_cast<Frame*>(frame)) return call->offered;
  Host::get().violation(std::string(function) + " for a frame that is not being sent");
  return nullptr;
}

}  // namespace

void* vnet_host_alloc(unsigned long size) {
  Host::get().require("vnet_host_alloc", {Context::kControl});
  return Host::get().allocate(size);
}

void vnet_host_free(void* memory) {
  Host::get().require("vnet_host_free", {Context::kControl});
  Host::get().release(memory);
}

void vnet_host_yield() {
  Host::get().require("vnet_host_yield", {Context::kControl});
  Host::get().yields++;
}

void vnet_host_frames_drop(void* host_queue, vnet_frame* list, int received, vnet_drop reason) {
  Host& host = Host::get();
  Call* call = host.require("vnet_host_frames_drop",
                            {Context::kTransmit, Context::kPoll, Context::kControl});
  if (!call) return;
  if (!list) host.violation("vnet_host_frames_drop of an empty list");
  if (call->queue() && &queue_of(host_queue) != call->queue())
    host.violation("vnet_host_frames_drop names another queue");
  host.reached(vnet::fake::Point::kDrop);
  while (list) {
    auto* frame = static_cast<Frame*>(list);
    list = list->next;
    const bool in_tx = call->offered == frame;
    if (in_tx == (received != 0)) host.violation("vnet_host_frames_drop names the wrong direction");
    if (in_tx) {
      if (call->committed) host.violation("a frame was dropped after its commit");
      call->dropped = true;
      call->offered = nullptr;
    }
    const vnet::u32 context_queue = call->queue() ? call->queue()->uid() : 0;
    if (host.ledger.drop(*frame, reason, context_queue, in_tx)) host.graveyard().add(frame);
  }
}

vnet_u8* vnet_host_frame_header(vnet_frame* descriptor, vnet_u32 len) {
  Host& host = Host::get();
  host.header_calls++;
  Frame* frame = offered("vnet_host_frame_header", descriptor);
  if (!frame) return nullptr;
  if (len > frame->len) host.violation("vnet_host_frame_header beyond the frame");
  if (len > frame->len || host.fail_header.fails_now()) return nullptr;
  return frame->payload.linearize(len);
}

int vnet_host_frame_pad(vnet_frame* descriptor, vnet_u32 len) {
  Host& host = Host::get();
  Frame* frame = offered("vnet_host_frame_pad", descriptor);
  if (!frame) return -12;
  if (len <= frame->len) host.violation("vnet_host_frame_pad of a frame that is long enough");
  if (len <= frame->len || host.fail_pad.fails_now()) return -12;  // ENOMEM
  frame->payload.append_zeros(len - frame->len);
  frame->len = frame->wire_len = len;
  return 0;
}

vnet_u32 vnet_host_frame_tag(const vnet_frame* descriptor) {
  Host& host = Host::get();
  host.tag_calls++;
  host.require("vnet_host_frame_tag", {Context::kPoll});
  const auto& frame = *static_cast<const Frame*>(descriptor);
  if (frame.record->owner != vnet::fake::Owner::kCore)
    host.violation("vnet_host_frame_tag of a frame that the core does not have");
  const vnet::fake::Bytes bytes = frame.payload.bytes();
  if (bytes.size() < 16) return 0;
  vnet_u32 tag = 0;
  for (size_t i = 12; i < 16; i++) tag = tag << 8 | bytes[i];
  return tag;
}

void vnet_host_irq_raise(void* host_queue) {
  Host::get().require("vnet_host_irq_raise", {Context::kControl, Context::kTransmit, Context::kPoll,
                                              Context::kTimer, Context::kAny});
  const Call* call = Call::current();
  queue_of(host_queue).on_irq(call ? call->epoch() : 0);
}

void vnet_host_queue_stop(void* host_queue) {
  const Call* call = Host::get().require("vnet_host_queue_stop", {Context::kTransmit});
  if (call && call->queue() != &queue_of(host_queue)) {
    Host::get().violation("vnet_host_queue_stop of a queue that is not transmitting");
  }
  Host::get().reached(vnet::fake::Point::kBeforeQueueStop);
  queue_of(host_queue).on_stop();
  Host::get().reached(vnet::fake::Point::kQueueStop);
}

void vnet_host_queue_wake(void* host_queue) {
  Host::get().require("vnet_host_queue_wake",
                      {Context::kControl, Context::kTransmit, Context::kPoll});
  queue_of(host_queue).on_wake();
}

void vnet_host_carrier_set(void* host_device, int up) {
  Host::get().require("vnet_host_carrier_set", {Context::kControl});
  static_cast<Device*>(host_device)->on_carrier(up != 0);
}

void vnet_host_notify(void* host_queue, vnet_event event, vnet_u64 value) {
  Context context = Context::kPoll;
  if (event == VNET_EVENT_LOCKUP) context = Context::kTransmit;
  if (event == VNET_EVENT_TX_TIMEOUT) context = Context::kControl;
  // A reset fails in either.
  const bool either = event == VNET_EVENT_RESET_FAILED;
  Host::get().require("vnet_host_notify", {context, either ? Context::kControl : context});
  queue_of(host_queue).on_notice({event, value});
}

void vnet_host_panic(const char* what) {
  std::fprintf(stderr, "vnet: panic: %s\n", what);
  std::abort();
}
