// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <system_error>

namespace {

constexpr std::uint16_t kNetkitMode = 4;    // IFLA_NETKIT_MODE: Debian 12's headers have no netkit
constexpr std::uint32_t kNetkitLayer2 = 0;  // NETKIT_L2
// IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE
constexpr std::uint16_t kSizes[] = {41, 58, 63, 64};

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

Links::Links() : socket_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  if (socket_ < 0) fail(errno, "netlink");
}

Links::~Links() {
  close(socket_);
}

void Links::append(const void* data, std::size_t size) {
  const auto* const bytes = static_cast<const std::uint8_t*>(data);
  message_.insert(message_.end(), bytes, bytes + size);
  message_.resize(NLMSG_ALIGN(message_.size()));
}

void Links::put(std::uint16_t type, const void* data, std::size_t size) {
  const rtattr attribute{static_cast<unsigned short>(RTA_LENGTH(size)), type};
  append(&attribute, sizeof attribute);
  append(data, size);
}

std::size_t Links::begin(std::uint16_t type) {
  const std::size_t at = message_.size();
  put(type, nullptr, 0);
  return at;
}

void Links::end(std::size_t nest) {
  const auto length = static_cast<unsigned short>(message_.size() - nest);
  std::memcpy(&message_[nest], &length, sizeof length);
}

void Links::request(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(message_.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  std::memcpy(message_.data(), &header, sizeof header);
  if (send(socket_, message_.data(), message_.size(), 0) < 0) fail(errno, "send");
  alignas(nlmsghdr) char answer[8192];
  if (recv(socket_, answer, sizeof answer, 0) < 0) fail(errno, "recv");
  const auto* const reply = reinterpret_cast<const nlmsghdr*>(answer);
  const int error = reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(reply))->error;
  if (error) fail(-error, type == RTM_NEWLINK ? "create or change a pair" : "delete a pair");
}

void Links::create_pair(const std::string& kind, const std::string& name, const std::string& peer) {
  const ifinfomsg link{};
  message_.assign(NLMSG_HDRLEN, 0);
  append(&link, sizeof link);
  put(IFLA_IFNAME, name.c_str(), name.size() + 1);
  const std::size_t info = begin(IFLA_LINKINFO);
  put(IFLA_INFO_KIND, kind.data(), kind.size());
  const std::size_t data = begin(IFLA_INFO_DATA);
  if (kind == "netkit") put(kNetkitMode, &kNetkitLayer2, sizeof kNetkitLayer2);
  const std::size_t other = begin(VETH_INFO_PEER);
  append(&link, sizeof link);
  put(IFLA_IFNAME, peer.c_str(), peer.size() + 1);
  end(other);
  end(data);
  end(info);
  request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
}

void Links::set_sizes(const std::string& name, std::uint32_t bytes) {
  const ifinfomsg link{};
  message_.assign(NLMSG_HDRLEN, 0);
  append(&link, sizeof link);
  put(IFLA_IFNAME, name.c_str(), name.size() + 1);
  for (const std::uint16_t size : kSizes) put(size, &bytes, sizeof bytes);
  request(RTM_NEWLINK, 0);
}

void Links::remove(const std::string& name) {
  const ifinfomsg link{};
  message_.assign(NLMSG_HDRLEN, 0);
  append(&link, sizeof link);
  put(IFLA_IFNAME, name.c_str(), name.size() + 1);
  request(RTM_DELLINK, 0);
}
