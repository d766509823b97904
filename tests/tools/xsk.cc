// SPDX-License-Identifier: GPL-2.0-only
// AF_XDP on a device: what a user of libxdp does, and checks of every frame.
//
//   xsk bind DEVICE any|copy|zerocopy        prints the mode it got, or the errno's name
//   xsk receive DEVICE OBJECT QUEUES COUNT   attaches to_socket of OBJECT, prints "ready", waits
//   for
//                                            the datagrams 0 to COUNT-1 to port 7777
//   xsk hold DEVICE OBJECT COUNT             the same on queue 0 with COUNT buffers, which it keeps
//                                            until it is killed
//   xsk transmit DEVICE QUEUE COUNT MAC      sends them from 10.0.0.2 to 10.0.0.1 with that MAC
//
// A datagram's payload is its number, six decimal digits and a newline. 0: all of it went well.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/if.h>
#include <poll.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "tests/tools/xsk_socket.h"

namespace {

using xsk::die;
using xsk::Socket;
using xsk::u32;
using xsk::u64;
using xsk::u8;
using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kPort = 7777;
constexpr u32 kPayload = 7;
constexpr u32 kHeaders = sizeof(ethhdr) + sizeof(iphdr) + sizeof(udphdr);
constexpr auto kPatience = std::chrono::seconds(30);

// RFC 1071: over whole words of network order, odd bytes padded.
u32 add(u32 sum, std::span<const u8> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i++) sum += i % 2 ? bytes[i] : u32{bytes[i]} << 8;
  return sum;
}
std::uint16_t fold(u32 sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}
// Of the UDP datagram behind an IPv4 header without options, with its pseudo-header (RFC 768).
std::uint16_t udp_sum(std::span<const u8> ip, u32 length) {
  return fold(add(IPPROTO_UDP + length, ip.subspan(12, 8 + length)));
}

// The number in a frame; exits if anything about it is wrong.
u32 check(std::span<const u8> frame) {
  if (frame.size() < kHeaders + kPayload) die("a frame is too short", EBADMSG);
  const auto ip = frame.subspan(sizeof(ethhdr));
  const u32 length = u32{ip[24]} << 8 | ip[25];
  if (length != sizeof(udphdr) + kPayload) die("a datagram has another length", EBADMSG);
  if (fold(add(0, ip.first(sizeof(iphdr)))) != 0xffff) die("wrong IPv4 checksum", EBADMSG);
  if (udp_sum(ip, length) != 0xffff) die("wrong UDP checksum", EBADMSG);
  return static_cast<u32>(
      std::strtoul(reinterpret_cast<const char*>(frame.data() + kHeaders), nullptr, 10));
}

u32 make(std::span<u8> frame, u32 number, const u8 (&mac)[ETH_ALEN]) {
  char payload[kPayload + 1];
  std::snprintf(payload, sizeof(payload), "%06u\n", number % 1000000);
  ethhdr eth = {};
  std::memcpy(eth.h_dest, mac, ETH_ALEN);
  eth.h_source[0] = 2;
  eth.h_proto = htons(ETH_P_IP);
  udphdr udp = {};
  udp.source = udp.dest = htons(kPort);
  udp.len = htons(sizeof(udphdr) + kPayload);
  iphdr ip = {};
  ip.version = 4;
  ip.ihl = 5;
  ip.ttl = 64;
  ip.protocol = IPPROTO_UDP;
  ip.tot_len = htons(sizeof(iphdr) + sizeof(udphdr) + kPayload);
  ip.saddr = htonl(0x0a000002);
  ip.daddr = htonl(0x0a000001);
  u8* const at = frame.data();
  u8* const ip_at = at + sizeof(eth);
  std::memcpy(at, &eth, sizeof(eth));
  std::memcpy(ip_at, &ip, sizeof(ip));
  std::memcpy(ip_at + sizeof(ip), &udp, sizeof(udp));
  std::memcpy(at + kHeaders, payload, kPayload);
  ip.check = htons(static_cast<std::uint16_t>(~fold(add(0, {ip_at, sizeof(ip)}))));
  std::memcpy(ip_at, &ip, sizeof(ip));
  udp.check = htons(
      static_cast<std::uint16_t>(~udp_sum(frame.subspan(sizeof(eth)), sizeof(udphdr) + kPayload)));
  std::memcpy(ip_at + sizeof(ip), &udp, sizeof(udp));
  return kHeaders + kPayload;
}

