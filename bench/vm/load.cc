// SPDX-License-Identifier: GPL-2.0-only
// The loads whose instructions are counted, each between two marks that the plugin (insn.cc) sees.
//
//   load create KIND NAME PEER               a pair; nothing is counted
//   load pktgen LABEL FRAMES                 what pktgen is set up to send
//   load burst LABEL ADDRESS BURSTS FRAMES   UDP_SEGMENT: FRAMES frames of 60 bytes per call
//   load bulk LABEL NETNS ADDRESS MIB        TCP, one connection to a receiver in NETNS
//   load rr LABEL NETNS ADDRESS COUNT        UDP, one byte there and back
//   load pairs SCENARIO KIND COUNT           create COUNT pairs, then delete them
//
// A LABEL is "SCENARIO KIND". Prints "@ LABEL UNITS" per window, in the order of the windows, and
// for pairs "# memory SCENARIO KIND COUNT FREE SLAB PERCPU", the growth in KiB.
// Linked statically, with the marks at fixed addresses (run).
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "link.h"

extern "C" {
[[gnu::noipa, gnu::section(".bench_start")]] void bench_start() {}
[[gnu::noipa, gnu::section(".bench_stop")]] void bench_stop() {}
}

namespace {

using Arguments = std::vector<std::string>;
constexpr std::uint16_t kPort = 5201;

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

// Runs `serve` in a child in the namespace, with a socket that is ready before this returns.
template <typename Serve>
void start_server(const std::string& netns, int type, Serve serve) {
  int ready[2];
  expect(pipe(ready) == 0, "pipe");
  const pid_t child = fork();
  expect(child >= 0, "fork");
  if (child) {
    char byte;
    close(ready[1]);
    expect(read(ready[0], &byte, 1) == 1, "the server");
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int fd = open(("/run/netns/" + netns).c_str(), O_RDONLY);
  if (fd < 0 || setns(fd, CLONE_NEWNET) != 0) _exit(1);
  const int bound = bound_socket(type);
  if (type == SOCK_STREAM && listen(bound, 1) != 0) _exit(1);
  expect(write(ready[1], "", 1) == 1, "pipe");
  serve(bound);
  _exit(0);
}

void create(const Arguments& arguments) {
  Links().create_pair(arguments.at(0), arguments.at(1), arguments.at(2));
}

void pktgen(const Arguments& arguments) {
  const int control = open("/proc/net/pktgen/pgctrl", O_WRONLY);
  expect(control >= 0, "pgctrl");
  count(arguments.at(0), std::stoull(arguments.at(1)),
        [&] { expect(write(control, "start\n", 6) == 6, "pktgen"); });
}

void burst(const Arguments& arguments) {
  // 14 + 20 + 8 + 18 = 60 bytes, the shortest frame.
  constexpr int kPayload = 18;
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

constexpr std::size_t kChunk = 128 * 1024;

void receive_all(int fd, std::vector<char>& buffer, std::uint64_t bytes) {
  while (bytes) {
    const ssize_t got = read(fd, buffer.data(), std::min<std::uint64_t>(buffer.size(), bytes));
    if (got <= 0) _exit(1);
    bytes -= static_cast<std::uint64_t>(got);
  }
}

// The receiver answers with one byte when it has them all: the window holds both sides' work.
void bulk(const Arguments& arguments) {
  constexpr std::uint64_t kWarmUp = 64 << 20;  // past slow start and buffer growth
  const std::uint64_t kib = std::stoull(arguments.at(3)) << 10, bytes = kib << 10;
  start_server(arguments.at(1), SOCK_STREAM, [&](int bound) {
    const int fd = accept(bound, nullptr, nullptr);
    std::vector<char> buffer(kChunk);
    for (const std::uint64_t part : {kWarmUp, bytes}) {
      receive_all(fd, buffer, part);
      if (write(fd, "", 1) != 1) _exit(1);
    }
  });
  const int fd = connected_socket(SOCK_STREAM, arguments.at(2));
  const std::vector<char> buffer(kChunk, 'x');
  const auto send_all = [&](std::uint64_t left) {
    for (; left; left -= kChunk) {
      expect(write(fd, buffer.data(), kChunk) == static_cast<ssize_t>(kChunk), "write");
    }
    char byte;
    expect(read(fd, &byte, 1) == 1, "read");
  };
  send_all(kWarmUp);
  count(arguments.at(0), kib, [&] { send_all(bytes); });
}

void request_response(const Arguments& arguments) {
  const std::uint64_t requests = std::stoull(arguments.at(3));
  start_server(arguments.at(1), SOCK_DGRAM, [](int fd) {
    sockaddr_in from;
    char byte;
    for (;;) {
      socklen_t size = sizeof from;
      if (recvfrom(fd, &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &size) != 1 ||
          sendto(fd, &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), size) != 1)
        _exit(1);
    }
  });
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

void pairs(const Arguments& arguments) {
  const std::string &scenario = arguments.at(0), &kind = arguments.at(1);
  const std::uint64_t number = std::stoull(arguments.at(2));
  Links links;
  std::vector<std::string> names, peers;
  for (std::uint64_t i = 0; i < number; i++) {
    names.push_back("xa" + std::to_string(i));
    peers.push_back("xb" + std::to_string(i));
  }
  const std::vector<std::string> keys = {"MemFree", "Slab", "Percpu"};
  std::vector<std::uint64_t> before, after;
  for (const auto& key : keys) before.push_back(memory(key));
  count(scenario + ".create " + kind, number, [&] {
    for (std::uint64_t i = 0; i < number; i++) links.create_pair(kind, names[i], peers[i]);
  });
  for (const auto& key : keys) after.push_back(memory(key));
  std::printf("# memory %s %s %llu", scenario.c_str(), kind.c_str(),
              static_cast<unsigned long long>(number));
  for (std::size_t i = 0; i < keys.size(); i++) {
    const auto grown = static_cast<std::int64_t>(after[i] - before[i]);
    std::printf(" %lld", static_cast<long long>(i == 0 ? -grown : grown));  // MemFree shrinks
  }
  std::printf("\n");
  count(scenario + ".delete " + kind, number, [&] {
    for (const auto& name : names) links.remove(name);
  });
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) throw std::invalid_argument("usage: load create|pktgen|burst|bulk|rr|pairs ...");
  const std::string load = argv[1];
  const Arguments arguments(argv + 2, argv + argc);
  if (load == "create")
    create(arguments);
  else if (load == "pktgen")
    pktgen(arguments);
  else if (load == "burst")
    burst(arguments);
  else if (load == "bulk")
    bulk(arguments);
  else if (load == "rr")
    request_response(arguments);
  else if (load == "pairs")
    pairs(arguments);
  else
    throw std::invalid_argument("no load " + load);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "load: %s\n", error.what());
  return 1;
}
