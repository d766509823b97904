// SPDX-License-Identifier: GPL-2.0-only
// Receiving a datagram of any length: of netlink, or of a driver's socket.
#pragma once

#include <vnet/types.h>

#include <cstddef>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

class Datagram {
 public:
  // Waits as long as the socket does; with MSG_DONTWAIT in `flags` not at all (EAGAIN). A peer that
  // has closed is ECONNRESET.
  user::Failure receive(int socket, int flags = 0);

  const void* data() const { return words_.data(); }  // aligned to 4 bytes
  size_t size() const { return size_; }

 private:
  std::vector<vnet_u32> words_;
  size_t size_ = 0;
};

}  // namespace vnet::cli
