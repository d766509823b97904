// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/core.h, function by function: the C names on the C++ objects.
#include <vnet/core.h>
#include <vnet/fault.h>
#include <vnet/impair.h>

#include "core/device.h"
#include "core/impair/golden.h"
#include "core/params.h"

using vnet::Device;
using vnet::Queue;
using vnet::Rss;

namespace {

Device& core(vnet_device* device) {
  return *reinterpret_cast<Device*>(device);
}
const Device& core(const vnet_device* device) {
  return *reinterpret_cast<const Device*>(device);
}
Queue& core(vnet_queue* queue) {
  return *reinterpret_cast<Queue*>(queue);
}

}  // namespace

extern "C" {

int vnet_core_init(vnet_u32 abi, vnet_u32 frame_size) {
  return abi == VNET_ABI && frame_size == sizeof(vnet_frame) ? 0 : vnet::kInvalid;
}

void vnet_core_params_default(vnet_params* params) {
  vnet::params_default(*params);
}

int vnet_core_device_create(const vnet_params* params, void* host_device, vnet_device** device,
                            const char** why) {
  int error;
  *device = reinterpret_cast<vnet_device*>(Device::create(*params, host_device, error, *why));
  return error;
}

void vnet_core_device_destroy(vnet_device* device) {
  core(device).destroy();
}

vnet_queue* vnet_core_device_queue(vnet_device* device, vnet_u32 index, void* host_queue) {
  Queue* const queue = core(device).make_queue(index);
  if (queue) queue->bind(host_queue);
  return reinterpret_cast<vnet_queue*>(queue);
}

int vnet_core_device_open(vnet_device* device) {
  return core(device).open();
}
void vnet_core_device_stop(vnet_device* device) {
  core(device).stop();
}

void vnet_core_params_get(const vnet_device* device, vnet_params* params) {
  *params = core(device).params();
}

int vnet_core_params_set(vnet_device* device, const vnet_params* params, const char** why) {
  return core(device).set_params(*params, *why);
}

void vnet_core_filter_set(vnet_device* device, const vnet_filter* filter) {
  core(device).set_filter(*filter);
}

int vnet_core_vlan_set(vnet_device* device, vnet_vlan protocol, vnet_u32 vid, int member) {
  return core(device).set_vlan(protocol, vid, member != 0);
}

int vnet_core_vlan_filter_set(vnet_device* device, vnet_vlan protocol, int on) {
  return core(device).set_vlan_filter(protocol, on != 0);
}

int vnet_core_link_attach(vnet_device* a, vnet_device* b, const char** why) {
  return Device::attach(core(a), core(b), *why);
}

void vnet_core_link_detach(vnet_device* device) {
  core(device).detach();
}
void* vnet_core_link_peer(const vnet_device* device) {
  return core(device).peer_host_device();
}

// Each frame's way: one function each, with all that is not cold inlined.
[[gnu::flatten]] vnet_verdict vnet_core_tx_admit(vnet_queue* queue, vnet_frame* frame) {
  return core(queue).admit(frame);
}
[[gnu::flatten]] void vnet_core_tx_put(vnet_queue* queue, vnet_frame* frame, int more) {
  core(queue).put(frame, static_cast<vnet::u32>(more));
}
void vnet_core_tx_drop(vnet_queue* queue, vnet_frame* frame, vnet_drop reason) {
  core(queue).drop_tx(frame, reason);
}
[[gnu::flatten]] void vnet_core_tx_doorbell(vnet_queue* queue) {
  core(queue).doorbell();
}
[[gnu::flatten]] vnet_frame* vnet_core_poll(vnet_queue* queue, vnet_u32 budget, vnet_u32* work) {
  return core(queue).poll(budget, *work);
}
[[gnu::flatten]] int vnet_core_poll_done(vnet_queue* queue) {
  return core(queue).poll_done();
}
void vnet_core_deadline(vnet_queue* queue) {
  core(queue).deadline();
}
void vnet_core_tx_timeout(vnet_queue* queue) {
  core(queue).tx_timeout();
}

vnet_u64 vnet_core_watchdog(vnet_device* device, vnet_u64 now) {
  return core(device).watchdog(now);
}

void vnet_core_rss_default(vnet_rss* rss, vnet_u32 queues) {
  vnet::rss_default(*rss, queues);
}

int vnet_core_rss_set(vnet_device* device, const vnet_rss* rss, const char** why) {
  return core(device).set_rss(*rss, *why);
}

int vnet_core_rss_get(const vnet_device* device, vnet_rss* rss) {
  const Rss* const set = core(device).rss();
  if (set && rss) *rss = set->config();
  return set != nullptr;
}

int vnet_core_rss_queue(const vnet_device* device, const vnet_rss_tuple* tuple,
                        vnet_rss_result* result) {
  const Rss* const set = core(device).rss();
  if (set) *result = set->queue_of(*tuple);
  return set != nullptr;
}

int vnet_core_impair_set(vnet_device* device, const vnet_impairment* impairment, const char** why) {
  vnet::Refusal refusal;
  const int error = core(device).prepare_impairment(*impairment, refusal);
  *why = refusal.text;
  if (!error) core(device).commit_impairment();
  return error;
}

int vnet_core_impair_get(const vnet_device* device, vnet_impairment* impairment) {
  const vnet::Impairment* const set = core(device).impairment();
  *impairment = {};
  if (!set || !set->plan()) return 0;
  *impairment = set->plan()->config;
  return 1;
}

void vnet_core_impair_stats(const vnet_device* device, vnet_impair_stats* stats) {
  *stats = {};
  if (const vnet::Impairment* const set = core(device).impairment()) set->add_stats(*stats);
}

void vnet_core_run_begin(vnet_device* device) {
  core(device).begin_run();
}

int vnet_core_wire_state(const vnet_device* device, vnet_u32 queue, vnet_wire_state* state) {
  return core(device).wire_state(queue, *state) ? 0 : vnet::kNoEntry;
}

int vnet_core_wire_view(const vnet_device* device, vnet_u32 queue, vnet_wire_view* view) {
  *view = {};
  const Queue* const viewed = core(device).queue(queue);
  if (viewed) viewed->view_wire(*view);
  return viewed != nullptr;
}

vnet_u64 vnet_core_impair_golden(vnet_u64 seed, vnet_u32 stream, vnet_u32 count) {
  return vnet::golden(seed, stream, count);
}

int vnet_core_fault_add(vnet_device* device, const vnet_fault* fault, vnet_u32* id,
                        vnet_refusal* refusal) {
  vnet::Refusal why;
  const int error = core(device).add_fault(*fault, *id, why);
  *refusal = {why.text, why.attribute, why.other};
  return error;
}

int vnet_core_fault_del(vnet_device* device, vnet_u32 id) {
  return core(device).delete_fault(id);
}

int vnet_core_fault_fire(vnet_device* device, vnet_u32 id) {
  return core(device).fire_fault(id);
}

int vnet_core_fault_list(const vnet_device* device, vnet_u32 from, vnet_fault_info* info) {
  return core(device).list_fault(from, *info);
}

void vnet_core_timer(vnet_device* device) {
  core(device).tick_faults();
}

int vnet_core_irq_raise(vnet_device* device, vnet_u32 index, vnet_u32 causes) {
  if (causes == 0 || causes & ~vnet::IrqLine::kCauses) return vnet::kInvalid;
  Queue* const queue = core(device).queue(index);
  if (!queue || !queue->is_open()) return vnet::kNetworkDown;
  queue->raise(causes);
  return 0;
}

void vnet_core_queue_moderation(const vnet_device* device, vnet_u32 index, vnet_u32* rx_usecs,
                                vnet_u32* rx_frames) {
  const vnet::Moderation::Wait wait = core(device).rx_wait(index);
  *rx_usecs = wait.usecs;
  *rx_frames = wait.frames;
}

void vnet_core_queue_stats(const vnet_device* device, vnet_u32 index, vnet_queue_stats* stats) {
  *stats = {};
  if (const Queue* const queue = core(device).queue(index)) queue->add_stats(*stats);
}

void vnet_core_device_stats(const vnet_device* device, vnet_queue_stats* stats) {
  *stats = {};
  core(device).add_stats(*stats);
}

vnet_u32 vnet_core_registers(const vnet_device* device, vnet_u32* out, vnet_u32 count) {
  return core(device).registers(out, count);
}

}  // extern "C"
