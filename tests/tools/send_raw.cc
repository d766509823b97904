// SPDX-License-Identifier: GPL-2.0-only
// Sends frames as they are given, right or wrong.
//
//   send_raw DEV FRAME...            through AF_PACKET, which refuses what has no Ethernet header
//   send_raw dgram:DEV FRAME...      AF_PACKET's other kind of socket: FRAME is what stands behind
//                                    the Ethernet header, which the kernel writes, to everybody
//   send_raw tun:DEV FRAME...        written into the tun device DEV (made if need be): whatever tc
//                                    redirects from there has the given bytes for an Ethernet frame
//   send_raw frags:DEV FRAME...      through AF_PACKET; of a frame of a page or more only the
//                                    Ethernet header is linear, the rest is in fragments
//
//   FRAME   hexadecimal digits, with ":N" after them: zeros up to N bytes, or cut to N bytes
//           ("ffffffffffff02000000000108:14", ":0"); and "xM" at the end: M times
//
// 0: done. 2: a frame was refused; prints its number and the errno's name. 1: anything else.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Frame {
  Bytes bytes;
  unsigned times = 1;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "send_raw: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

Frame parse(std::string text) {
  Frame frame;
  if (const auto x = text.rfind('x'); x != std::string::npos) {
    frame.times = static_cast<unsigned>(std::stoul(text.substr(x + 1)));
    text.resize(x);
  }
  const auto colon = text.find(':');
  const std::string hex = text.substr(0, colon);
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    frame.bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(at, 2), nullptr, 16)));
  if (colon != std::string::npos) frame.bytes.resize(std::stoul(text.substr(colon + 1)));
  return frame;
}

sockaddr_ll everybody = {};

enum class Way { kPacket, kDgram, kTun, kFrags };

int open_packet(const char* device, Way way) {
  const int fd = socket(AF_PACKET, way == Way::kDgram ? SOCK_DGRAM : SOCK_RAW, 0);
  if (fd < 0) fail("AF_PACKET");
  const int with_header = 1;
  if (way == Way::kFrags &&
      setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &with_header, sizeof(with_header)) < 0)
    fail("PACKET_VNET_HDR");
  ifreq request = {};
  strncpy(request.ifr_name, device, sizeof(request.ifr_name) - 1);
  if (ioctl(fd, SIOCGIFINDEX, &request) < 0) fail(device);
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = request.ifr_ifindex;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0) fail("bind");
  everybody = address;
  everybody.sll_protocol = htons(0x88b5);  // IEEE 802, local experimental
  everybody.sll_halen = ETH_ALEN;
  memset(everybody.sll_addr, 0xff, ETH_ALEN);
  return fd;
}

int open_tun(const char* device) {
  const int fd = open("/dev/net/tun", O_RDWR);
  if (fd < 0) fail("/dev/net/tun");
  ifreq request = {};
  strncpy(request.ifr_name, device, sizeof(request.ifr_name) - 1);
  request.ifr_flags = IFF_TUN;  // with tun_pi: its protocol, or an odd first byte would be refused
  if (ioctl(fd, TUNSETIFF, &request) < 0) fail(device);
  return fd;
}

// struct virtio_net_hdr, whose Linux header is not valid C++: only hdr_len, the linear part, is
// set.
constexpr std::uint16_t kVirtioHeader[5] = {0, ETH_HLEN};

bool send_frame(int fd, Way way, const Bytes& bytes) {
  tun_pi information = {0, htons(ETH_P_LOOPBACK)};
  iovec parts[2] = {{&information, sizeof(information)},
                    {const_cast<std::uint8_t*>(bytes.data()), bytes.size()}};
  if (way == Way::kPacket) return ::send(fd, bytes.data(), bytes.size(), 0) >= 0;
  if (way == Way::kDgram)
    return sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&everybody),
                  sizeof(everybody)) >= 0;
  if (way == Way::kFrags)
    parts[0] = {const_cast<std::uint16_t*>(kVirtioHeader), sizeof(kVirtioHeader)};
  return writev(fd, parts, 2) >= 0;
}

int open_way(std::string_view target, Way& way) {
  way = target.starts_with("tun:")     ? Way::kTun
        : target.starts_with("dgram:") ? Way::kDgram
        : target.starts_with("frags:") ? Way::kFrags
                                       : Way::kPacket;
  const char* const device = target.data() + (way == Way::kPacket ? 0 : target.find(':') + 1);
  return way == Way::kTun ? open_tun(device) : open_packet(device, way);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: send_raw DEV|dgram:DEV|tun:DEV|frags:DEV FRAME...\n", stderr);
    return 1;
  }
  Way way;
  const int fd = open_way(argv[1], way);
  int status = 0;
  for (int i = 2; i < argc; i++) {
    const Frame frame = parse(argv[i]);
    for (unsigned n = 0; n < frame.times; n++) {
      if (send_frame(fd, way, frame.bytes)) continue;
      std::printf("frame %d (%zu bytes): %s\n", i - 1, frame.bytes.size(), strerrorname_np(errno));
      status = 2;
    }
  }
  close(fd);
  return status;
}
