// SPDX-License-Identifier: GPL-2.0-only
// An AF_XDP socket with a UMEM of its own (Documentation/networking/af_xdp.rst), without libxdp.
#pragma once

#include <errno.h>
#include <linux/if_xdp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

namespace xsk {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

inline constexpr u32 kFrames = 1024, kFrameSize = 2048;  // each ring holds all frames

[[noreturn]] inline void die(const char* what, int error = errno) {
  std::fprintf(stderr, "xsk: %s: %s\n", what, strerrorname_np(error));
  std::exit(1);
}

// One of the four rings, shared with the kernel: either we produce and it consumes, or vice versa.
template <class T>
class Ring {
 public:
  void map(int fd, u64 page, const xdp_ring_offset& offset) {
    void* const memory = mmap(nullptr, offset.desc + kFrames * sizeof(T), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_POPULATE, fd, static_cast<off_t>(page));
    if (memory == MAP_FAILED) die("mmap of a ring");
    auto* const bytes = static_cast<u8*>(memory);
    producer_ = reinterpret_cast<u32*>(bytes + offset.producer);
    consumer_ = reinterpret_cast<u32*>(bytes + offset.consumer);
    entries_ = reinterpret_cast<T*>(bytes + offset.desc);
  }

  // As producer. Never full: there are no more frames than entries.
  void put(const T& entry) {
    const u32 at = *producer_;
    entries_[at % kFrames] = entry;
    std::atomic_ref(*producer_).store(at + 1, std::memory_order_release);
  }

  // As consumer. False: empty.
  bool take(T& entry) {
    const u32 at = *consumer_;
    if (std::atomic_ref(*producer_).load(std::memory_order_acquire) == at) return false;
    entry = entries_[at % kFrames];
    std::atomic_ref(*consumer_).store(at + 1, std::memory_order_release);
    return true;
  }

 private:
  u32* producer_ = nullptr;
  u32* consumer_ = nullptr;
  T* entries_ = nullptr;
};

class Socket {
 public:
  Socket() : fd_(socket(AF_XDP, SOCK_RAW, 0)) {
    if (fd_ < 0) die("AF_XDP");
    void* const memory = mmap(nullptr, kFrames * kFrameSize, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) die("mmap of the UMEM");
    umem_ = static_cast<u8*>(memory);
    xdp_umem_reg registration = {};
    registration.addr = reinterpret_cast<u64>(umem_);
    registration.len = kFrames * kFrameSize;
    registration.chunk_size = kFrameSize;
    set(XDP_UMEM_REG, registration);
    for (const int ring : {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING})
      set(ring, kFrames);
    xdp_mmap_offsets offsets = {};
    socklen_t length = sizeof(offsets);
    if (getsockopt(fd_, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) < 0) die("ring offsets");
    fill.map(fd_, XDP_UMEM_PGOFF_FILL_RING, offsets.fr);
    completion.map(fd_, XDP_UMEM_PGOFF_COMPLETION_RING, offsets.cr);
    rx.map(fd_, XDP_PGOFF_RX_RING, offsets.rx);
    tx.map(fd_, XDP_PGOFF_TX_RING, offsets.tx);
  }

  // 0 or an errno value.
  int bind(u32 device, u32 queue, unsigned flags) {
    sockaddr_xdp address = {};
    address.sxdp_family = AF_XDP;
    address.sxdp_flags = static_cast<std::uint16_t>(flags);
    address.sxdp_ifindex = device;
    address.sxdp_queue_id = queue;
    return ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) < 0 ? errno : 0;
  }

  bool zero_copy() const {
    xdp_options options = {};
    socklen_t length = sizeof(options);
    if (getsockopt(fd_, SOL_XDP, XDP_OPTIONS, &options, &length) < 0) die("options");
    return options.flags & XDP_OPTIONS_ZEROCOPY;
  }

  // Tells the kernel to send. 0 or an errno value.
  int kick() { return sendto(fd_, nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 ? errno : 0; }

  std::span<u8> bytes(u64 address, u32 length) { return {umem_ + address, length}; }
  int fd() const { return fd_; }

  Ring<u64> fill, completion;
  Ring<xdp_desc> rx, tx;

 private:
  template <class T>
  void set(int option, const T& value) {
    if (setsockopt(fd_, SOL_XDP, option, &value, sizeof(value)) < 0) die("setsockopt");
  }

  const int fd_;
  u8* umem_ = nullptr;
};

}  // namespace xsk
