// SPDX-License-Identifier: GPL-2.0-only
#include "cli/trace_upload.h"

#include <cstring>
#include <random>

namespace vnet::cli {
namespace {

// As many as an attribute of 64 KiB holds.
constexpr size_t kRowsAtOnce = 2000;

}  // namespace

// Rows go first, under a number of our own, which the change then names.
Failure hand_over_trace(Transport& host, const std::vector<vnet_trace_row>& rows,
                        vnet_impair_values& values) {
  std::random_device random;
  vnet_impair_values part{};
  part.has = 1ull << VNET_A_IMPAIR_IFNAME | 1ull << VNET_A_IMPAIR_TRACE_UPLOAD |
             1ull << VNET_A_IMPAIR_TRACE_COUNT | 1ull << VNET_A_IMPAIR_TRACE_AT |
             1ull << VNET_A_IMPAIR_TRACE_ROWS;
  std::memcpy(part.ifname, values.ifname, sizeof(part.ifname));
  part.trace_upload = vnet_u64{random()} << 32 | random() | 1;
  part.trace_count = static_cast<vnet_u32>(rows.size());
  for (size_t at = 0; at < rows.size(); at += kRowsAtOnce) {
    const size_t count = std::min(kRowsAtOnce, rows.size() - at);
    part.trace_at = static_cast<vnet_u32>(at);
    part.trace_rows = {&rows[at], static_cast<vnet_u32>(count * sizeof(vnet_trace_row))};
    if (Failure failure = host.request(VNET_CMD_IMPAIR_TRACE, part)) return failure;
  }
  values.trace_upload = part.trace_upload;
  values.has |= 1ull << VNET_A_IMPAIR_TRACE_UPLOAD;
  return {};
}

}  // namespace vnet::cli
