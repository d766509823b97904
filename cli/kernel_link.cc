// SPDX-License-Identifier: GPL-2.0-only
#include "cli/kernel_link.h"

#include <fmt/core.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "cli/datagram.h"
#include "cli/netns.h"
#include "lib/nlmsg/parser.h"

namespace vnet::cli {
namespace {

using user::UniqueFd;

class LinkRequest {
 public:
  explicit LinkRequest(vnet_u16 flags) : message_(mnl_nlmsg_put_header(buffer_)) {
    message_->nlmsg_type = RTM_NEWLINK;
    message_->nlmsg_flags = static_cast<vnet_u16>(NLM_F_REQUEST | NLM_F_ACK | flags);
    message_->nlmsg_seq = 1;
    mnl_nlmsg_put_extra_header(message_, sizeof(ifinfomsg));
  }
  nlmsghdr* message() { return message_; }

  Failure send() {
    const UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!fd) return user::errno_error("rtnetlink");
    const int on = 1;
    (void)setsockopt(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
    if (::send(fd.get(), message_, message_->nlmsg_len, 0) < 0)
      return user::errno_error("rtnetlink");
    for (Datagram datagram;;) {
      if (Failure failure = datagram.receive(fd.get()))
        return user::errno_error("rtnetlink", failure->code);
      nlmsg::Parser parser(datagram.data(), datagram.size());
      while (const nlmsghdr* const answer = parser.next())
        if (const std::optional<nlmsg::Status> status = nlmsg::parse_status(*answer))
          return outcome(*status);
    }
  }

 private:
  static Failure outcome(const nlmsg::Status& status) {
    if (status.code == 0) return {};
    return Error{status.text.empty() ? std::strerror(-status.code) : status.text, -status.code};
  }

  // Two names, two addresses, a nest: far less.
  alignas(nlmsghdr) char buffer_[2048] = {};
  nlmsghdr* message_;
};

void put_end(nlmsghdr* message, const NewEnd& end) {
  if (!end.name.empty()) mnl_attr_put_strz(message, IFLA_IFNAME, end.name.c_str());
  if (end.mac) mnl_attr_put(message, IFLA_ADDRESS, end.mac->size(), end.mac->data());
  if (end.mtu) mnl_attr_put_u32(message, IFLA_MTU, *end.mtu);
}

void put_info(nlmsghdr* message, const vnet_info_values& info) {
  alignas(nlattr) char attributes[512];
  const int bytes = vnet_core_encode(VNET_SET_INFO, &info, attributes, sizeof(attributes));
  if (bytes <= 0) return;
  std::memcpy(mnl_nlmsg_get_payload_tail(message), attributes, static_cast<size_t>(bytes));
  message->nlmsg_len += MNL_ALIGN(static_cast<vnet_u32>(bytes));
}

Failure check_name(const NewEnd& end) {
  if (end.name.size() < IFNAMSIZ) return {};
  return Error{fmt::format("'{}' is not a valid device name: it has more than 15 bytes", end.name),
               EINVAL};
}

}  // namespace

Failure add_kernel_link(const NewEnd& own, const NewEnd* peer) {
  if (Failure failure = check_name(own)) return failure;
  UniqueFd netns;
  if (peer) {
    if (Failure failure = check_name(*peer)) return failure;
    if (!peer->netns.empty()) {
      Result<UniqueFd> opened = open_netns(peer->netns);
      if (!opened) return opened.error();
      netns = std::move(*opened);
    }
  }
  LinkRequest request(NLM_F_CREATE | NLM_F_EXCL);
  nlmsghdr* const message = request.message();
  put_end(message, own);
  nlattr* const linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "vnet");
  nlattr* const data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  put_info(message, own.info);
  if (peer) {
    nlattr* const nest = mnl_attr_nest_start(message, VNET_INFO_PEER);
    mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg));
    put_end(message, *peer);
    if (netns) mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<vnet_u32>(netns.get()));
    mnl_attr_nest_end(message, nest);
  }
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, linkinfo);
  return request.send();
}

Failure change_link(const NewEnd& end) {
  if (!end.mtu && end.netns.empty()) return {};
  LinkRequest request(0);
  mnl_attr_put_strz(request.message(), IFLA_IFNAME, end.name.c_str());
  if (end.mtu) mnl_attr_put_u32(request.message(), IFLA_MTU, *end.mtu);
  UniqueFd netns;
  if (!end.netns.empty()) {
    Result<UniqueFd> opened = open_netns(end.netns);
    if (!opened) return opened.error();
    netns = std::move(*opened);
    mnl_attr_put_u32(request.message(), IFLA_NET_NS_FD, static_cast<vnet_u32>(netns.get()));
  }
  return request.send();
}

}  // namespace vnet::cli
