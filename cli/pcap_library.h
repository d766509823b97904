// SPDX-License-Identifier: GPL-2.0-only
// libpcap's compiler, loaded when there is an expression: it brings D-Bus, RDMA and more along,
// which every other command would wait for.
#pragma once

#include <pcap/pcap.h>

#include "user/result.h"

namespace vnet::cli {

// The functions of pcap.h under their own names, without the prefix.
struct PcapLibrary {
  decltype(&pcap_open_dead) open_dead;
  decltype(&pcap_compile) compile;
  decltype(&pcap_geterr) geterr;
  decltype(&pcap_freecode) freecode;
  decltype(&pcap_close) close;

  // Stays loaded until the process ends.
  static user::Result<const PcapLibrary*> load();
};

}  // namespace vnet::cli
