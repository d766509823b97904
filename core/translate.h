// SPDX-License-Identifier: GPL-2.0-only
// The snull translation: the third octet of IPv4 source and destination is toggled on the way, so
// that 192.168.0.2 seen from one network is 192.168.1.2 on the other (LDD3 chapter 17).
//
// Unlike the original it keeps every checksum true: the IPv4 header's and TCP's, UDP's, UDP-Lite's
// and DCCP's over the pseudo-header, complete or partial, by incremental update (RFC 1624); inside
// ICMP errors the quoted datagram's as well (RFC 792); ARP's protocol addresses (RFC 826); behind
// up to two VLAN tags. Everything else passes untouched.
#pragma once

#include "core/base/types.h"

namespace vnet {

// How many bytes of a frame the translation may need: Ethernet, two tags, the longest IPv4 header,
// an ICMP error's header, the longest quoted header and its layer-4 checksum field.
inline constexpr u32 kTranslateBytes = kEthernetHeader + 2 * kVlanTag + 60 + 8 + 60 + 18;

// Translates in place. `header` holds the first min(frame_len, kTranslateBytes) bytes of the frame.
// `csum`, `csum_start` say what the layer-4 checksum field holds, as in vnet_frame.
// False: an IPv4 or ARP frame with a truncated or invalid header (version, header length, total
// length); nothing was changed.
bool translate(u8* header, u32 frame_len, vnet_csum csum, u32 csum_start);

}  // namespace vnet
