// SPDX-License-Identifier: GPL-2.0-only
// The loads whose instructions are counted, each between two marks that the plugin (insn.cc) sees.
//
//   load create KIND NAME PEER               a pair; nothing is counted
//   load sizes NAME BYTES                    its super-frames; nothing is counted
//   load calibrate LABEL                     2,000,000 instructions in user space
//   load pktgen LABEL FRAMES                 what pktgen is set up to send
//   load burst LABEL ADDRESS BURSTS FRAMES   UDP_SEGMENT: FRAMES frames of 60 bytes per call
//   load held LABEL NETNS ADDRESS COUNT MS   UDP, COUNT frames of 60 bytes to p1 in NETNS, on a
//                                            wire that holds each for MS milliseconds
//   load bulk LABEL NETNS ADDRESS MIB        TCP, one connection to a receiver in NETNS
//   load rr LABEL NETNS ADDRESS COUNT        UDP, one byte there and back
//   load pairs SCENARIO KIND COUNT           create COUNT pairs, then delete them
//   load dump LABEL COUNT                    all devices of COUNT pairs in one dump; vnet's by its
//                                            own family, others' by RTM_GETLINK
//
// A LABEL is "SCENARIO KIND". Prints "@ LABEL UNITS" per window, in the order of the windows; for
// pairs and held "# memory LABEL COUNT FREE SLAB PERCPU", the growth in KiB; for held "# wire LABEL
// SENT ARRIVED".
// Linked statically, with the marks at fixed addresses (run).
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "dump.h"
#include "link.h"

extern "C" {
[[gnu::noipa, gnu::section(".bench_start")]] void bench_start() {}
[[gnu::noipa, gnu::section(".bench_stop")]] void bench_stop() {}
}

namespace {

using Arguments = std::vector<std::string>;
constexpr std::uint16_t kPort = 5201;
// 14 + 20 + 8 + 18 = 60 bytes, the shortest frame.
constexpr int kPayload = 18;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void expect(bool ok, const char* what) {
  if (!ok) fail(what);
}

template <typename Work>
void count(const std::string& label, std::uint64_t units, Work work) {
  // Every page of ours is in place: a fault would be counted.
  expect(mlockall(MCL_CURRENT) == 0, "mlockall");
  bench_start();
  work();
  bench_stop();
  std::printf("@ %s %llu\n", label.c_str(), static_cast<unsigned long long>(units));
  std::fflush(stdout);
}

sockaddr_in address_of(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1)
    throw std::invalid_argument("no address: " + text);
  return address;
}

int open_socket(int type) {
  const int fd = socket(AF_INET, type, 0);
  expect(fd >= 0, "socket");
  return fd;
}

