// SPDX-License-Identifier: GPL-2.0-only
// sockfuzz SOCKET SEED COUNT
//
// Sends random and mutated datagrams to a user-space driver's control socket. Whatever it is sent
// the driver answers with whole messages that can be read, and at the end it serves a plain
// request. Commands that end the driver are left out. Exit status: 0, or 1 with a line that says
// what was wrong.
#include <fmt/core.h>
#include <linux/vnet_netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"

namespace {

using Bytes = std::vector<char>;
constexpr size_t kTypes = VNET_A_IMPAIR_MAX + 2;  // the largest set's, and one of none
std::mt19937_64 random_source;

[[noreturn]] void fail(const char* what) {
  fmt::print("sockfuzz: {}: {}\n", what, std::strerror(errno));
  std::exit(1);
}

size_t below(size_t limit) {
  return static_cast<size_t>(random_source() % limit);
}

int connect_to(const char* path) {
  const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fail("connect");
  return socket;
}

// Attributes of random types and lengths, some nested.
void put_attributes(Bytes& out, int depth) {
  for (size_t count = below(5); count > 0; count--) {
    const size_t start = out.size();
    out.resize(start + 4);
    if (depth < 3 && below(3) == 0) {
      put_attributes(out, depth + 1);
    } else {
      for (size_t n = below(3) ? 4 : below(20); n > 0; n--)
        out.push_back(below(2) ? 0 : static_cast<char>(random_source()));
    }
    const auto length = static_cast<vnet_u16>(out.size() - start);
    const auto type = static_cast<vnet_u16>(below(kTypes) | (below(4) ? 0 : NLA_F_NESTED));
    std::memcpy(out.data() + start, &length, 2);
    std::memcpy(out.data() + start + 2, &type, 2);
    out.resize((out.size() + 3) & ~size_t{3});
  }
}

void put_message(Bytes& out) {
  const size_t start = out.size();
  out.resize(start + vnet::nlmsg::kAttributesAt);
  if (below(2)) {  // a request that finds its device
    const nlattr name{9, VNET_A_DEVICE_IFNAME};
    const auto* const bytes = reinterpret_cast<const char*>(&name);
    out.insert(out.end(), bytes, bytes + sizeof(name));
    for (const char c : std::string_view("left\0\0\0\0", 8)) out.push_back(c);
  }
  put_attributes(out, 0);
  nlmsghdr header{};
  header.nlmsg_len = static_cast<vnet_u32>(out.size() - start);
  header.nlmsg_type = vnet::nlmsg::VNET_SOCKET_FAMILY;
  header.nlmsg_flags = static_cast<vnet_u16>(NLM_F_REQUEST | (below(3) ? NLM_F_ACK : NLM_F_DUMP));
  genlmsghdr generic{static_cast<vnet_u8>(below(VNET_CMD_MAX + 2)), VNET_FAMILY_VERSION, 0};
  if (generic.cmd == VNET_CMD_LINK_DEL) generic.cmd = VNET_CMD_DEVICE_SET;
  std::memcpy(out.data() + start, &header, sizeof(header));
  std::memcpy(out.data() + start + sizeof(header), &generic, sizeof(generic));
}

Bytes random_datagram() {
  Bytes out;
  if (below(20) == 0) {
    out.resize(below(20) ? below(200) : below(70000));
    for (char& byte : out) byte = static_cast<char>(random_source());
    if (out.size() > 16) out[16] = 0;  // never link-del
    return out;
  }
  for (size_t messages = 1 + below(3); messages > 0; messages--) put_message(out);
  for (size_t flips = below(2) ? 0 : below(4); flips > 0; flips--) {
    const size_t at = below(out.size());
    if (at % 4 != 0 || at < 20) out[at] = static_cast<char>(random_source());
  }
  if (below(10) == 0) out.resize(below(out.size()));
  return out;
}

// Reads whole messages; waits for the first, if there is nothing yet. Returns how many there were.
size_t read_answers(int socket, int patience_ms) {
  static char bytes[vnet::nlmsg::kDatagramMax];
  size_t messages = 0;
  pollfd readable{socket, POLLIN, 0};
  while (poll(&readable, 1, messages ? 0 : patience_ms) == 1) {
    const ssize_t n = recv(socket, bytes, sizeof(bytes), 0);
    if (n <= 0) fail("the driver has closed");
    vnet::nlmsg::Parser parser(bytes, static_cast<size_t>(n));
    while (const nlmsghdr* const message = parser.next()) {
      messages++;
      const auto status = vnet::nlmsg::parse_status(*message);
      if (status && (status->code > 0 || status->code == -EBADMSG)) fail("a malformed status");
      if (!status && !vnet::nlmsg::generic_header(*message)) fail("a malformed reply");
    }
    if (parser.malformed()) fail("a malformed answer");
  }
  return messages;
}

// The pair's end, asked for or as a fault.
bool ends_driver(const Bytes& datagram) {
  struct {
    nlattr header;
    vnet_u32 what;
  } const removal{{8, VNET_A_FAULT_WHAT}, VNET_FAULT_WHAT_REMOVE};
  vnet::nlmsg::Parser parser(datagram.data(), datagram.size());
  while (const nlmsghdr* const message = parser.next()) {
    const genlmsghdr* const generic = vnet::nlmsg::generic_header(*message);
    if (!generic) continue;
    if (generic->cmd == VNET_CMD_LINK_DEL) return true;
    const auto attributes = vnet::nlmsg::attributes(*message);
    const auto* const bytes = reinterpret_cast<const vnet_u8*>(&removal);
    if (generic->cmd == VNET_CMD_FAULT_ADD &&
        std::search(attributes.begin(), attributes.end(), bytes, bytes + sizeof(removal)) !=
            attributes.end())
      return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: sockfuzz SOCKET SEED COUNT\n");
    return 1;
  }
  random_source.seed(std::strtoull(argv[2], nullptr, 0));
  const long count = std::atol(argv[3]);
  int socket = connect_to(argv[1]);
  size_t answers = 0;
  for (long i = 0; i < count; i++) {
    const Bytes datagram = random_datagram();
    if (ends_driver(datagram)) continue;
    if (send(socket, datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) fail("send");
    answers += read_answers(socket, 2000);
    if (below(100) != 0) continue;
    close(socket);
    socket = connect_to(argv[1]);
  }
  // One that has subscribed may hear of a fault just now.
  close(socket);
  socket = connect_to(argv[1]);
  alignas(8) char bytes[256];
  vnet::nlmsg::Builder request(bytes, sizeof(bytes));
  request.begin(vnet::nlmsg::VNET_SOCKET_FAMILY, VNET_CMD_DEVICE_GET, 4711,
                NLM_F_REQUEST | NLM_F_DUMP);
  if (!request.end() || send(socket, bytes, request.length(), MSG_NOSIGNAL) < 0) fail("send");
  if (read_answers(socket, 5000) != 3) fail("no dump at the end");
  fmt::print("{} datagrams, {} messages in answer\n", count, answers);
  return 0;
}
