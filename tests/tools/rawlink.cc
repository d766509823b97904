// SPDX-License-Identifier: GPL-2.0-only
// Makes a pair of devices by a hand-made RTM_NEWLINK, attribute for attribute as asked, because
// `ip` refuses by itself much of what the kernel has to refuse.
//
//   rawlink NAME [KEY VALUE]... [peer NAME [KEY VALUE]...] [short | omit-peer]
//
//   NAME        "-": no name is sent
//   address MAC, mtu N, txqueues N, rxqueues N, index N
//   netns NAME  by file descriptor; a NAME with a slash is a path
//   pid N       the namespace of that process
//   short       the VETH_INFO_PEER attribute is too short for its header
//   omit-peer   there is no VETH_INFO_PEER at all (without `peer` it is there, and empty)
//   change      asks for a change of the device that has this name, not for a new one
//   kind KIND   of the first device; "vnet" unless told
//   data TYPE HEX, peerdata TYPE HEX
//               one more attribute beside the peer, or in it: these bytes, "-" for none
//   tail HEX    bytes behind the last attribute beside the peer
//
// 0: done. 2: the kernel refused; prints "errno-name: extack text". 1: anything else.
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct End {
  std::string name = "-";
  std::vector<std::pair<std::string, std::string>> settings;
};

struct Attribute {
  std::uint16_t type;
  std::vector<std::uint8_t> bytes;
};

struct Request {
  End first, peer;
  std::vector<Attribute> data, peer_data;
  std::vector<std::uint8_t> tail;
  std::string kind = "vnet";
  bool short_peer = false;
  bool omit_peer = false;
  bool change = false;
};

[[noreturn]] void usage() {
  std::fputs("usage: rawlink NAME [KEY VALUE]... [peer NAME [KEY VALUE]...] [short | omit-peer]\n",
             stderr);
  std::exit(1);
}

std::uint32_t number(const std::string& text) {
  return static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 0));
}

std::vector<std::uint8_t> hex(const std::string& text) {
  std::vector<std::uint8_t> bytes;
  if (text == "-") return bytes;
  for (std::size_t at = 0; at < text.size(); at += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
  return bytes;
}

Request parse(int argc, char** argv) {
  Request request;
  if (argc < 2) usage();
  request.first.name = argv[1];
  End* end = &request.first;
  for (int i = 2; i < argc; i++) {
    const std::string_view word = argv[i];
    if (word == "short") {
      request.short_peer = true;
    } else if (word == "omit-peer") {
      request.omit_peer = true;
    } else if (word == "change") {
      request.change = true;
    } else if (i + 1 == argc) {
      usage();
    } else if (word == "peer") {
      end = &request.peer;
      end->name = argv[++i];
    } else if (word == "kind") {
      request.kind = argv[++i];
    } else if (word == "tail") {
      request.tail = hex(argv[++i]);
    } else if (word == "data" || word == "peerdata") {
      if (i + 2 >= argc) usage();
      const auto type = static_cast<std::uint16_t>(number(argv[i + 1]));
      (word == "data" ? request.data : request.peer_data).push_back({type, hex(argv[i + 2])});
      i += 2;
    } else {
      end->settings.emplace_back(word, argv[++i]);
    }
  }
  return request;
}

// As many bytes as are given: too few or too many are for the kernel to refuse.
std::vector<std::uint8_t> address(const std::string& text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at < text.size(); at += 3)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
  return bytes;
}

void put_namespace(nlmsghdr* message, const std::string& name) {
  const std::string path = name.find('/') == std::string::npos ? "/run/netns/" + name : name;
  const int fd = open(path.c_str(), O_RDONLY);  // closed by the end of the process
  if (fd < 0) {
    std::fprintf(stderr, "rawlink: %s: %s\n", path.c_str(), strerror(errno));
    std::exit(1);
  }
  mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(fd));
}

