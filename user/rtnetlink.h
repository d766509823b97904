// SPDX-License-Identifier: GPL-2.0-only
// Questions and orders to rtnetlink. The kernel answers while the question is sent, so these
// calls do not wait for anything but its RTNL lock.
#pragma once

#include <vnet/types.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "user/link_state.h"
#include "user/result.h"

struct mnl_socket;
struct nlmsghdr;

namespace vnet::user {

struct MnlClose {
  void operator()(mnl_socket* socket) const;
};
using MnlSocket = std::unique_ptr<mnl_socket, MnlClose>;

// A namespace as the one we are in numbers it; see ip-netns(8), "ip netns list-id".
inline constexpr int kOwnNetns = -1;

class Rtnetlink {
 public:
  static Result<Rtnetlink> open();

  Result<LinkState> link(const std::string& name, int nsid = kOwnNetns);

  struct Settings {
    vnet_u32 mtu;
    vnet_u32 tx_queue_len;
    std::optional<std::array<vnet_u8, 6>> mac;
  };
  Failure set_link(const std::string& name, const Settings& settings);

  // The number of the namespace that `netns_fd` is open on; gives it one if it has none.
  Result<int> nsid(int netns_fd);

  // Whether any IPv4 route but a default route overlaps network/24.
  Result<bool> has_route(vnet_u32 network);

 private:
  explicit Rtnetlink(MnlSocket socket) : socket_(std::move(socket)) {}
  nlmsghdr* start(vnet_u16 type, vnet_u16 flags);
  // Sends what start() began, and calls `handler(message)` for each answer. -errno, or 0.
  template <typename Handler>
  int exchange(nlmsghdr* request, const Handler& handler);
  int order(nlmsghdr* request);

  static constexpr size_t kBufferSize = 64 * 1024;  // one link message with room to spare

  MnlSocket socket_;
  std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(kBufferSize);
  vnet_u32 sequence_ = 0;
};

}  // namespace vnet::user
