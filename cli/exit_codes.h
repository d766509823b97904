// SPDX-License-Identifier: GPL-2.0-only
// As iproute2's commands exit, and `vnet verify` beyond it.
#pragma once

namespace vnet::cli {

inline constexpr int kOk = 0;
inline constexpr int kSyntax = 1;       // the command line cannot be read
inline constexpr int kRefused = 2;      // it can be read, but not be done
inline constexpr int kWireInvalid = 3;  // `vnet verify`: the wire does not do what it is asked to
inline constexpr int kWireUndetermined = 4;  // `vnet verify`: not enough was seen to say so
inline constexpr int kUsage = 255;           // no command, or an unknown one

}  // namespace vnet::cli
