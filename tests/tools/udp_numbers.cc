// SPDX-License-Identifier: GPL-2.0-only
// Numbered UDP datagrams, one frame each, and which of them did not come.
//
//   udp_numbers send IP PORT COUNT   the datagrams 1 to COUNT, a few thousand a second
//   udp_numbers receive PORT COUNT   prints "ready"; after datagram COUNT, or 15 s of silence
//                                    behind the first, the numbers that are missing, one a line
//
// Datagram N is N in network order and 60 bytes more.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using u32 = std::uint32_t;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "udp_numbers: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

u32 number(const char* text) {
  return static_cast<u32>(std::strtoul(text, nullptr, 10));
}

sockaddr_in address_of(const char* ip, const char* port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(number(port)));
  if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) die(ip);
  return address;
}

int open_udp() {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) die("socket");
  return fd;
}

void send_all(const char* ip, const char* port, u32 count) {
  const int fd = open_udp();
  const sockaddr_in to = address_of(ip, port);
  for (u32 i = 1; i <= count; i++) {
    u32 datagram[16] = {htonl(i)};
    if (sendto(fd, datagram, sizeof(datagram), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof(to)) < 0)
      die("sendto");
    const timespec pause = {0, 200000};
    nanosleep(&pause, nullptr);
  }
}

void receive_all(const char* port, u32 count) {
  const int fd = open_udp();
  const sockaddr_in own = address_of("0.0.0.0", port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) < 0) die("bind");
  // All that are sent, if need be: on a busy machine it is long until this process runs again.
  const int room = 32 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0) die("SO_RCVBUFFORCE");
  std::puts("ready");
  std::fflush(stdout);
  std::vector<bool> came(count + 1);
  timeval wait = {30, 0};
  for (u32 last = 0; last != count;) {
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0) die("SO_RCVTIMEO");
    u32 datagram[16];
    if (recv(fd, datagram, sizeof(datagram), 0) < 0) break;
    last = ntohl(datagram[0]);
    if (last <= count) came[last] = true;
    wait = {15, 0};  // a busy machine may let the sender wait for seconds
  }
  for (u32 i = 1; i <= count; i++)
    if (!came[i]) std::printf("%u\n", i);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "send" && argc == 5) {
    send_all(argv[2], argv[3], number(argv[4]));
  } else if (verb == "receive" && argc == 4) {
    receive_all(argv[2], number(argv[3]));
  } else {
    std::fprintf(stderr, "usage: udp_numbers send IP PORT COUNT | receive PORT COUNT\n");
    return 1;
  }
  return 0;
}
