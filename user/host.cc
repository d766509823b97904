// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/host.h for user space: the core's requests go to the port or the pool they concern.
#include <spdlog/spdlog.h>
#include <vnet/fault.h>
#include <vnet/host.h>

#include <cstdlib>
#include <cstring>

#include "user/clock.h"
#include "user/drop_listener.h"
#include "user/frame_pool.h"
#include "user/port.h"

using vnet::user::PoolFrame;
using vnet::user::Port;

namespace {

Port& port(void* host) {
  return *static_cast<Port*>(host);
}

constexpr unsigned long kCacheLine = 64;

}  // namespace

extern "C" {

void* vnet_host_alloc(unsigned long size) {
  const unsigned long rounded = (size + kCacheLine - 1) & ~(kCacheLine - 1);
  void* const memory = std::aligned_alloc(kCacheLine, rounded);
  if (memory) std::memset(memory, 0, rounded);
  return memory;
}

void vnet_host_free(void* memory) {
  std::free(memory);
}

void vnet_host_frames_drop(void* host_queue, vnet_frame* list, int received, vnet_drop reason) {
  using vnet::user::drop_listener;
  if (drop_listener) [[unlikely]]
    drop_listener->on_frames_dropped(
        port(host_queue), received ? VNET_DIRECTION_RX : VNET_DIRECTION_TX, list, reason);
  vnet::user::release_frames(list);
}

vnet_u8* vnet_host_frame_header(vnet_frame* frame, vnet_u32) {
  return PoolFrame::of(frame).wire.data;
}

int vnet_host_frame_pad(vnet_frame* frame, vnet_u32 len) {
  if (len > PoolFrame::kDataSize) return -ENOMEM;
  std::memset(PoolFrame::of(frame).wire.data + frame->len, 0, len - frame->len);
  frame->len = frame->wire_len = len;
  return 0;
}

vnet_u32 vnet_host_frame_tag(const vnet_frame* frame) {
  if (frame->len < 16) return 0;
  const vnet_u8* const data = PoolFrame::of(frame).wire.data;
  vnet_u32 tag = 0;
  for (int i = 12; i < 16; i++) tag = tag << 8 | data[i];
  return tag;
}

void vnet_host_yield() {}  // one thread, and the system takes the processor away by itself

void vnet_host_irq_raise(void* host_queue) {
  port(host_queue).irq_raise();
}
void vnet_host_deadline_arm(void* host_queue, vnet_u64 at) {
  port(host_queue).deadline_arm(at);
}
vnet_u64 vnet_host_clock_ns() {
  return vnet::user::monotonic_ns();
}

void vnet_host_queue_stop(void* host_queue) {
  port(host_queue).queue_stop();
}
void vnet_host_queue_wake(void* host_queue) {
  port(host_queue).queue_wake();
}

// One thread: nothing else is under way while control runs.
void vnet_host_tx_quiesce(void*) {}
void vnet_host_quiesce() {}

void vnet_host_carrier_set(void* host_device, int up) {
  port(host_device).carrier_set(up != 0);
}

void vnet_host_notify(void* host_queue, vnet_event event, vnet_u64 value) {
  port(host_queue).notify(event, value);
}

void vnet_host_timer_arm(void* host_device, vnet_u64 delay_ns) {
  port(host_device).fault_timer_arm(delay_ns);
}

void vnet_host_fault(void* host_device, const vnet_fault_event* event) {
  port(host_device).fault(*event);
}

int vnet_host_decisions_heard(void*) {
  return vnet::user::decision_listener != nullptr;
}

void vnet_host_decisions(void* host_queue, const vnet_decisions* decisions) {
  using vnet::user::decision_listener;
  if (decision_listener) decision_listener->on_decisions(port(host_queue), *decisions);
}

void vnet_host_device_remove(void* host_device) {
  port(host_device).remove();
}

void vnet_host_panic(const char* what) {
  spdlog::critical("bug in vnet: {}", what);
  std::abort();
}

}  // extern "C"
