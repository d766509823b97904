// SPDX-License-Identifier: GPL-2.0-only
#include "user/link_state.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cstring>

#include "user/nl_attributes.h"

namespace vnet::user {
namespace {

void parse_attribute(const nlattr* attribute, LinkState& state) {
  const size_t len = mnl_attr_get_payload_len(attribute);
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
      state.name = mnl_attr_get_str(attribute);
      break;
    case IFLA_MTU:
      if (len == sizeof(vnet_u32)) state.mtu = mnl_attr_get_u32(attribute);
      break;
    case IFLA_ADDRESS:
      if (len == state.mac.size())
        std::memcpy(state.mac.data(), mnl_attr_get_payload(attribute), len);
      break;
    case IFLA_PROMISCUITY:  // a count: bridges and captures add to it, the flag is only `ip`'s
      if (len == sizeof(vnet_u32)) state.promiscuous |= mnl_attr_get_u32(attribute) > 0;
      break;
    default:
      break;
  }
}

}  // namespace

LinkState parse_link(const nlmsghdr* message) {
  const auto* const info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  LinkState state;
  state.ifindex = info->ifi_index;
  state.up = info->ifi_flags & IFF_UP;
  state.noarp = info->ifi_flags & IFF_NOARP;
  state.promiscuous = info->ifi_flags & IFF_PROMISC;
  for_each_attribute(message, sizeof(*info),
                     [&](const nlattr* attribute) { parse_attribute(attribute, state); });
  return state;
}

}  // namespace vnet::user
