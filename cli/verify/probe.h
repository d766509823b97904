// SPDX-License-Identifier: GPL-2.0-only
// Frames for a wire that has none of its own: from the device, by AF_PACKET, of the ethertype for
// local experiments (0x88b5, IEEE 802) and to nobody, so that the receiver's filter drops them when
// they have crossed.
#pragma once

#include <vnet/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

using user::Failure;
using user::Result;

class ProbeSender {
 public:
  // `length` with the Ethernet header.
  static Result<ProbeSender> open(const std::string& device, size_t length);

  // One frame now. False: the device had no room for it.
  Result<bool> send();
  size_t length() const { return frame_.size(); }

 private:
  ProbeSender(user::UniqueFd fd, std::vector<vnet_u8> frame)
      : fd_(std::move(fd)), frame_(std::move(frame)) {}
  user::UniqueFd fd_;
  std::vector<vnet_u8> frame_;
};

// Sleeps until each frame's time, and sends; stops at the end or with the first error. Several are
// sent at once where the system wakes us too late. Returns how many were sent.
Result<vnet_u64> send_evenly(ProbeSender& probe, vnet_u64 count, std::chrono::nanoseconds apart,
                             std::chrono::steady_clock::time_point end);

}  // namespace vnet::cli
