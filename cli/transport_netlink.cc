// SPDX-License-Identifier: GPL-2.0-only
// The kernel module's generic netlink family.
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <sys/socket.h>

#include <array>

#include "cli/transport.h"
#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"
#include "user/nl_attributes.h"

namespace vnet::cli {
namespace {

using user::UniqueFd;

struct Family {
  vnet_u16 id = 0;
  std::array<vnet_u32, 3> groups{};  // multicast groups, the bits of VNET_GROUP_*
};

constexpr int kDecisionRoom = 4 << 20;  // bytes

constexpr std::array<const char*, 3> kGroupNames{VNET_MCGRP_EVENTS, VNET_MCGRP_DROPS,
                                                 VNET_MCGRP_DECISIONS};

void take_group(const nlattr* entry, Family& family) {
  std::string_view name;
  vnet_u32 id = 0;
  const auto take = [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_MCAST_GRP_NAME)
      name = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_MCAST_GRP_ID) id = mnl_attr_get_u32(attribute);
  };
  user::for_each_nested(entry, take);
  for (size_t i = 0; i < kGroupNames.size(); i++)
    if (name == kGroupNames[i]) family.groups[i] = id;
}

void take_family(const nlmsghdr& message, Family& family) {
  user::for_each_attribute(&message, GENL_HDRLEN, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
      family.id = mnl_attr_get_u16(attribute);
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_MCAST_GROUPS)
      user::for_each_nested(attribute, [&](const nlattr* entry) { take_group(entry, family); });
  });
}

Result<Family> resolve(int socket) {
  alignas(nlmsghdr) char request[128];
  nlmsg::Builder builder(request, sizeof(request));
  builder.begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_REQUEST | NLM_F_ACK);
  builder.put(CTRL_ATTR_FAMILY_NAME, VNET_FAMILY_NAME, sizeof(VNET_FAMILY_NAME));
  if (!builder.end()) return Error{"the request is too long", EMSGSIZE};
  if (send(socket, request, builder.length(), 0) < 0) return user::errno_error("netlink");
  Family family;
  for (Datagram datagram;;) {
    if (Failure failure = datagram.receive(socket))
      return user::errno_error("netlink", failure->code);
    nlmsg::Parser parser(datagram.data(), datagram.size());
    while (const nlmsghdr* const message = parser.next()) {
      const std::optional<nlmsg::Status> status = nlmsg::parse_status(*message);
      if (!status) {
        take_family(*message, family);
      } else if (status->code == -ENOENT) {
        return Error{"the kernel module vnet is not loaded", EOPNOTSUPP};
      } else if (status->code < 0) {
        return user::errno_error("netlink", -status->code);
      } else {
        return family;
      }
    }
  }
}

class KernelTransport final : public Transport {
 public:
  KernelTransport(UniqueFd fd, const Family& family)
      : Transport(Host::kKernel, "kernel", std::move(fd), family.id), groups_(family.groups) {}

  Failure subscribe(vnet_u32 groups) override {
    // Decisions come in floods.
    if (const int room = kDecisionRoom;
        groups & VNET_GROUP_DECISIONS &&
        setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
      (void)setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    for (size_t i = 0; i < groups_.size(); i++) {
      if (!(groups >> i & 1)) continue;
      if (setsockopt(fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups_[i], sizeof(groups_[i])))
        return user::errno_error(std::string("events of the group ") + kGroupNames[i]);
    }
    return {};
  }

 private:
  std::array<vnet_u32, 3> groups_;
};

}  // namespace

Result<std::unique_ptr<Transport>> open_kernel() {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!fd) return user::errno_error("netlink");
  const int on = 1;  // kernels that know neither option do not fill in what they ask for
  (void)setsockopt(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
  (void)setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
  const Result<Family> family = resolve(fd.get());
  if (!family) return family.error();
  return std::unique_ptr<Transport>(std::make_unique<KernelTransport>(std::move(fd), *family));
}

}  // namespace vnet::cli
