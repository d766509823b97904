// SPDX-License-Identifier: GPL-2.0-only
// Sends a file over TCP by sendfile(2): the frames have the file's own pages.
//
//   send_file FILE IP PORT
//
// 0: all of it was sent, and the other end has read it.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "send_file: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

int connected(const char* ip, const char* port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
  if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) die(ip);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0) die("connect");
  return fd;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fputs("usage: send_file FILE IP PORT\n", stderr);
    return 1;
  }
  const int file = open(words[1], O_RDONLY);
  struct stat status = {};
  if (file < 0 || fstat(file, &status) < 0) die(words[1]);
  const int fd = connected(words[2], words[3]);
  off_t sent = 0;
  while (sent < status.st_size)
    if (sendfile(fd, file, &sent, static_cast<size_t>(status.st_size - sent)) <= 0) die("sendfile");
  shutdown(fd, SHUT_WR);
  char byte;
  if (read(fd, &byte, 1) != 0) die("the other end");
  return 0;
}
