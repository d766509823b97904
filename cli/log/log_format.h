// SPDX-License-Identifier: GPL-2.0-only
// What whoever writes and whoever reads a log agree on; docs/log.md has the rest.
#pragma once

namespace vnet::cli {

inline constexpr const char* kLogFormat = "vnet-log";
inline constexpr int kLogVersion = 1;

}  // namespace vnet::cli
