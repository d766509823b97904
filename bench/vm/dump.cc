// SPDX-License-Identifier: GPL-2.0-only
#include "dump.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vnet_netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <system_error>

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

template <class T>
std::vector<std::uint8_t> bytes_of(const T& value) {
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

}  // namespace

Dump::Dump(const std::string& kind) : type_(RTM_GETLINK), buffer_(65536) {
  const bool vnet = kind == "vnet";
  socket_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, vnet ? NETLINK_GENERIC : NETLINK_ROUTE);
  if (socket_ < 0) fail("netlink");
  request_ = bytes_of(ifinfomsg{});
  if (!vnet) return;
  type_ = family(VNET_FAMILY_NAME);
  request_ = bytes_of(genlmsghdr{VNET_CMD_DEVICE_GET, VNET_FAMILY_VERSION, 0});
}

Dump::~Dump() {
  close(socket_);
}

void Dump::send(std::uint16_t type, std::uint16_t flags, const void* payload, std::size_t size) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(size));
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  std::vector<std::uint8_t> message = bytes_of(header);
  const auto* const from = static_cast<const std::uint8_t*>(payload);
  message.insert(message.end(), from, from + size);
  message.resize(NLMSG_ALIGN(message.size()));
  if (::send(socket_, message.data(), message.size(), 0) < 0) fail("send");
}

// The id of a family: CTRL_CMD_GETFAMILY of the controller.
std::uint16_t Dump::family(const char* name) {
  std::vector<std::uint8_t> request = bytes_of(genlmsghdr{CTRL_CMD_GETFAMILY, 1, 0});
  const auto length = static_cast<std::uint16_t>(std::strlen(name) + 1);
  const auto header =
      bytes_of(nlattr{static_cast<std::uint16_t>(NLA_HDRLEN + length), CTRL_ATTR_FAMILY_NAME});
  request.insert(request.end(), header.begin(), header.end());
  request.insert(request.end(), name, name + length);
  send(GENL_ID_CTRL, 0, request.data(), request.size());
  const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), 0);
  const auto* const end = buffer_.data() + got;
  const char* at = buffer_.data() + NLMSG_HDRLEN + GENL_HDRLEN;
  while (got > 0 && at + NLA_HDRLEN <= end) {
    nlattr attribute;
    std::memcpy(&attribute, at, sizeof attribute);
    if (attribute.nla_type == CTRL_ATTR_FAMILY_ID) {
      std::uint16_t id;
      std::memcpy(&id, at + NLA_HDRLEN, sizeof id);
      return id;
    }
    at += NLA_ALIGN(attribute.nla_len);
  }
  throw std::runtime_error("no such family");
}

std::uint64_t Dump::run() {
  std::uint64_t messages = 0;
  send(type_, NLM_F_DUMP, request_.data(), request_.size());
  for (;;) {
    const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got < 0) fail("recv");
    auto left = static_cast<unsigned>(got);
    for (const auto* each = reinterpret_cast<const nlmsghdr*>(buffer_.data()); NLMSG_OK(each, left);
         each = NLMSG_NEXT(each, left)) {
      if (each->nlmsg_type == NLMSG_DONE) return messages;
      if (each->nlmsg_type == NLMSG_ERROR) throw std::runtime_error("the dump was refused");
      messages++;
    }
  }
}
