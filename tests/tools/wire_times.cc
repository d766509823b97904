// SPDX-License-Identifier: GPL-2.0-only
// How long frames take from one device to another: numbered frames of the ethertype for local
// experiments, with the time when they were sent, and the kernel's time stamp of their arrival.
//
//   wire_times DEV NETNS PEER COUNT APART_US LENGTH BASE_NS DELAY_NS
//
// from DEV here to PEER in the named namespace ("-": here), until COUNT came or none did for 3 s.
// Prints lines "NAME VALUE": sent, came, inverted (frames behind a later one); rate, in bits per
// second between the first and the last arrival; and in ns, of how much longer than BASE_NS +
// DELAY_NS they took: least, p1, p50, p99, p99.9, most, mean, deviation.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using u64 = std::uint64_t;
using s64 = std::int64_t;

constexpr std::uint16_t kType = 0x88b5;
constexpr s64 kSecond = 1000000000, kPatience = 3 * kSecond;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "wire_times: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

s64 ns_of(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}

s64 now_ns(clockid_t clock = CLOCK_REALTIME) {
  timespec now;
  clock_gettime(clock, &now);
  return ns_of(now);
}

int packet_socket(const char* device, int type) {
  const int fd = socket(AF_PACKET, SOCK_RAW, htons(static_cast<std::uint16_t>(type)));
  if (fd < 0) die("socket");
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(static_cast<std::uint16_t>(type));
  address.sll_ifindex = static_cast<int>(if_nametoindex(device));
  if (!address.sll_ifindex) die(device);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address)) die(device);
  return fd;
}

struct Receiver {
  int fd;
  std::uint8_t mac[ETH_ALEN];

  Receiver(const std::string& netns, const char* device) {
    const int home = open("/proc/self/ns/net", O_RDONLY);
    if (netns != "-") {
      const int there = open(("/run/netns/" + netns).c_str(), O_RDONLY);
      if (there < 0 || setns(there, CLONE_NEWNET)) die(netns.c_str());
    }
    fd = packet_socket(device, kType);
    ifreq request = {};
    strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFHWADDR, &request)) die(device);
    memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
    const int on = 1, room = 256 << 20;
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on)) die("SO_TIMESTAMPNS");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (setns(home, CLONE_NEWNET)) die("setns");
  }
};

struct Arrival {
  u64 number;
  s64 took, at;
};

class Flow {
 public:
  Flow(char** arguments)
      : receiver_(arguments[2], arguments[3]),
        sender_(packet_socket(arguments[1], 0)),
        count_(std::strtoull(arguments[4], nullptr, 10)),
        apart_(std::strtoll(arguments[5], nullptr, 10) * 1000),
        frame_(std::max<size_t>(std::strtoull(arguments[6], nullptr, 10), ETH_ZLEN)),
        expected_(std::strtoll(arguments[7], nullptr, 10) +
                  std::strtoll(arguments[8], nullptr, 10)) {
    memcpy(frame_.data(), receiver_.mac, ETH_ALEN);
    memcpy(frame_.data() + ETH_ALEN, receiver_.mac, ETH_ALEN);
    frame_[12] = kType >> 8;
    frame_[13] = kType & 0xff;
    arrivals_.reserve(count_);
  }

  void run() {
    const s64 begin = now_ns(CLOCK_MONOTONIC);
    for (u64 i = 0; i < count_; i++) {
      sleep_until(begin + static_cast<s64>(i) * apart_);
      send(i);
      if (i % 64 == 0) receive();
    }
    for (s64 last = now_ns(CLOCK_MONOTONIC);
         arrivals_.size() < sent_ && now_ns(CLOCK_MONOTONIC) < last + kPatience;) {
      pollfd wanted = {receiver_.fd, POLLIN, 0};
      const size_t before = arrivals_.size();
      if (poll(&wanted, 1, 500) > 0) receive();
      if (arrivals_.size() != before) last = now_ns(CLOCK_MONOTONIC);
    }
  }

  void print() const {
    u64 inverted = 0, latest = 0;
    s64 first = INT64_MAX, last = 0;
    std::vector<s64> more;
    for (const Arrival& each : arrivals_) {
      inverted += each.number < latest;
      latest = std::max(latest, each.number);
      first = std::min(first, each.at);
      last = std::max(last, each.at);
      more.push_back(each.took - expected_);
    }
    std::printf("sent %llu\ncame %zu\ninverted %llu\n", static_cast<unsigned long long>(sent_),
                more.size(), static_cast<unsigned long long>(inverted));
    if (more.size() < 2) return;
    const auto count = static_cast<double>(more.size());
    std::printf("rate %.1f\n", (count - 1) * 8 * static_cast<double>(frame_.size()) * 1e9 /
                                   static_cast<double>(last - first));
    print_times(more, count);
  }

 private:
  static void print_times(std::vector<s64>& more, double count) {
    std::sort(more.begin(), more.end());
    const auto quantile = [&](double p) {
      return static_cast<long long>(more[static_cast<size_t>(p * (count - 1))]);
    };
    double sum = 0, squares = 0;
    for (const s64 each : more) sum += static_cast<double>(each);
    const double mean = sum / count;
    for (const s64 each : more) {
      const double from = static_cast<double>(each) - mean;
      squares += from * from;
    }
    std::printf("least %lld\np1 %lld\np50 %lld\np99 %lld\np99.9 %lld\nmost %lld\n", quantile(0),
                quantile(0.01), quantile(0.5), quantile(0.99), quantile(0.999), quantile(1));
    std::printf("mean %.0f\ndeviation %.0f\n", mean, std::sqrt(squares / count));
  }

  static void sleep_until(s64 when) {
    const timespec time = {when / kSecond, when % kSecond};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
    }
  }

  void send(u64 number) {
    memcpy(frame_.data() + 14, &number, sizeof number);
    const s64 now = now_ns();
    memcpy(frame_.data() + 22, &now, sizeof now);
    if (::send(sender_, frame_.data(), frame_.size(), 0) >= 0)
      sent_++;
    else if (errno != ENOBUFS)
      die("send");
  }

  void receive() {
    std::vector<std::uint8_t> bytes(frame_.size());
    for (;;) {
      alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))];
      iovec part = {bytes.data(), bytes.size()};
      msghdr message = {};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const ssize_t got = recvmsg(receiver_.fd, &message, MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return;
      if (got < ETH_ZLEN) die("recvmsg");
      const cmsghdr* const header = CMSG_FIRSTHDR(&message);
      if (!header || header->cmsg_type != SCM_TIMESTAMPNS) die("no time stamp");
      timespec at;
      memcpy(&at, CMSG_DATA(header), sizeof at);
      Arrival arrival;
      s64 sent;
      memcpy(&arrival.number, bytes.data() + 14, sizeof arrival.number);
      memcpy(&sent, bytes.data() + 22, sizeof sent);
      arrival.at = ns_of(at);
      arrival.took = arrival.at - sent;
      arrivals_.push_back(arrival);
    }
  }

  Receiver receiver_;
  int sender_;
  u64 count_, sent_ = 0;
  s64 apart_;
  std::vector<std::uint8_t> frame_;
  s64 expected_;
  std::vector<Arrival> arrivals_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 9) {
    std::fprintf(stderr,
                 "usage: wire_times DEV NETNS PEER COUNT APART_US LENGTH BASE_NS DELAY_NS\n");
    return 1;
  }
  prctl(PR_SET_TIMERSLACK, 1UL);
  Flow flow(arguments);
  flow.run();
  flow.print();
  return 0;
}
