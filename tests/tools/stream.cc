// SPDX-License-Identifier: GPL-2.0-only
// A steady stream of messages, one every 10 ms: does it live, is it what was sent, how long was it
// silent?
//
//   stream send tcp|udp IP PORT SECONDS   SIGTERM ends it earlier
//   stream receive tcp|udp PORT [MS]   prints "ready", then each silence of 100 ms and more with
//   the
//                                      time of day at which it ended, at last the sum of it
//
// The receiver's exit status is 0 if the end of the stream came, no byte was wrong, nothing was
// lost (TCP) and no silence was longer than MS milliseconds. A message is numbered, and its bytes
// follow from its number.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using u8 = std::uint8_t;
using u32 = std::uint32_t;

constexpr u32 kPeriodMs = 10, kTold = 100;
constexpr int kLastCopies = 50;  // of a datagram stream's last message, half a second of them

struct Message {
  u32 number, count;  // in network order; count: how many there are, in the last one only
  std::array<u8, 248> filler;
};

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void wait_until(double when) {
  const double left = when - now();
  if (left <= 0) return;
  const auto whole = static_cast<time_t>(left);
  const timespec pause = {whole, static_cast<long>((left - static_cast<double>(whole)) * 1e9)};
  nanosleep(&pause, nullptr);
}

Message message(u32 number, u32 count) {
  Message made{htonl(number), htonl(count), {}};
  for (u32 i = 0; i < made.filler.size(); i++) made.filler[i] = static_cast<u8>(number * 31 + i);
  return made;
}

sockaddr_in address_of(const char* ip, const char* port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
  if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) die(ip);
  return address;
}

int open_socket(bool tcp) {
  const int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0), on = 1;
  if (fd < 0) die("socket");
  if (tcp && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0) die("TCP_NODELAY");
  return fd;
}

// A datagram that has no way at the moment is a lost one.
void send_message(int fd, bool tcp, const Message& one) {
  if (send(fd, &one, sizeof(one), MSG_NOSIGNAL) == sizeof(one)) return;
  if (tcp) die("send");
}

volatile sig_atomic_t is_over = 0;

void send_all(bool tcp, const char* ip, const char* port, double seconds) {
  const int fd = open_socket(tcp);
  const sockaddr_in to = address_of(ip, port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) < 0) die("connect");
  signal(SIGTERM, [](int) { is_over = 1; });
  u32 count = static_cast<u32>(seconds * 1000 / kPeriodMs);
  const double begun = now();
  for (u32 i = 1; i <= count; i++) {
    if (is_over) count = i;
    send_message(fd, tcp, message(i, i == count ? count : 0));
    wait_until(begun + i * kPeriodMs / 1000.0);
  }
  for (int i = 1; !tcp && i < kLastCopies; i++) {
    send_message(fd, tcp, message(count, count));
    wait_until(begun + (count + static_cast<u32>(i)) * kPeriodMs / 1000.0);
  }
  char end;
  if (tcp && (shutdown(fd, SHUT_WR) < 0 || read(fd, &end, 1) != 0)) die("the receiver's end");
}

class Receiver {
 public:
  void take(const Message& one) {
    const u32 number = ntohl(one.number);
    const double time = now();
    if (messages_ == 0) first_ = last_ = time;
    note_silence(time);
    const Message wanted = message(number, ntohl(one.count));
    if (memcmp(&wanted, &one, sizeof(one)) != 0) {
      wrong_++;
      return;
    }
    messages_++;
    late_ += number < highest_;
    highest_ = std::max(highest_, number);
    if (one.count) count_ = ntohl(one.count);
  }
  bool ended() const { return count_ != 0; }

  bool verdict(bool tcp, double most) const {
    const u32 lost = ended() ? count_ - std::min(count_, messages_) : 0;
    std::printf("%s: %u messages, %u late, %u lost, %u wrong, %s; longest silence %.0f ms\n",
                tcp ? "tcp" : "udp", messages_, late_, lost, wrong_,
                ended() ? "to the end" : "no end", longest_ * 1000);
    return ended() && wrong_ == 0 && (!tcp || lost + late_ == 0) && longest_ * 1000 <= most;
  }

 private:
  void note_silence(double time) {
    const double silence = time - last_;
    last_ = time;
    longest_ = std::max(longest_, silence);
    if (silence * 1000 < kTold) return;
    char clock[16];
    const time_t day = ::time(nullptr);
    tm local;
    strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&day, &local));
    std::printf("silence of %.0f ms until %s, %.2f s after the first message\n", silence * 1000,
                clock, time - first_);
    std::fflush(stdout);
  }

  u32 messages_ = 0, late_ = 0, wrong_ = 0, highest_ = 0, count_ = 0;
  double first_ = 0, last_ = 0, longest_ = 0;
};

// Nobody waits for ever for what does not come.
void set_patience(int fd) {
  const timeval patience = {300, 0};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0) die("SO_RCVTIMEO");
}

int listen_at(bool tcp, const char* port) {
  int fd = open_socket(tcp);
  const int on = 1, room = 4 << 20;
  const sockaddr_in own = address_of("0.0.0.0", port);
  // What was held up may come all at once; what finds no room here would count as lost on the way.
  if (!tcp && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
    die("SO_RCVBUFFORCE");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) die("SO_REUSEADDR");
  if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) < 0) die("bind");
  if (tcp && listen(fd, 1) < 0) die("listen");
  std::puts("ready");
  std::fflush(stdout);
  set_patience(fd);
  if (tcp && (fd = accept(fd, nullptr, nullptr)) < 0) die("accept");
  set_patience(fd);
  return fd;
}

bool receive_all(bool tcp, const char* port, double most) {
  const int fd = listen_at(tcp, port);
  Receiver receiver;
  Message one;
  while (!receiver.ended() &&
         recv(fd, &one, sizeof(one), tcp ? MSG_WAITALL : 0) == static_cast<ssize_t>(sizeof(one)))
    receiver.take(one);
  return receiver.verdict(tcp, most);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc > 2 ? argv[1] : "", protocol = argc > 2 ? argv[2] : "";
  const bool tcp = protocol == "tcp";
  if (!tcp && protocol != "udp") {
  } else if (verb == "send" && argc == 6) {
    send_all(tcp, argv[3], argv[4], std::atof(argv[5]));
    return 0;
  } else if (verb == "receive" && (argc == 4 || argc == 5)) {
    return receive_all(tcp, argv[3], argc == 5 ? std::atof(argv[4]) : 1e9) ? 0 : 1;
  }
  std::fprintf(stderr, "usage: stream send tcp|udp IP PORT SECONDS | receive tcp|udp PORT [MS]\n");
  return 1;
}
