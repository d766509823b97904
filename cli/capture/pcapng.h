// SPDX-License-Identifier: GPL-2.0-only
// The blocks of a pcapng file: draft-ietf-opsawg-pcapng, whose section numbers are cited here.
// libpcap writes the classic format only, which has no place for a comment, queue or direction.
//
// Each function appends one whole block to `out`, in this machine's byte order (section 4.1: the
// reader finds out). Times are nanoseconds since 1970. Texts are UTF-8; one longer than an option
// can say is cut.
#pragma once

#include <vnet/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace vnet::cli {

struct PcapngSection {  // 4.1
  std::string hardware;
  std::string os;
  std::string application;
};

struct PcapngInterface {  // 4.2; Ethernet, times in nanoseconds
  std::string name;
  std::string description;
  std::string filter;  // of libpcap's syntax; empty: none
  std::string os;
  vnet_u32 snaplen = 0;  // 0: no limit
};

enum class PcapngDirection : vnet_u32 { kUnknown = 0, kInbound = 1, kOutbound = 2 };  // 4.3.1

struct PcapngPacket {  // 4.3
  vnet_u32 interface = 0;
  vnet_u64 time_ns = 0;
  std::string_view data;  // what was captured of it
  vnet_u32 length = 0;    // on the wire
  PcapngDirection direction = PcapngDirection::kUnknown;
  std::optional<vnet_u32> queue;
  std::string_view comment;
};

struct PcapngStatistics {  // 4.6
  vnet_u32 interface = 0;
  vnet_u64 time_ns = 0;
  vnet_u64 start_ns = 0;
  vnet_u64 end_ns = 0;
  vnet_u64 received = 0;   // isb_ifrecv: frames that came by, the missed ones among them
  vnet_u64 missed = 0;     // isb_osdrop: of those, the kernel had no room for
  vnet_u64 delivered = 0;  // isb_usrdeliv: frames in this file
  std::string comment;
};

void append_section(std::string& out, const PcapngSection& section);
void append_interface(std::string& out, const PcapngInterface& interface);
void append_packet(std::string& out, const PcapngPacket& packet);
void append_statistics(std::string& out, const PcapngStatistics& statistics);

}  // namespace vnet::cli
