// SPDX-License-Identifier: GPL-2.0-only
// A generic netlink socket with the family `vnet` looked up, for the tools of this folder.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/vnet_netlink.h>
#include <string.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace vnet::tools {

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// mnl_attr_for_each() is not C++.
template <class Function>
void each_attribute(const void* from, const void* end, Function function) {
  const auto* attribute = static_cast<const nlattr*>(from);
  const auto left = [&] {
    return static_cast<int>(static_cast<const char*>(end) -
                            reinterpret_cast<const char*>(attribute));
  };
  for (; mnl_attr_ok(attribute, left()); attribute = mnl_attr_next(attribute)) function(*attribute);
}

template <class Function>
void each_nested(const nlattr& nest, Function function) {
  each_attribute(
      mnl_attr_get_payload(&nest),
      static_cast<const char*>(mnl_attr_get_payload(&nest)) + mnl_attr_get_payload_len(&nest),
      function);
}

class Genl {
 public:
  Genl() : Genl(mnl_socket_open(NETLINK_GENERIC)) {}
  // On a socket that somebody else has opened.
  explicit Genl(int fd) : Genl(mnl_socket_fdopen(fd)) {}
  Genl(const Genl&) = delete;
  ~Genl() { mnl_socket_close(socket_); }

  int fd() const { return mnl_socket_get_fd(socket_); }
  std::uint16_t family() const { return family_; }

  nlmsghdr* begin(void* buffer, std::uint16_t type, std::uint16_t flags, std::uint8_t command) {
    nlmsghdr* const message = mnl_nlmsg_put_header(buffer);
    message->nlmsg_type = type;
    message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    message->nlmsg_seq = ++sequence_;
    auto* const header =
        static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(message, sizeof(genlmsghdr)));
    header->cmd = command;
    header->version = VNET_FAMILY_VERSION;
    return message;
  }

  // Without a destination: with one, the kernel does not ask who opened the socket.
  void send(const nlmsghdr* message) {
    if (::send(fd(), message, message->nlmsg_len, 0) < 0) die("send");
  }

  // Bytes in buffer(), or a negative errno.
  ssize_t receive() {
    const ssize_t got = mnl_socket_recvfrom(socket_, buffer_.data(), buffer_.size());
    return got < 0 ? -errno : got;
  }
  const nlmsghdr* buffer() const { return reinterpret_cast<const nlmsghdr*>(buffer_.data()); }

  // 0 or a negative errno.
  int join(const std::string& group) {
    if (!groups_.contains(group)) return -ENOENT;
    int id = static_cast<int>(groups_[group]);
    return mnl_socket_setsockopt(socket_, NETLINK_ADD_MEMBERSHIP, &id, sizeof(id)) < 0 ? -errno : 0;
  }

 private:
  explicit Genl(mnl_socket* socket) : socket_(socket) {
    if (!socket_) die("netlink");
    for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK}) {
      int on = 1;
      if (mnl_socket_setsockopt(socket_, option, &on, sizeof(on)) < 0) die("setsockopt");
    }
    resolve();
  }

  void resolve() {
    alignas(nlmsghdr) std::array<char, 4096> request{};
    nlmsghdr* const message = begin(request.data(), GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
    mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, VNET_FAMILY_NAME);
    send(message);
    if (receive() <= 0 || buffer()->nlmsg_type == NLMSG_ERROR) {
      std::fputs("no generic netlink family " VNET_FAMILY_NAME "\n", stderr);
      std::exit(1);
    }
    each_attribute(mnl_nlmsg_get_payload_offset(buffer(), sizeof(genlmsghdr)),
                   mnl_nlmsg_get_payload_tail(buffer()), [this](const nlattr& attribute) {
                     const int type = mnl_attr_get_type(&attribute);
                     if (type == CTRL_ATTR_FAMILY_ID) family_ = mnl_attr_get_u16(&attribute);
                     if (type == CTRL_ATTR_MCAST_GROUPS)
                       each_nested(attribute, [this](const nlattr& group) { add_group(group); });
                   });
  }

  void add_group(const nlattr& group) {
    std::string name;
    std::uint32_t id = 0;
    each_nested(group, [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == CTRL_ATTR_MCAST_GRP_NAME)
        name = mnl_attr_get_str(&attribute);
      if (mnl_attr_get_type(&attribute) == CTRL_ATTR_MCAST_GRP_ID)
        id = mnl_attr_get_u32(&attribute);
    });
    groups_[name] = id;
  }

  mnl_socket* const socket_;
  std::uint16_t family_ = 0;
  std::uint32_t sequence_ = 0;
  std::map<std::string, std::uint32_t> groups_;
  alignas(nlmsghdr) std::array<char, 65536> buffer_{};
};

}  // namespace vnet::tools
