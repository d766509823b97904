// SPDX-License-Identifier: GPL-2.0-only
// One queue of a device: a tx ring, an rx ring and an interrupt line.
//
// The tx ring of one end *is* the rx ring of the other: it stands at the receiver, the sender's
// tx() produces into it and the receiver's poll() consumes it. So stopping a device empties a ring
// that only it consumes, and what was sent belongs to the receiver.
//
// Concurrency: tx() and doorbell() by one transmitter, poll() and poll_done() by one poller, beside
// each other and beside control; the members are grouped by who writes them.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"
#include "core/irq_line.h"
#include "core/mac_filter.h"
#include "core/ring.h"
#include "core/stats.h"
#include "core/vlan_filter.h"
#include "core/watchdog.h"

namespace vnet {

class Queue {
 public:
  // What tx() does to each frame besides moving it; 0 on a plain link.
  enum TxOption : u32 { kSnull = 1, kPad = 2, kNoArp = 4 };

  // (C) The filters outlive the queue.
  void init(void* host_device, const MacFilter* filter, const VlanFilter* vlans);
  void bind(void* host_queue) { host_queue_ = host_queue; }
  struct Settings {
    u32 tx_options;
    u32 lockup;       // 0: never
    bool tx_irq;      // a transmit interrupt per batch
    u32 max_payload;  // bytes behind the Ethernet header that the port takes
  };
  void configure(const Settings& settings);

  // (C) Neither tx nor poll of this queue runs. `slots` are the receive ring's until stop().
  void open(vnet_frame** slots, u32 ring_size);
  void stop();
  // (C) Open; this queue's poll does not run, and the other end's tx has no peer.
  void replace_ring(vnet_frame** slots, u32 ring_size);
  // (C) The link's other end; null takes it away, then recover() follows once no tx runs.
  void set_peer(Queue* peer) { peer_.store_release(peer); }
  // (C) After the link went: whatever waited for the other end is let go.
  void recover();
  void tx_timeout();
  Watchdog::Outcome watchdog(u64 now, u64 timeout);

  vnet_verdict tx(vnet_frame* frame);                      // (T)
  void doorbell();                                         // (T)
  void poll(u32 budget, vnet_poll& result);                // (P)
  bool poll_done();                                        // (P) true: poll again
  void raise(u32 causes);                                  // (any)
  bool is_open() const { return open_.load_relaxed(); }    // (any)
  void add_stats(vnet_queue_stats& stats) const;           // (any)
  void registers(u32 (&out)[VNET_REG_QUEUE_COUNT]) const;  // (any)

 private:
  bool prepare(vnet_frame* frame, const Queue& peer, u32 options);
  bool translate_frame(vnet_frame* frame, const Queue& peer, u32 options);
  vnet_verdict drop_tx(vnet_frame* frame, vnet_drop reason);
  void stop_tx(u32 state, Queue& peer);
  void hang_on_lockup(Queue& peer, u32 every);
  void wake_tx();
  void service_tx();
  void sent(Queue& sender) const;
  void refuse(vnet_frame* frame, u64 mac);
  void refuse_vlans(vnet_poll& result, RxCounts& counts);
  void drop_rx(vnet_frame* frame, vnet_drop reason);
  void set_ring(vnet_frame** slots, u32 ring_size);
  void empty_ring();
  u32 wake_level() const { return wake_level_.load_relaxed(); }

  // Transmit side.
  alignas(kCacheLine) Atomic<Queue*> peer_;
  Atomic<u32> tx_options_;
  Atomic<u32> tx_state_;  // VNET_TX_*: written by T, P and C
  Atomic<u32> lockup_;
  Atomic<bool> tx_irq_;
  bool doorbell_due_ = false;
  u64 tx_ordinal_ = 0;  // of the frame last accepted; the first is 1
  TxCounters tx_count_;

  // What the other end's transmitter reads and raises.
  alignas(kCacheLine) IrqLine irq_;
  Atomic<u32> max_payload_;
  Atomic<u32> wake_level_;  // half the ring; beside it, for a late poll of the other end
  Atomic<bool> open_;
  const MacFilter* filter_ = nullptr;
  const VlanFilter* vlans_ = nullptr;
  void* host_queue_ = nullptr;
  void* host_device_ = nullptr;

  Ring<vnet_frame*> rx_;

  // Receive side.
  alignas(kCacheLine) RxCounters rx_count_;

  // Control.
  Counter<u64> tx_timeouts_;
  Watchdog watchdog_;
};

}  // namespace vnet
