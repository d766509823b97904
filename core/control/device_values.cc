// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: what of a device control shows and changes.
#include <vnet/control.h>

#include "core/control/schema.h"
#include "core/device.h"

// The schema's numbers of drop reasons are the core's.
#define VNET_DROP_AGREES(id, name, meaning) \
  static_assert(int{VNET_DROP_REASON_##id} == int{VNET_DROP_##id});
VNET_DROP_REASONS(VNET_DROP_AGREES)
#undef VNET_DROP_AGREES
static_assert(int{VNET_DROP_REASON_MAX} + 1 == int{VNET_DROP_COUNT});

namespace {

const vnet::Device& shown(const vnet_device* device) {
  return *reinterpret_cast<const vnet::Device*>(device);
}

void params_values(const vnet_params& params, vnet_info_values& info) {
  info.rx_ring = params.ring_size;
  info.rx_usecs = params.rx_usecs;
  info.rx_frames = params.rx_frames;
  info.adaptive_rx = params.adaptive_rx;
  info.pad = params.pad;
  info.lockup = params.lockup;
  info.timeout = params.timeout_ms;
  info.seed = params.seed;
  info.has = vnet::bit(VNET_INFO_RX_RING) | vnet::bit(VNET_INFO_RX_USECS) |
             vnet::bit(VNET_INFO_RX_FRAMES) | vnet::bit(VNET_INFO_ADAPTIVE_RX) |
             vnet::bit(VNET_INFO_PAD) | vnet::bit(VNET_INFO_LOCKUP) | vnet::bit(VNET_INFO_TIMEOUT) |
             vnet::bit(VNET_INFO_SEED);
}

void add_drops(vnet_stats_values& values, vnet_direction direction, const vnet_u64* by_reason) {
  static_assert(2 * VNET_DROP_COUNT <= sizeof(values.drop) / sizeof(values.drop[0]));
  for (vnet_u32 reason = 0; reason < VNET_DROP_COUNT; reason++) {
    if (!by_reason[reason]) continue;
    vnet_drop_values& drop = values.drop[values.drop_count++];
    drop.has = vnet::bit(VNET_A_DROP_DIRECTION) | vnet::bit(VNET_A_DROP_REASON) |
               vnet::bit(VNET_A_DROP_FRAMES);
    drop.direction = static_cast<vnet_u8>(direction);
    drop.reason = reason;
    drop.frames = by_reason[reason];
    values.has |= vnet::bit(VNET_A_STATS_DROP);
  }
}

void counter_values(const vnet_queue_stats& stats, vnet_stats_values& values) {
  values.tx_frames = stats.tx_frames;
  values.tx_bytes = stats.tx_bytes;
  values.rx_frames = stats.rx_frames;
  values.rx_bytes = stats.rx_bytes;
  values.rx_multicast = stats.rx_multicast;
  values.tx_timeouts = stats.tx_timeouts;
  values.rx_irqs = stats.rx_irqs;
  values.tx_irqs = stats.tx_irqs;
  values.polls = stats.polls;
  values.in_flight = stats.in_flight;
  values.has = vnet::bit(VNET_A_STATS_TX_FRAMES) | vnet::bit(VNET_A_STATS_TX_BYTES) |
               vnet::bit(VNET_A_STATS_RX_FRAMES) | vnet::bit(VNET_A_STATS_RX_BYTES) |
               vnet::bit(VNET_A_STATS_RX_MULTICAST) | vnet::bit(VNET_A_STATS_TX_TIMEOUTS) |
               vnet::bit(VNET_A_STATS_RX_IRQS) | vnet::bit(VNET_A_STATS_TX_IRQS) |
               vnet::bit(VNET_A_STATS_POLLS) | vnet::bit(VNET_A_STATS_IN_FLIGHT);
  add_drops(values, VNET_DIRECTION_TX, stats.tx_drops);
  add_drops(values, VNET_DIRECTION_RX, stats.rx_drops);
}

}  // namespace

extern "C" {

void vnet_core_device_values(const vnet_device* device, vnet_device_values* values) {
  const vnet_params params = shown(device).params();
  *values = {};
  __builtin_memcpy(values->mac, params.mac, sizeof(values->mac));
  values->mtu = params.mtu;
  values->open = shown(device).is_open();
  values->carrier = shown(device).has_carrier();
  values->snull = params.snull;
  values->queues_max = params.queues;
  values->has = vnet::bit(VNET_A_DEVICE_MAC) | vnet::bit(VNET_A_DEVICE_MTU) |
                vnet::bit(VNET_A_DEVICE_OPEN) | vnet::bit(VNET_A_DEVICE_CARRIER) |
                vnet::bit(VNET_A_DEVICE_SNULL) | vnet::bit(VNET_A_DEVICE_QUEUES_MAX) |
                vnet::bit(VNET_A_DEVICE_INFO);
  params_values(params, values->info);
  if (const vnet::Device* const peer = shown(device).peer()) {
    values->info.tx_ring = peer->params().ring_size;
    values->info.has |= vnet::bit(VNET_INFO_TX_RING);
  }
}

void vnet_core_info_params(const vnet_info_values* info, vnet_params* params) {
  const auto has = [&](vnet_u32 id) { return (info->has & vnet::bit(id)) != 0; };
  if (has(VNET_INFO_RX_RING)) params->ring_size = info->rx_ring;
  if (has(VNET_INFO_RX_USECS)) params->rx_usecs = info->rx_usecs;
  if (has(VNET_INFO_RX_FRAMES)) params->rx_frames = info->rx_frames;
  if (has(VNET_INFO_ADAPTIVE_RX)) params->adaptive_rx = info->adaptive_rx;
  if (has(VNET_INFO_PAD)) params->pad = info->pad;
  if (has(VNET_INFO_LOCKUP)) params->lockup = info->lockup;
  if (has(VNET_INFO_TIMEOUT)) params->timeout_ms = info->timeout;
  if (has(VNET_INFO_SEED)) params->seed = info->seed;
}

void vnet_core_stats_values(const vnet_device* device, vnet_u32 queue, vnet_stats_values* values) {
  vnet_queue_stats stats{};
  *values = {};
  if (queue == VNET_ALL_QUEUES) {
    shown(device).add_stats(stats);
  } else {
    if (queue >= shown(device).queue_limit()) return;
    if (const vnet::Queue* const one = shown(device).queue(queue)) one->add_stats(stats);
  }
  counter_values(stats, *values);
  if (queue != VNET_ALL_QUEUES) {
    values->queue = queue;
    values->has |= vnet::bit(VNET_A_STATS_QUEUE);
  }
  values->ring_size = shown(device).ring_size();
  values->has |= vnet::bit(VNET_A_STATS_RING_SIZE);
}

}  // extern "C"
