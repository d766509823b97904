// SPDX-License-Identifier: GPL-2.0-only
// How often one thing is logged: what happens with each frame would fill the run directory, which
// is memory.
#pragma once

#include <vnet/types.h>

namespace vnet::user {

// As the kernel's net_ratelimit().
class LogLimit {
 public:
  static constexpr int kLines = 10;
  static constexpr vnet_u64 kIntervalNs = 5ull * 1000000000;

  // How many lines may still be written before the interval is over, this one included.
  int take(vnet_u64 now_ns) {
    if (lines_ == 0 || now_ns - begin_ns_ >= kIntervalNs) {
      begin_ns_ = now_ns;
      lines_ = 0;
    }
    return lines_ < kLines ? kLines - lines_++ : 0;
  }

 private:
  vnet_u64 begin_ns_ = 0;
  int lines_ = 0;
};

}  // namespace vnet::user
