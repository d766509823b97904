// SPDX-License-Identifier: GPL-2.0-only
// Numbered UDP datagrams, sent in super-frames that somebody else cuts up (UDP_SEGMENT, udp(7)).
//
//   udp_gso send IP PORT SIZE SEGMENTS COUNT   COUNT datagrams, SEGMENTS of SIZE bytes in each send
//   udp_gso receive PORT SIZE COUNT            prints "ready", waits for the datagrams 0 to COUNT-1
//
// Datagram N begins with N in network order, and byte I of the rest is N + I. 0: each arrived once,
// whole and unchanged.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;
using u32 = std::uint32_t;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "udp_gso: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

void append_datagram(Bytes& to, u32 number, u32 size) {
  for (u32 i = 0; i < size; i++)
    to.push_back(static_cast<std::uint8_t>(i < 4 ? number >> (24 - 8 * i) : number + i));
}

int open_udp() {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) die("socket");
  return fd;
}

sockaddr_in address_of(const char* ip, u32 port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) die(ip);
  return address;
}

int send_all(const char* ip, u32 port, u32 size, u32 segments, u32 count) {
  const int fd = open_udp(), gso_size = static_cast<int>(size);
  const sockaddr_in to = address_of(ip, port);
  if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &gso_size, sizeof(gso_size)) < 0) die("UDP_SEGMENT");
  for (u32 number = 0; number < count;) {
    Bytes bytes;
    for (const u32 end = std::min(number + segments, count); number < end; number++)
      append_datagram(bytes, number, size);
    // Not connected: nobody need listen.
    if (sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof(to)) < 0)
      die("sendto");
  }
  return 0;
}

int receive_all(u32 port, u32 size, u32 count) {
  const int fd = open_udp(), space = 8 << 20;
  const sockaddr_in at = address_of("0.0.0.0", port);
  const timeval patience = {10, 0};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)) < 0) die("SO_RCVBUFFORCE");
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0) die("SO_RCVTIMEO");
  if (bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) < 0) die("bind");
  std::puts("ready");
  std::fflush(stdout);
  std::vector<bool> seen(count);
  Bytes got(65536), wanted;
  u32 total = 0;
  for (; total < count; total++) {
    const ssize_t length = recv(fd, got.data(), got.size(), 0);
    if (length < 0) break;
    u32 number = 0;
    for (u32 i = 0; i < 4; i++) number = number << 8 | got[i];
    wanted.clear();
    append_datagram(wanted, number, size);
    if (static_cast<u32>(length) != size ||
        !std::equal(wanted.begin(), wanted.end(), got.begin())) {
      std::printf("datagram %u: %zd bytes, or other ones than were sent\n", number, length);
      return 1;
    }
    if (number >= count || seen[number]) {
      std::printf("datagram %u was not sent, or came twice\n", number);
      return 1;
    }
    seen[number] = true;
  }
  std::printf("%u of %u datagrams of %u bytes\n", total, count, size);
  return total < count;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view verb = count > 1 ? words[1] : "";
  const auto number = [&](int at) {
    return static_cast<u32>(std::strtoul(words[at], nullptr, 10));
  };
  if (verb == "send" && count == 7)
    return send_all(words[2], number(3), number(4), number(5), number(6));
  if (verb == "receive" && count == 5) return receive_all(number(2), number(3), number(4));
  std::fputs("usage: udp_gso send IP PORT SIZE SEGMENTS COUNT | receive PORT SIZE COUNT\n", stderr);
  return 1;
}
