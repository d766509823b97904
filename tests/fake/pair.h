// SPDX-License-Identifier: GPL-2.0-only
// Two devices with a link between them, open: what most tests begin with.
#pragma once

#include <memory>
#include <vector>

#include "tests/fake/device.h"

namespace vnet::fake {

inline constexpr u8 kMacA[6] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x0a};
inline constexpr u8 kMacB[6] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x0b};

// Defaults, and a MAC.
vnet_params params_with_mac(const u8 (&mac)[6]);

// An Ethernet frame of `length` bytes from one MAC to the other; the type is of no known protocol.
Bytes ethernet_frame(const u8 (&to)[6], const u8 (&from)[6], size_t length = 60, u8 fill = 0);

class FakePair {
 public:
  // The parameters of both ends.
  struct Options {
    u32 queues = 1;
    u32 ring_size = VNET_RING_DEFAULT;
    u32 mtu = VNET_MTU_DEFAULT;
    u32 lockup = 0;
    u32 timeout_ms = VNET_TIMEOUT_DEFAULT_MS;
    u32 rx_usecs = 0, rx_frames = 0;
    bool adaptive_rx = false;
    bool snull = false, pad = false, noarp = false, tx_irq = false;
    const vnet_fault* early = nullptr;  // of b, before it has queues
  };
  FakePair() : FakePair(Options()) {}
  explicit FakePair(const Options& options);

  Device& a() { return *a_; }
  Device& b() { return *b_; }
  void destroy_a() { a_.reset(); }
  void destroy_b() { b_.reset(); }

  // a sends to b; nothing is served until run().
  vnet_verdict send(const Bytes& bytes, u32 queue = 0) { return a_->queue(queue).send(bytes); }
  vnet_verdict send() { return send(ethernet_frame(kMacB, kMacA)); }

  // Serves raised interrupts at both ends until there are none.
  void run(u32 budget = 64);
  // The same, for so long: each deadline comes at its instant and is served then.
  void run_for(u64 nanoseconds, u32 budget = 64);
  // Takes what b received on queue `queue`.
  std::vector<Received> received(u32 queue = 0) { return b_->queue(queue).take_received(); }

 private:
  std::unique_ptr<Device> a_, b_;
};

}  // namespace vnet::fake
