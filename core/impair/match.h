// SPDX-License-Identifier: GPL-2.0-only
// Which frames are impaired: a program in classic BPF (McCanne, Jacobson, "The BSD packet filter",
// 1993), as libpcap compiles it, over the frame as it would stand on the wire.
#pragma once

#include <vnet/impair.h>

#include "core/base/types.h"

namespace vnet {

struct Match {
  const vnet_bpf_insn* code = nullptr;
  u32 count = 0;

  bool active() const { return count; }
  // (P) Whether the program takes the frame. Only of a program that valid() likes.
  bool takes(const vnet_frame& frame) const;

  // Ends, stays within itself and its memory, divides by no constant 0.
  static bool valid(const vnet_bpf_insn* code, u32 count);
};

}  // namespace vnet
