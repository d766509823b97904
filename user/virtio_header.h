// SPDX-License-Identifier: GPL-2.0-only
// The header that a TAP with IFF_VNET_HDR puts before each frame, and its meaning for the core.
//
// The layout is struct virtio_net_hdr (Virtio 1.2, 5.1.6), whose Linux header is not valid C++. A
// TAP uses it in the machine's own byte order unless TUNSETVNETLE/BE say otherwise; we do not.
#pragma once

#include <vnet/types.h>

#include <cstddef>

namespace vnet::user {

struct VirtioHeader {
  vnet_u8 flags;
  vnet_u8 gso_type;
  vnet_u16 hdr_len;   // GSO: the headers that each segment repeats
  vnet_u16 gso_size;  // GSO: payload bytes of each segment but the last
  vnet_u16 csum_start;
  vnet_u16 csum_offset;
};
static_assert(sizeof(VirtioHeader) == 10);

inline constexpr vnet_u8 kVirtioNeedsCsum = 1;
inline constexpr vnet_u8 kVirtioDataValid = 2;
inline constexpr vnet_u8 kVirtioGsoNone = 0;
inline constexpr vnet_u8 kVirtioGsoTcpV4 = 1;
inline constexpr vnet_u8 kVirtioGsoTcpV6 = 4;
inline constexpr vnet_u8 kVirtioGsoUdpL4 = 5;
inline constexpr vnet_u8 kVirtioGsoEcn = 0x80;

// Fills in the descriptor of a frame of `len` bytes as the TAP gave it. Corrects hdr_len, which
// the kernel may leave at the length of the linear part.
void describe_frame(VirtioHeader& header, const vnet_u8* data, vnet_u32 len, vnet_frame& frame);

// The header for writing the frame: checksum state as the core left it, GSO as it was read.
void update_header(const vnet_frame& frame, VirtioHeader& header);

}  // namespace vnet::user