void put_end(nlmsghdr* message, ifinfomsg* header, const End& end) {
  if (end.name != "-") mnl_attr_put_strz(message, IFLA_IFNAME, end.name.c_str());
  for (const auto& [key, value] : end.settings) {
    if (key == "address") {
      const auto bytes = address(value);
      mnl_attr_put(message, IFLA_ADDRESS, bytes.size(), bytes.data());
    } else if (key == "mtu") {
      mnl_attr_put_u32(message, IFLA_MTU, number(value));
    } else if (key == "txqueues") {
      mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, number(value));
    } else if (key == "rxqueues") {
      mnl_attr_put_u32(message, IFLA_NUM_RX_QUEUES, number(value));
    } else if (key == "index") {
      header->ifi_index = static_cast<int>(number(value));
    } else if (key == "netns") {
      put_namespace(message, value);
    } else if (key == "pid") {
      mnl_attr_put_u32(message, IFLA_NET_NS_PID, number(value));
    } else {
      usage();
    }
  }
}

void put_attributes(nlmsghdr* message, const std::vector<Attribute>& attributes) {
  for (const Attribute& each : attributes)
    mnl_attr_put(message, each.type, each.bytes.size(), each.bytes.data());
}

void put_peer(nlmsghdr* message, const Request& request) {
  if (request.short_peer) {
    const std::uint8_t some[4] = {};
    mnl_attr_put(message, VETH_INFO_PEER, sizeof(some), some);
    return;
  }
  // An ifinfomsg, then attributes: mnl_nlmsg_put_extra_header() pads and zeroes it.
  nlattr* const peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  auto* const header =
      static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  put_end(message, header, request.peer);
  put_attributes(message, request.peer_data);
  mnl_attr_nest_end(message, peer);
}

void put_data(nlmsghdr* message, const Request& request) {
  nlattr* const data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  if (!request.omit_peer) put_peer(message, request);
  put_attributes(message, request.data);
  // Padded, as libmnl does it, but part of the nest.
  if (!request.tail.empty())
    memcpy(mnl_nlmsg_put_extra_header(message, request.tail.size()), request.tail.data(),
           request.tail.size());
  mnl_attr_nest_end(message, data);
}

nlmsghdr* build(void* buffer, const Request& request) {
  nlmsghdr* const message = mnl_nlmsg_put_header(buffer);
  message->nlmsg_type = RTM_NEWLINK;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  if (!request.change) message->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  message->nlmsg_seq = 1;
  auto* const header =
      static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  put_end(message, header, request.first);
  nlattr* const info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, request.kind.c_str());
  // Without data a change would not reach the driver.
  if (!request.omit_peer || request.change || !request.data.empty() || !request.tail.empty())
    put_data(message, request);
  mnl_attr_nest_end(message, info);
  return message;
}

// The extack attributes follow the error header, and with NETLINK_CAP_ACK nothing else does.
std::string extack(const nlmsghdr* answer) {
  if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS)) return "";
  // mnl_attr_for_each() is not C++.
  const char* const end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(answer));
  const auto* attribute =
      static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(answer, sizeof(nlmsgerr)));
  for (; mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)));
       attribute = mnl_attr_next(attribute))
    if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG) return mnl_attr_get_str(attribute);
  return "";
}

int report(const nlmsghdr* answer) {
  const auto* const error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(answer));
  const std::string text = extack(answer);
  if (error->error == 0) {
    if (!text.empty()) std::printf("warning: %s\n", text.c_str());
    return 0;
  }
  std::printf("%s: %s\n", strerrorname_np(-error->error), text.c_str());
  return 2;
}

int send(const nlmsghdr* message) {
  mnl_socket* const netlink = mnl_socket_open(NETLINK_ROUTE);
  int on = 1;
  if (!netlink || mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
      mnl_socket_setsockopt(netlink, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
      mnl_socket_setsockopt(netlink, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
      mnl_socket_sendto(netlink, message, message->nlmsg_len) < 0) {
    std::perror("rawlink: netlink");
    return 1;
  }
  alignas(nlmsghdr) char answer[8192];
  const ssize_t got = mnl_socket_recvfrom(netlink, answer, sizeof(answer));
  const auto* const header = reinterpret_cast<const nlmsghdr*>(answer);
  if (got <= 0 || header->nlmsg_type != NLMSG_ERROR) {
    std::perror("rawlink: no answer");
    return 1;
  }
  return report(header);
}

}  // namespace

int main(int argc, char** argv) {
  const Request request = parse(argc, argv);
  alignas(nlmsghdr) char buffer[8192] = {};
  return send(build(buffer, request));
}
