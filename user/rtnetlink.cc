// SPDX-License-Identifier: GPL-2.0-only
#include "user/rtnetlink.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "user/nl_attributes.h"

namespace vnet::user {

void MnlClose::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

Result<Rtnetlink> Rtnetlink::open() {
  MnlSocket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (!socket) return errno_error("rtnetlink");
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return errno_error("rtnetlink");
  return Rtnetlink(std::move(socket));
}

nlmsghdr* Rtnetlink::start(vnet_u16 type, vnet_u16 flags) {
  nlmsghdr* const request = mnl_nlmsg_put_header(buffer_.get());
  request->nlmsg_type = type;
  request->nlmsg_flags = static_cast<vnet_u16>(NLM_F_REQUEST | flags);
  request->nlmsg_seq = ++sequence_;
  return request;
}

template <typename Handler>
int Rtnetlink::exchange(nlmsghdr* request, const Handler& handler) {
  const unsigned port = mnl_socket_get_portid(socket_.get());
  if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0) return -errno;
  const auto call = [](const nlmsghdr* message, void* data) {
    (*static_cast<const Handler*>(data))(message);
    return MNL_CB_OK;
  };
  const bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  const bool ack = request->nlmsg_flags & NLM_F_ACK;
  for (;;) {
    const ssize_t n = mnl_socket_recvfrom(socket_.get(), buffer_.get(), kBufferSize);
    if (n < 0) return -errno;
    const int more = mnl_cb_run(buffer_.get(), static_cast<size_t>(n), sequence_, port, call,
                                const_cast<Handler*>(&handler));
    if (more < 0) return -errno;
    if (more == MNL_CB_STOP || !(dump || ack)) return 0;
  }
}

int Rtnetlink::order(nlmsghdr* request) {
  return exchange(request, [](const nlmsghdr*) {});
}

Result<LinkState> Rtnetlink::link(const std::string& name, int nsid) {
  nlmsghdr* const request = start(RTM_GETLINK, 0);
  auto* const info =
      static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg)));
  info->ifi_family = AF_UNSPEC;
  mnl_attr_put_strz(request, IFLA_IFNAME, name.c_str());
  if (nsid != kOwnNetns)
    mnl_attr_put_u32(request, IFLA_TARGET_NETNSID, static_cast<vnet_u32>(nsid));
  LinkState state;
  const int error = exchange(request, [&](const nlmsghdr* answer) {
    if (answer->nlmsg_type == RTM_NEWLINK) state = parse_link(answer);
  });
  if (error) return errno_error(fmt::format("device '{}'", name), -error);
  return state;
}

Failure Rtnetlink::set_link(const std::string& name, const Settings& settings) {
  nlmsghdr* const request = start(RTM_SETLINK, NLM_F_ACK);
  auto* const info =
      static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg)));
  info->ifi_family = AF_UNSPEC;
  mnl_attr_put_strz(request, IFLA_IFNAME, name.c_str());
  mnl_attr_put_u32(request, IFLA_MTU, settings.mtu);
  mnl_attr_put_u32(request, IFLA_TXQLEN, settings.tx_queue_len);
  if (settings.mac) mnl_attr_put(request, IFLA_ADDRESS, settings.mac->size(), settings.mac->data());
  const int error = order(request);
  if (error) return errno_error(fmt::format("cannot set up the device '{}'", name), -error);
  return {};
}

Result<int> Rtnetlink::nsid(int netns_fd) {
  const auto ask = [&](vnet_u16 type, vnet_u16 flags) {
    nlmsghdr* const request = start(type, flags);
    auto* const family =
        static_cast<rtgenmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtgenmsg)));
    family->rtgen_family = AF_UNSPEC;
    if (type == RTM_NEWNSID)
      mnl_attr_put_u32(request, NETNSA_NSID, static_cast<vnet_u32>(NETNSA_NSID_NOT_ASSIGNED));
    mnl_attr_put_u32(request, NETNSA_FD, static_cast<vnet_u32>(netns_fd));
    return request;
  };
  int error = order(ask(RTM_NEWNSID, NLM_F_ACK));
  if (error && error != -EEXIST) return errno_error("RTM_NEWNSID", -error);
  int id = NETNSA_NSID_NOT_ASSIGNED;
  error = exchange(ask(RTM_GETNSID, 0), [&](const nlmsghdr* answer) {
    for_each_attribute(answer, sizeof(rtgenmsg), [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == NETNSA_NSID)
        id = static_cast<int>(mnl_attr_get_u32(attribute));
    });
  });
  if (error) return errno_error("RTM_GETNSID", -error);
  if (id < 0) return errno_error("RTM_GETNSID", ENOENT);
  return id;
}

Result<bool> Rtnetlink::has_route(vnet_u32 network) {
  nlmsghdr* const request = start(RTM_GETROUTE, NLM_F_DUMP);
  auto* const query = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)));
  query->rtm_family = AF_INET;
  bool found = false;
  const int error = exchange(request, [&](const nlmsghdr* answer) {
    const auto* const route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(answer));
    if (route->rtm_family != AF_INET || route->rtm_dst_len == 0) return;
    const vnet_u32 prefix = route->rtm_dst_len < 24u ? route->rtm_dst_len : 24u;
    for_each_attribute(answer, sizeof(*route), [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) != RTA_DST) return;
      const vnet_u32 to = ntohl(mnl_attr_get_u32(attribute));
      if (((to ^ network) >> (32 - prefix)) == 0) found = true;
    });
  });
  if (error) return errno_error("RTM_GETROUTE", -error);
  return found;
}

}  // namespace vnet::user
