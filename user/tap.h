// SPDX-License-Identifier: GPL-2.0-only
// A TAP: a network device whose other side is a file descriptor. It lives as long as that does,
// so that even SIGKILL leaves nothing behind. See Documentation/networking/tuntap.rst.
#pragma once

#include <sys/types.h>

#include <string>

#include "user/fd.h"
#include "user/frame_pool.h"
#include "user/result.h"

namespace vnet::user {

class Tap {
 public:
  static constexpr unsigned kMtuMax = 65521;  // drivers/net/tun.c: 65535 less the Ethernet header

  // Tells what keeps this process from creating any TAP, before it tries.
  static Failure probe();
  // Creates a device of exactly this name, with every offload the kernel has for TAPs.
  static Result<Tap> create(const std::string& name);

  int fd() const { return fd_.get(); }

  // Reads one frame, or writes one. -errno if it failed; the frame's length otherwise.
  ssize_t receive(PoolFrame& frame) const;
  ssize_t send(const PoolFrame& frame) const;

  Failure set_carrier(bool up) const;
  // Whether the stack may leave checksums and segmentation of what it sends to us. Without, it
  // completes them before a frame can be read; those that wait to be read stay as they are.
  Failure set_offloads(bool on) const;
  // The device's present name and namespace; the code is EBADFD when it is gone.
  Result<std::string> device_name() const;
  Result<UniqueFd> device_netns() const;

 private:
  explicit Tap(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace vnet::user
