// SPDX-License-Identifier: GPL-2.0-only
// A filter expression as tcpdump takes it (pcap-filter(7)), to a program in classic BPF.
#pragma once

#include <vnet/impair.h>

#include <string>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

using MatchProgram = std::vector<vnet_bpf_insn>;

// Of Ethernet frames. The error is libpcap's, behind "match: ".
user::Result<MatchProgram> compile_match(const std::string& expression);

}  // namespace vnet::cli