int bound_socket(int type) {
  const int fd = open_socket(type), on = 1;
  expect(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  const sockaddr_in any = address_of("0.0.0.0");
  expect(bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0, "bind");
  return fd;
}

int connected_socket(int type, const std::string& to) {
  const int fd = open_socket(type);
  const sockaddr_in address = address_of(to);
  expect(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return fd;
}

void create(const Arguments& arguments) {
  Links().create_pair(arguments.at(0), arguments.at(1), arguments.at(2));
}

// A loop of two instructions, to compare with what the plugin counts.
void calibrate(const Arguments& arguments) {
  count(arguments.at(0), 1, [] {
    unsigned rounds = 1000000;
    asm volatile("1: dec %0\n jnz 1b" : "+r"(rounds) : : "cc");
  });
}

void pktgen(const Arguments& arguments) {
  const int control = open("/proc/net/pktgen/pgctrl", O_WRONLY);
  expect(control >= 0, "pgctrl");
  count(arguments.at(0), std::stoull(arguments.at(1)),
        [&] { expect(write(control, "start\n", 6) == 6, "pktgen"); });
}

void burst(const Arguments& arguments) {
  const std::uint64_t bursts = std::stoull(arguments.at(2)), frames = std::stoull(arguments.at(3));
  const int fd = connected_socket(SOCK_DGRAM, arguments.at(1));
  expect(setsockopt(fd, SOL_UDP, UDP_SEGMENT, &kPayload, sizeof kPayload) == 0, "UDP_SEGMENT");
  const std::string data(kPayload * frames, 'x');
  const auto send_bursts = [&](std::uint64_t times) {
    for (; times; times--)
      expect(write(fd, data.data(), data.size()) == static_cast<ssize_t>(data.size()), "write");
  };
  send_bursts(50);  // neighbour, route, slab caches
  count(arguments.at(0), bursts * frames, [&] { send_bursts(bursts); });
}

// What is opened in another namespace stays there.
template <typename Open>
int open_in(const std::string& netns, Open open_file) {
  const int home = open("/proc/self/ns/net", O_RDONLY);
  const int there = open(("/run/netns/" + netns).c_str(), O_RDONLY);
  expect(home >= 0 && there >= 0 && setns(there, CLONE_NEWNET) == 0, "setns");
  const int fd = open_file();
  expect(setns(home, CLONE_NEWNET) == 0, "setns");
  return fd;
}

int socket_in(const std::string& netns, int type) {
  return open_in(netns, [&] { return bound_socket(type); });
}

// Sender and receiver in turns, each as far as it gets: as two processes the scheduler decides how
// much is sent at a time, and the same device differs by 40 % between two connections.
class Stream {
 public:
  Stream(const std::string& netns, const std::string& to) : buffer_(128 * 1024, 'x') {
    const int bound = socket_in(netns, SOCK_STREAM);
    expect(listen(bound, 1) == 0, "listen");
    sender_ = connected_socket(SOCK_STREAM, to);
    receiver_ = accept(bound, nullptr, nullptr);
    expect(receiver_ >= 0, "accept");
  }

  void transfer(std::uint64_t bytes) {
    std::uint64_t to_send = bytes, to_receive = bytes;
    while (to_receive) {
      const std::uint64_t before = to_send + to_receive;
      while (to_send && step(to_send, ::send(sender_, buffer_.data(), size(to_send), MSG_DONTWAIT)))
        continue;
      while (to_receive &&
             step(to_receive, recv(receiver_, buffer_.data(), size(to_receive), MSG_DONTWAIT)))
        continue;
      if (to_send + to_receive == before) wait(to_send != 0);
    }
  }

 private:
  std::size_t size(std::uint64_t left) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size()));
  }

  static bool step(std::uint64_t& left, ssize_t done) {
    expect(done > 0 || (done < 0 && errno == EAGAIN), "the stream");
    if (done > 0) left -= static_cast<std::uint64_t>(done);
    return done > 0;
  }

  void wait(bool sending) const {
    pollfd sockets[] = {{receiver_, POLLIN, 0}, {sender_, POLLOUT, 0}};
    expect(poll(sockets, sending ? 2 : 1, 10000) > 0, "poll");
  }

  int sender_, receiver_;
  std::vector<char> buffer_;
};

void bulk(const Arguments& arguments) {
  constexpr std::uint64_t kWarmUp = 32 << 20;  // past slow start and buffer growth
  const std::uint64_t kib = std::stoull(arguments.at(3)) << 10;
  Stream stream(arguments.at(1), arguments.at(2));
  stream.transfer(kWarmUp);
  count(arguments.at(0), kib, [&] { stream.transfer(kib << 10); });
}

// A child in the namespace that sends back what comes. Its socket is ready before this returns.
void start_echo(const std::string& netns) {
  const int fd = socket_in(netns, SOCK_DGRAM);
  const pid_t child = fork();
  expect(child >= 0, "fork");
  if (child) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sockaddr_in from;
  char byte;
  for (;;) {
    socklen_t size = sizeof from;
    if (recvfrom(fd, &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &size) != 1 ||
        sendto(fd, &byte, 1, 0, reinterpret_cast<const sockaddr*>(&from), size) != 1)
      _exit(1);
  }
}

void request_response(const Arguments& arguments) {
  const std::uint64_t requests = std::stoull(arguments.at(3));
  start_echo(arguments.at(1));
  const int fd = connected_socket(SOCK_DGRAM, arguments.at(2));
  const auto exchange = [&](std::uint64_t times) {
    char byte = 'x';
    for (; times; times--) {
      expect(write(fd, &byte, 1) == 1, "write");
      expect(read(fd, &byte, 1) == 1, "read");
    }
  };
  exchange(50);
  count(arguments.at(0), requests, [&] { exchange(requests); });
}

// KiB, of /proc/meminfo.
std::uint64_t memory(const std::string& key) {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  std::uint64_t value;
  while (file >> name >> value && std::getline(file, unit))
    if (name == key + ":") return value;
  throw std::runtime_error("no " + key + " in /proc/meminfo");
}

// How much less memory is free, and how much more is used.
class Memory {
 public:
  Memory() { read(before_); }
  void grow() { read(after_); }
  void print(const std::string& label, std::uint64_t count) const {
    std::printf("# memory %s %llu", label.c_str(), static_cast<unsigned long long>(count));
    for (std::size_t i = 0; i < std::size(kKeys); i++) {
      const auto grown = static_cast<std::int64_t>(after_[i] - before_[i]);
      std::printf(" %lld", static_cast<long long>(i == 0 ? -grown : grown));  // MemFree shrinks
    }
    std::printf("\n");
  }

 private:
  static constexpr const char* kKeys[] = {"MemFree", "Slab", "Percpu"};
  using Values = std::array<std::uint64_t, std::size(kKeys)>;
  static void read(Values& values) {
    for (std::size_t i = 0; i < values.size(); i++) values[i] = memory(kKeys[i]);
  }
  Values before_, after_;
};

