// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fake/pair.h"

#include <algorithm>

namespace vnet::fake {

vnet_params params_with_mac(const u8 (&mac)[6]) {
  vnet_params params;
  vnet_core_params_default(&params);
  std::copy_n(mac, 6, params.mac);
  return params;
}

Bytes ethernet_frame(const u8 (&to)[6], const u8 (&from)[6], size_t length, u8 fill) {
  Bytes frame(14);
  std::copy_n(to, 6, frame.begin());
  std::copy_n(from, 6, frame.begin() + 6);
  frame[12] = 0x88;  // IEEE 802 local experimental 1
  frame[13] = 0xb5;
  frame.resize(length, fill);
  return frame;
}

FakePair::FakePair(const Options& options) {
  vnet_params params = params_with_mac(kMacA);
  params.queues = options.queues;
  params.ring_size = options.ring_size;
  params.mtu = options.mtu;
  params.lockup = options.lockup;
  params.timeout_ms = options.timeout_ms;
  params.rx_usecs = options.rx_usecs;
  params.rx_frames = options.rx_frames;
  params.adaptive_rx = options.adaptive_rx;
  params.snull = options.snull;
  params.pad = options.pad;
  params.noarp = options.noarp;
  params.tx_irq = options.tx_irq;
  a_ = Device::create(params);
  std::copy_n(kMacB, 6, params.mac);
  b_ = Device::create(params, nullptr, nullptr, options.early);
  if (!a_ || !b_ || a_->attach(*b_) != 0) {
    Host::get().violation("the pair could not be made");
    std::abort();
  }
  if (a_->open() != 0 || b_->open() != 0) {
    Host::get().violation("the pair could not be opened");
    std::abort();
  }
}

void FakePair::run_for(u64 nanoseconds, u32 budget) {
  Host& host = Host::get();
  const u64 end = host.now() + nanoseconds;
  run(budget);
  while (host.advance_to_deadline(end)) run(budget);
  host.advance(end - host.now());
}

void FakePair::run(u32 budget) {
  for (bool quiet = false; !quiet;) {
    quiet = true;
    for (Device* device : {a_.get(), b_.get()}) {
      for (u32 i = 0; device && i < device->queues(); i++) {
        if (!device->queue(i).raised()) continue;
        device->queue(i).serve(budget);
        quiet = false;
      }
    }
  }
}

}  // namespace vnet::fake
