// SPDX-License-Identifier: GPL-2.0-only
// What the stack sees of a device: AF_PACKET with a ring that the kernel fills, version 3
// (Documentation/networking/packet_mmap.rst). The device's MAC filter is left as it is, since a
// promiscuous capture would change which frames are dropped.
#pragma once

#include <vnet/types.h>

#include <memory>
#include <optional>
#include <string>

#include "cli/capture/frame_order.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::cli {

class PacketRing {
 public:
  struct Counts {
    vnet_u64 seen = 0;    // the missed ones among them
    vnet_u64 missed = 0;  // came while the ring was full
  };

  // Of a device in this network namespace, at most `snaplen` bytes of each frame. Needs
  // CAP_NET_RAW.
  static user::Result<PacketRing> open(unsigned ifindex, vnet_u32 snaplen);

  int fd() const { return socket_.get(); }
  // The next frame that is there, if any.
  std::optional<CapturedFrame> next();
  // After an error: that the device went down ends no capture.
  void clear_error();
  // Since the ring was opened.
  Counts counts();

 private:
  struct Unmap {
    std::size_t size = 0;
    void operator()(unsigned char* memory) const;
  };
  using Memory = std::unique_ptr<unsigned char, Unmap>;

  PacketRing(user::UniqueFd socket, Memory memory, vnet_u32 snaplen)
      : socket_(std::move(socket)), memory_(std::move(memory)), snaplen_(snaplen) {}

  unsigned char* block() const;
  CapturedFrame copy(const unsigned char* header) const;

  user::UniqueFd socket_;
  Memory memory_;
  vnet_u32 snaplen_;
  unsigned block_ = 0;                   // the one that is read, or will be next
  unsigned left_ = 0;                    // frames in it that have not been taken
  const unsigned char* next_ = nullptr;  // the first of them
  Counts counts_;
};

}  // namespace vnet::cli
