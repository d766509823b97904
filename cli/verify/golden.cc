// SPDX-License-Identifier: GPL-2.0-only
#include "cli/verify/golden.h"

#include <vnet/fault.h>

#include "cli/show.h"
#include "core/impair/golden.h"

namespace vnet::cli {
namespace {

constexpr vnet_u32 kGoldenEnd = kGoldenFault + VNET_FAULT_WHAT_COUNT;

}  // namespace

Result<std::vector<GoldenVector>> golden_vectors(Transport& host, const std::string& device,
                                                 vnet_u64 seed, vnet_u32 count) {
  vnet_golden_values which{};
  if (!set_name(which.ifname, device)) return no_such_device(device);
  which.seed = seed;
  which.count = count;
  which.has = 1ull << VNET_A_GOLDEN_IFNAME | 1ull << VNET_A_GOLDEN_SEED |
              1ull << VNET_A_GOLDEN_STREAM | 1ull << VNET_A_GOLDEN_COUNT;
  std::vector<GoldenVector> all;
  for (which.stream = 0; which.stream < kGoldenEnd; which.stream++) {
    const vnet_u64 ours = vnet_core_impair_golden(seed, which.stream, count);
    if (!ours) continue;
    Failure failure = host.request(VNET_CMD_GOLDEN_GET, which, [&](const Reply& reply) {
      vnet_golden_values golden;
      if (reply.decode(golden)) all.push_back({golden.stream, golden.hash, golden.hash == ours});
    });
    if (failure) return *failure;
  }
  return all;
}

}  // namespace vnet::cli
