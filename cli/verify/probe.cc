// SPDX-License-Identifier: GPL-2.0-only
#include "cli/verify/probe.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>

namespace vnet::cli {
namespace {

constexpr vnet_u16 kExperimental = 0x88b5;
constexpr vnet_u8 kNobody[ETH_ALEN] = {0x02, 0x00, 0x00, 0x00, 0x88, 0xb5};  // locally administered

}  // namespace

Result<ProbeSender> ProbeSender::open(const std::string& device, size_t length) {
  const unsigned index = if_nametoindex(device.c_str());
  if (!index)
    return user::Error{fmt::format("'{}' is not in this network namespace, so it cannot be sent "
                                   "from: say -netns, or send something yourself",
                                   device),
                       ENODEV};
  user::UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));  // 0: receives nothing
  if (!fd) return user::errno_error("AF_PACKET");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(index);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return user::errno_error(device);
  std::vector<vnet_u8> frame(std::max<size_t>(length, ETH_ZLEN));
  std::copy(std::begin(kNobody), std::end(kNobody), frame.begin());
  std::copy(std::begin(kNobody), std::end(kNobody), frame.begin() + ETH_ALEN);
  frame[12] = kExperimental >> 8;
  frame[13] = kExperimental & 0xff;
  return ProbeSender(std::move(fd), std::move(frame));
}

Result<bool> ProbeSender::send() {
  if (::send(fd_.get(), frame_.data(), frame_.size(), 0) >= 0) return true;
  if (errno == ENOBUFS || errno == EAGAIN) return false;
  return user::errno_error("sending a probe");
}

Result<vnet_u64> send_evenly(ProbeSender& probe, vnet_u64 count, std::chrono::nanoseconds apart,
                             std::chrono::steady_clock::time_point end) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // 50 us otherwise: fewer wake-ups, but bunched frames
  const auto begin = std::chrono::steady_clock::now();
  vnet_u64 sent = 0;
  for (vnet_u64 i = 0; i < count; i++) {
    const auto when = begin + apart * static_cast<std::chrono::nanoseconds::rep>(i);
    if (when > end) break;
    std::this_thread::sleep_until(when);
    const Result<bool> taken = probe.send();
    if (!taken) return taken.error();
    sent += *taken;
  }
  return sent;
}

}  // namespace vnet::cli
