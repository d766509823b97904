// SPDX-License-Identifier: GPL-2.0-only
#include "user/link_watch.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

namespace vnet::user {
namespace {

// Messages from our own namespace carry no number.
int netns_of(msghdr& header) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_NETLINK || c->cmsg_type != NETLINK_LISTEN_ALL_NSID) continue;
    int nsid;
    std::memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
    return nsid;
  }
  return kOwnNetns;
}

}  // namespace

Result<std::unique_ptr<LinkWatch>> LinkWatch::open(Listener& listener) {
  MnlSocket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return errno_error("rtnetlink events");
  if (mnl_socket_bind(socket.get(), RTMGRP_LINK, MNL_SOCKET_AUTOPID) != 0)
    return errno_error("rtnetlink events");
  // Needs CAP_NET_BROADCAST; without it a moved device can still be found, but not watched.
  int on = 1;
  const bool all =
      mnl_socket_setsockopt(socket.get(), NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)) == 0;
  return std::unique_ptr<LinkWatch>(new LinkWatch(std::move(socket), all, listener));
}

int LinkWatch::fd() const {
  return mnl_socket_get_fd(socket_.get());
}

void LinkWatch::on_event(uint32_t) {
  for (;;) {
    sockaddr_nl from{};
    iovec data{buffer_.get(), kBufferSize};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int)) * 2];
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof(from);
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
    const ssize_t n = recvmsg(fd(), &header, 0);
    if (n < 0 && errno == ENOBUFS) {
      listener_.on_events_lost();
      continue;
    }
    if (n <= 0) return;
    if (header.msg_flags & MSG_TRUNC) {
      listener_.on_events_lost();
    } else if (from.nl_pid == 0) {  // from the kernel
      parse(static_cast<size_t>(n), netns_of(header));
    }
  }
}

void LinkWatch::parse(size_t len, int nsid) {
  int rest = static_cast<int>(len);
  auto* message = reinterpret_cast<nlmsghdr*>(buffer_.get());
  for (; mnl_nlmsg_ok(message, rest); message = mnl_nlmsg_next(message, &rest)) {
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) continue;
    const auto* const info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
    // A bridge port's events come as RTM_*LINK of AF_BRIDGE: they are not about the device.
    if (info->ifi_family != AF_UNSPEC) continue;
    if (message->nlmsg_type == RTM_NEWLINK) listener_.on_link(nsid, parse_link(message));
    if (message->nlmsg_type == RTM_DELLINK) listener_.on_link_gone(nsid, info->ifi_index);
  }
}

}  // namespace vnet::user
