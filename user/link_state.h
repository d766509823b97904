// SPDX-License-Identifier: GPL-2.0-only
// A device as the kernel's stack describes it in an RTM_NEWLINK message.
#pragma once

#include <vnet/types.h>

#include <array>
#include <string>

struct nlmsghdr;

namespace vnet::user {

struct LinkState {
  int ifindex = 0;
  std::string name;
  std::array<vnet_u8, 6> mac{};
  vnet_u32 mtu = 0;
  bool up = false;
  bool noarp = false;
  bool promiscuous = false;
};

LinkState parse_link(const nlmsghdr* message);

}  // namespace vnet::user