// Frames that have arrived at p1, by its namespace's /proc/net/dev.
std::uint64_t arrived(int devices) {
  char text[2048];
  const ssize_t size = pread(devices, text, sizeof text - 1, 0);
  expect(size > 0, "/proc/net/dev");
  text[size] = '\0';
  const char* const line = std::strstr(text, "p1:");
  unsigned long long bytes, packets;
  if (!line || std::sscanf(line, "p1: %llu %llu", &bytes, &packets) != 2)
    throw std::runtime_error("no p1 in /proc/net/dev");
  return packets;
}

// From the first frame's transmission until the last has arrived. What arrives later than the last
// was sent had been held at that moment.
void held(const Arguments& arguments) {
  const std::string& label = arguments.at(0);
  const std::uint64_t frames = std::stoull(arguments.at(3));
  const auto held_for = std::chrono::milliseconds(std::stoull(arguments.at(4)));
  const int fd = connected_socket(SOCK_DGRAM, arguments.at(2));
  const int devices =
      open_in(arguments.at(1), [] { return open("/proc/thread-self/net/dev", O_RDONLY); });
  expect(devices >= 0, "/proc/net/dev");
  const char data[kPayload] = {};
  const auto send_frames = [&](std::uint64_t times) {
    for (; times; times--) expect(write(fd, data, sizeof data) == kPayload, "write");
  };
  const auto drain = [&] { std::this_thread::sleep_for(held_for + std::chrono::milliseconds(20)); };
  send_frames(50);  // neighbour, route, slab caches
  drain();
  const std::uint64_t before = arrived(devices);
  Memory memory;
  std::uint64_t when_sent = 0;
  count(label, frames, [&] {
    send_frames(frames);
    when_sent = arrived(devices);
    memory.grow();
    drain();
  });
  const std::uint64_t after = arrived(devices);
  memory.print(label, after - when_sent);
  std::printf("# wire %s %llu %llu\n", label.c_str(), static_cast<unsigned long long>(frames),
              static_cast<unsigned long long>(after - before));
}

void pairs(const Arguments& arguments) {
  const std::string &scenario = arguments.at(0), &kind = arguments.at(1);
  const std::uint64_t number = std::stoull(arguments.at(2));
  Links links;
  std::vector<std::string> names, peers;
  for (std::uint64_t i = 0; i < number; i++) {
    names.push_back("xa" + std::to_string(i));
    peers.push_back("xb" + std::to_string(i));
  }
  Memory memory;
  count(scenario + ".create " + kind, number, [&] {
    for (std::uint64_t i = 0; i < number; i++) links.create_pair(kind, names[i], peers[i]);
  });
  memory.grow();
  memory.print(scenario + " " + kind, number);
  count(scenario + ".delete " + kind, number, [&] {
    for (const auto& name : names) links.remove(name);
  });
}

// Whose devices there are besides, `lo`, is no device of the family vnet.
void dump(const Arguments& arguments) {
  const std::string label = arguments.at(0), kind = label.substr(label.find(' ') + 1);
  const std::uint64_t number = std::stoull(arguments.at(1));
  Links links;
  for (std::uint64_t i = 0; i < number; i++)
    links.create_pair(kind, "a" + std::to_string(i), "b" + std::to_string(i));
  Dump dump(kind);
  std::uint64_t devices = dump.run();  // warms up
  expect(devices >= 2 * number && devices <= 2 * number + 1, "devices in the dump");
  count(label, 2 * number, [&] { devices -= dump.run(); });
  expect(devices == 0, "as many devices again");
  for (std::uint64_t i = 0; i < number; i++) links.remove("a" + std::to_string(i));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2)
    throw std::invalid_argument(
        "usage: load create|sizes|calibrate|pktgen|burst|held|bulk|rr|pairs|dump ...");
  const std::string load = argv[1];
  const Arguments arguments(argv + 2, argv + argc);
  if (load == "create")
    create(arguments);
  else if (load == "sizes")
    Links().set_sizes(arguments.at(0), static_cast<std::uint32_t>(std::stoul(arguments.at(1))));
  else if (load == "calibrate")
    calibrate(arguments);
  else if (load == "pktgen")
    pktgen(arguments);
  else if (load == "burst")
    burst(arguments);
  else if (load == "held")
    held(arguments);
  else if (load == "bulk")
    bulk(arguments);
  else if (load == "rr")
    request_response(arguments);
  else if (load == "pairs")
    pairs(arguments);
  else if (load == "dump")
    dump(arguments);
  else
    throw std::invalid_argument("no load " + load);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "load: %s\n", error.what());
  return 1;
}
