// SPDX-License-Identifier: GPL-2.0-only
// host.h: what an impaired wire and faults ask of a frame.
#include <cstring>

#include "tests/fake/device.h"
#include "tests/fake/host.h"

using vnet::fake::Call;
using vnet::fake::Context;
using vnet::fake::Frame;
using vnet::fake::Host;

namespace {

// The frame that a wire asks something for; null after a violation.
Frame* on_wire(const char* function, const vnet_frame* frame) {
  if (!Host::get().require(function, {Context::kPoll})) return nullptr;
  return const_cast<Frame*>(static_cast<const Frame*>(frame));
}

}  // namespace

vnet_frame* vnet_host_frame_hold(vnet_frame* descriptor) {
  Host& host = Host::get();
  host.hold_calls++;
  Frame* const frame = on_wire("vnet_host_frame_hold", descriptor);
  if (frame && !frame->record->held && frame->receiver != Call::current()->queue())
    host.violation("vnet_host_frame_hold of a frame that does not say who receives it");
  if (!frame || host.fail_hold.fails_now() || !host.ledger.hold(*frame)) return nullptr;
  return frame;
}

vnet_frame* vnet_host_frame_segment(vnet_frame* descriptor) {
  Host& host = Host::get();
  Frame* const frame = on_wire("vnet_host_frame_segment", descriptor);
  if (!frame || host.fail_segment.fails_now()) return nullptr;
  vnet_frame* list = nullptr;
  vnet_frame** last = &list;
  for (Frame* const segment : host.ledger.cut(*frame)) {
    *last = segment;
    last = &segment->next;
  }
  *last = nullptr;
  host.graveyard().add(frame);
  return list;
}

vnet_frame* vnet_host_frame_copy(const vnet_frame* descriptor) {
  Host& host = Host::get();
  Frame* const frame = on_wire("vnet_host_frame_copy", descriptor);
  return frame && !host.fail_copy.fails_now() ? host.ledger.copy(*frame) : nullptr;
}

int vnet_host_frame_flip(vnet_frame* descriptor, vnet_u32 bit) {
  Host& host = Host::get();
  Frame* const frame = on_wire("vnet_host_frame_flip", descriptor);
  if (!frame || host.fail_alter.fails_now()) return -12;  // ENOMEM
  return host.ledger.flip(*frame, bit) ? 0 : -12;
}

int vnet_host_frame_truncate(vnet_frame* descriptor, vnet_u32 len) {
  Host& host = Host::get();
  Frame* const frame = on_wire("vnet_host_frame_truncate", descriptor);
  if (!frame || host.fail_alter.fails_now()) return -12;
  return host.ledger.truncate(*frame, len) ? 0 : -12;
}

int vnet_host_frame_report(vnet_frame* descriptor, int good) {
  Host& host = Host::get();
  Frame* const frame = on_wire("vnet_host_frame_report", descriptor);
  if (!frame || host.fail_alter.fails_now()) return -12;
  return host.ledger.report(*frame, good != 0) ? 0 : -12;
}

int vnet_host_frame_read(const vnet_frame* descriptor, vnet_u32 offset, void* to, vnet_u32 len) {
  if (!Host::get().require("vnet_host_frame_read", {Context::kPoll, Context::kTransmit}))
    return -12;
  const auto* const frame = static_cast<const Frame*>(descriptor);
  const vnet::fake::Bytes bytes = frame->payload.bytes();
  if (offset + vnet::u64{len} > bytes.size()) {
    Host::get().violation("vnet_host_frame_read beyond the frame");
    return -12;
  }
  std::memcpy(to, bytes.data() + offset, len);
  return 0;
}

int vnet_host_decisions_heard(void*) {
  Host::get().require("vnet_host_decisions_heard", {Context::kPoll});
  return Host::get().hears_decisions;
}

void vnet_host_decisions(void* host_queue, const vnet_decisions* decisions) {
  Host& host = Host::get();
  host.require("vnet_host_decisions", {Context::kPoll});
  if (!host.hears_decisions) host.violation("decisions are told to nobody");
  static_cast<vnet::fake::Queue*>(host_queue)->on_decisions(*decisions);
}
