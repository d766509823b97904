// SPDX-License-Identifier: GPL-2.0-only
#include "core/params.h"

#include "core/mac_filter.h"

// The texts carry the limits of <vnet/types.h>; the asserts keep them true.
static_assert(VNET_QUEUES_MAX == 64 && VNET_RING_MIN == 64 && VNET_RING_MAX == 32768);
static_assert(VNET_MTU_MIN == 68 && VNET_MTU_MAX == 65535);
static_assert(VNET_TIMEOUT_MIN_MS == 10 && VNET_TIMEOUT_MAX_MS == 600000);
static_assert(VNET_RX_USECS_MAX == 100000 && VNET_RX_FRAMES_MAX == 32768);

namespace vnet {
namespace {

bool within(u32 value, u32 low, u32 high) {
  return value >= low && value <= high;
}

}  // namespace

void params_default(vnet_params& params) {
  params = {};
  params.queues = 1;
  params.ring_size = VNET_RING_DEFAULT;
  params.mtu = VNET_MTU_DEFAULT;
  params.timeout_ms = VNET_TIMEOUT_DEFAULT_MS;
}

const char* params_error(const vnet_params& params) {
  if (!within(params.queues, 1, VNET_QUEUES_MAX)) return "queues must be 1 to 64";
  if (!within(params.ring_size, VNET_RING_MIN, VNET_RING_MAX))
    return "ring size must be 64 to 32768 frames";
  if (!within(params.mtu, VNET_MTU_MIN, VNET_MTU_MAX)) return "mtu must be 68 to 65535 bytes";
  if (!within(params.timeout_ms, VNET_TIMEOUT_MIN_MS, VNET_TIMEOUT_MAX_MS))
    return "timeout must be 10 to 600000 ms";
  if (params.rx_usecs > VNET_RX_USECS_MAX) return "rx_usecs must be 0 to 100000";
  if (params.rx_frames > VNET_RX_FRAMES_MAX) return "rx_frames must be 0 to 32768";
  if (params.adaptive_rx > 1) return "adaptive_rx must be 0 or 1";
  const u64 mac = mac_value(params.mac);
  if (mac == 0 || mac_is_multicast(mac)) return "mac must be a unicast address and not zero";
  if (params.snull > 1 || params.pad > 1 || params.noarp > 1 || params.tx_irq > 1)
    return "snull, pad, noarp and tx_irq must be 0 or 1";
  return nullptr;
}

}  // namespace vnet
