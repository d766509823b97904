// SPDX-License-Identifier: GPL-2.0-only
// Golden vectors: whether a host decides as this command does.
#pragma once

#include <vector>

#include "cli/transport.h"

namespace vnet::cli {

struct GoldenVector {
  vnet_u32 stream;
  vnet_u64 hash;  // the host's
  bool valid;     // and ours
};

// All streams.
Result<std::vector<GoldenVector>> golden_vectors(Transport& host, const std::string& device,
                                                 vnet_u64 seed, vnet_u32 count);

}  // namespace vnet::cli