void attach(u32 device, const char* path, std::span<Socket> sockets) {
  bpf_object* const object = bpf_object__open_file(path, nullptr);
  if (object == nullptr) die(path);
  if (const int error = bpf_object__load(object); error != 0) die("load", -error);
  const bpf_map* const map = bpf_object__find_map_by_name(object, "sockets");
  const bpf_program* const program = bpf_object__find_program_by_name(object, "to_socket");
  for (u32 queue = 0; queue < sockets.size(); queue++) {
    const int fd = sockets[queue].fd();
    if (const int error = bpf_map__update_elem(map, &queue, sizeof(queue), &fd, sizeof(fd), 0))
      die("map", -error);
  }
  if (const int error = bpf_xdp_attach(static_cast<int>(device), bpf_program__fd(program),
                                       XDP_FLAGS_DRV_MODE, nullptr))
    die("attach", -error);
}

class Receiver {
 public:
  Receiver(u32 device, const char* object, u32 queues, u32 count, u32 buffers, bool refill)
      : sockets_(queues), seen_(count), taken_(queues), refill_(refill) {
    for (u32 queue = 0; queue < queues; queue++) {
      for (u32 i = 0; i < buffers; i++) sockets_[queue].fill.put(u64{i} * xsk::kFrameSize);
      if (const int error = sockets_[queue].bind(device, queue, XDP_COPY)) die("bind", error);
      polls_.push_back({sockets_[queue].fd(), POLLIN, 0});
    }
    attach(device, object, sockets_);
    std::puts("ready");
    std::fflush(stdout);
  }

  int run() {
    const auto end = Clock::now() + kPatience;
    u32 total = 0;
    while (total < seen_.size() && Clock::now() < end) {
      poll(polls_.data(), polls_.size(), 1000);
      for (u32 queue = 0; queue < sockets_.size(); queue++) total += drain(queue);
    }
    std::printf("%u of %zu received:", total, seen_.size());
    for (const u32 taken : taken_) std::printf(" %u", taken);
    std::puts("");
    std::fflush(stdout);
    if (!refill_) pause();
    return total < seen_.size();
  }

 private:
  u32 drain(u32 queue) {
    Socket& socket = sockets_[queue];
    u32 count = 0;
    for (xdp_desc frame; socket.rx.take(frame); count++) {
      const u32 number = check(socket.bytes(frame.addr, frame.len));
      if (!refill_) continue;
      if (number >= seen_.size() || seen_[number]) die("a number that was not sent", EBADMSG);
      seen_[number] = true;
      socket.fill.put(frame.addr & ~u64{xsk::kFrameSize - 1});
    }
    taken_[queue] += count;
    return count;
  }

  std::vector<Socket> sockets_;
  std::vector<pollfd> polls_;
  std::vector<bool> seen_;
  std::vector<u32> taken_;
  const bool refill_;
};

int transmit(u32 device, u32 queue, u32 count, const u8 (&mac)[ETH_ALEN]) {
  Socket socket;
  if (const int error = socket.bind(device, queue, XDP_COPY)) die("bind", error);
  const auto end = Clock::now() + kPatience;
  u32 sent = 0, completed = 0;
  while (completed < count && Clock::now() < end) {
    while (sent < count && sent - completed < xsk::kFrames) {
      const u64 address = u64{sent % xsk::kFrames} * xsk::kFrameSize;
      const u32 length = make(socket.bytes(address, xsk::kFrameSize), sent, mac);
      socket.tx.put({address, length, 0});
      sent++;
    }
    const int error = socket.kick();
    if (error && error != EAGAIN && error != EBUSY && error != ENOBUFS) die("sendto", error);
    for (u64 address; socket.completion.take(address);) completed++;
  }
  std::printf("%u of %u completed\n", completed, count);
  return completed < count;
}

int bind_as(u32 device, std::string_view mode) {
  const unsigned flags = mode == "copy" ? XDP_COPY : mode == "zerocopy" ? XDP_ZEROCOPY : 0;
  Socket socket;
  if (const int error = socket.bind(device, 0, flags)) {
    std::puts(strerrorname_np(error));
    return 1;
  }
  std::puts(socket.zero_copy() ? "zerocopy" : "copy");
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view verb = count > 1 ? words[1] : "";
  const u32 device = count > 2 ? if_nametoindex(words[2]) : 0;
  if (device == 0) die("a verb and a device", EINVAL);
  const auto number = [&](int at) {
    return static_cast<u32>(std::strtoul(words[at], nullptr, 10));
  };
  if (verb == "bind" && count == 4) return bind_as(device, words[3]);
  if (verb == "receive" && count == 6)
    return Receiver(device, words[3], number(4), number(5), xsk::kFrames, true).run();
  if (verb == "hold" && count == 5)
    return Receiver(device, words[3], 1, number(4), number(4), false).run();
  u8 mac[ETH_ALEN];
  if (verb == "transmit" && count == 6 &&
      std::sscanf(words[5], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
                  &mac[4], &mac[5]) == ETH_ALEN)
    return transmit(device, number(3), number(4), mac);
  die("wrong words", EINVAL);
}
