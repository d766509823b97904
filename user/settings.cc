// SPDX-License-Identifier: GPL-2.0-only
#include "user/settings.h"

#include <sys/random.h>

#include <bit>

namespace vnet::user {
namespace {

bool has(const vnet_info_values* info, vnet_u32 attribute) {
  return info && info->has & 1ull << attribute;
}

// What this driver cannot do at all.
std::optional<InfoRefusal> unsupported(const vnet_info_values& info, size_t end) {
  if (has(&info, VNET_INFO_BIG_TCP))
    return InfoRefusal{{"bigtcp: only the kernel module", EOPNOTSUPP}, end, VNET_INFO_BIG_TCP};
  if (has(&info, VNET_INFO_QUEUES) && info.queues != 1)
    return InfoRefusal{
        {"queues: must be 1 in the user-space driver", EINVAL}, end, VNET_INFO_QUEUES};
  return {};
}

// The link has one value, and each end's info may name it.
std::optional<InfoRefusal> contradiction(const Infos& infos) {
  const auto both = [&](vnet_u32 attribute) {
    return has(infos[0], attribute) && has(infos[1], attribute);
  };
  if (both(VNET_INFO_CSUM) && infos[0]->csum != infos[1]->csum)
    return InfoRefusal{
        {"csum: is the link's, and the other end is to have another", EINVAL}, 1, VNET_INFO_CSUM};
  if (both(VNET_INFO_SEED) && infos[0]->seed != infos[1]->seed)
    return InfoRefusal{
        {"seed: is the link's, and the other end is to have another", EINVAL}, 1, VNET_INFO_SEED};
  for (const size_t end : {0u, 1u}) {
    const vnet_info_values* const other = infos[1 - end];
    if (has(infos[end], VNET_INFO_TX_RING) && has(other, VNET_INFO_RX_RING) &&
        std::bit_ceil(infos[end]->tx_ring) != std::bit_ceil(other->rx_ring))
      return InfoRefusal{{"tx: is the other end's rx ring, which is to have another size", EINVAL},
                         end,
                         VNET_INFO_TX_RING};
  }
  return {};
}

}  // namespace

std::optional<InfoRefusal> change(Settings& settings, const Infos& infos) {
  for (const size_t end : {0u, 1u})
    if (infos[end])
      if (std::optional<InfoRefusal> refusal = unsupported(*infos[end], end)) return refusal;
  if (std::optional<InfoRefusal> refusal = contradiction(infos)) return refusal;
  for (const size_t end : {0u, 1u}) {
    const vnet_info_values* const info = infos[end];
    if (!info) continue;
    vnet_params& own = settings.params[end];
    vnet_params& other = settings.params[1 - end];
    vnet_core_info_params(info, &own);
    if (has(info, VNET_INFO_TX_RING)) other.ring_size = info->tx_ring;
    if (has(info, VNET_INFO_SEED)) other.seed = info->seed;
    if (has(info, VNET_INFO_CSUM)) settings.csum_wire = info->csum == VNET_CSUM_MODE_WIRE;
  }
  return {};
}

Settings settings_of(const Port& first, const Port& second) {
  return {{first.params(), second.params()}, first.csum_wire()};
}

Failure apply(const Settings& settings, Port& first, Port& second, FramePool& pool) {
  const Settings before = settings_of(first, second);
  if (Failure failure = pool.reserve(pool_frames(settings))) return failure;
  Failure failure = first.set_csum_wire(settings.csum_wire);
  if (!failure) failure = second.set_csum_wire(settings.csum_wire);
  if (!failure) failure = first.set_params(settings.params[0]);
  if (!failure) failure = second.set_params(settings.params[1]);
  if (!failure) return {};
  // Nothing half-changed, as far as there is memory.
  (void)first.set_csum_wire(before.csum_wire);
  (void)second.set_csum_wire(before.csum_wire);
  (void)first.set_params(before.params[0]);
  (void)second.set_params(before.params[1]);
  return failure;
}

size_t pool_frames(const Settings& settings) {
  size_t frames = 128;
  for (const vnet_params& params : settings.params) frames += std::bit_ceil(params.ring_size);
  return frames;
}

vnet_u64 drawn_seed() {
  vnet_u64 seed = 0;
  while (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) continue;
  return seed;
}

}  // namespace vnet::user
