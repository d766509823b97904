// SPDX-License-Identifier: GPL-2.0-only
// One queue of a device: a tx ring, an rx ring and an interrupt line.
//
// The tx ring of one end *is* the rx ring of the other: it stands at the receiver, the sender's
// put() produces into it and the receiver's poll() consumes it. So stopping a device empties a ring
// that only it consumes, and what was sent belongs to the receiver.
//
// Concurrency: admit(), put() and doorbell() by one transmitter, poll() and poll_done() by one
// poller, beside each other and beside control; the members are grouped by who writes them.
#pragma once

#include "core/base/atomic.h"
#include "core/base/types.h"
#include "core/irq_line.h"
#include "core/mac_filter.h"
#include "core/moderation.h"
#include "core/ring.h"
#include "core/stats.h"
#include "core/vlan_filter.h"
#include "core/watchdog.h"

namespace vnet {

class FrameList;
class Wire;

class Queue {
 public:
  // What happens to each frame besides moving it; 0 on a plain link. kTxIrq: a transmit interrupt
  // per batch.
  enum TxOption : u32 {
    kSnull = 0x100,
    kPad = 0x200,
    kNoArp = 0x400,
    kTxIrq = 0x800,
    kLockup = 0x1000
  };

  // (C) The filters outlive the queue.
  void init(void* host_device, const MacFilter* filter, const VlanFilter* vlans);
  void bind(void* host_queue) { host_queue_ = host_queue; }
  struct Settings {
    u32 tx_options;
    u32 lockup;       // with kLockup
    u32 max_payload;  // bytes behind the Ethernet header that the port takes
    Moderation::Wait rx_wait;
    bool adaptive_rx;
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
  // (C) This queue's poll does not run. `wire` outlives the queue's life as open.
  void set_wire(Wire* wire);
  // (C) The next frame off the ring has ordinal 1.
  void begin_run();

  void tx_timeout();
  Watchdog::Outcome watchdog(u64 now, u64 timeout);

  vnet_verdict admit(vnet_frame* frame);                                // (T)
  void put(vnet_frame* frame, u32 more);                                // (T)
  [[gnu::noinline]] void drop_tx(vnet_frame* frame, vnet_drop reason);  // (T)
  void doorbell();                                                      // (T)
  vnet_frame* poll(u32 budget, u32& work);                              // (P)
  bool poll_done();                                                     // (P) true: poll again
  void raise(u32 causes);                                               // (any)
  bool is_open() const { return open_.load_relaxed(); }                 // (any)
  void add_stats(vnet_queue_stats& stats) const;                        // (any)
  void registers(u32 (&out)[VNET_REG_QUEUE_COUNT]) const;               // (any)

  void deadline();  // (timer)
  Moderation::Wait rx_wait() const { return moderation_.in_force(); }

 private:
  bool is_plain(const vnet_frame& frame, const Queue& peer) const;
  vnet_frame* receive(u32 budget, u32& work);
  void received(u32 work, u64 frames, u64 bytes);
  void wake_tx();
  // Not on the way of most frames: kept out of its code.
  [[gnu::noinline]] vnet_verdict admit_any(vnet_frame* frame, Queue* peer);
  vnet_verdict refused(vnet_frame* frame, vnet_drop reason);
  bool prepare(vnet_frame* frame, const Queue& peer, u32 options);
  bool translate_frame(vnet_frame* frame, const Queue& peer, u32 options);
  [[gnu::noinline]] void put_and_stop(Queue& peer, bool full, u32 more);
  void stop_tx(u32 state, Queue& peer);
  void hang_on_lockup(Queue& peer, u32 every);
  [[gnu::noinline]] vnet_frame* poll_and_more(u32 causes, u32 budget, u32& work);
  [[gnu::noinline]] void raise_or_wait();
  [[gnu::noinline]] bool again_at_once();
  [[gnu::noinline]] vnet_frame* receive_list(u32 work);
  [[gnu::noinline]] vnet_frame* receive_any(u32 work);
  [[gnu::noinline]] vnet_frame* receive_wire(u32 budget, u32& work);
  u32 take_wire(u32 limit, u64 now, FrameList& list);
  void wire_deadline();
  void empty_wire();
  u64 on_wire() const;
  u64 come() const;
  [[gnu::noinline]] void sent(Queue& sender) const;
  void service_tx();
  bool lets_in(vnet_frame* frame);
  void drop_rx(vnet_frame* frame, vnet_drop reason);
  void set_ring(vnet_frame** slots, u32 ring_size);
  void empty_ring();
  static constexpr u32 kTxState = VNET_TX_STOPPED | VNET_TX_HUNG;
  static constexpr u32 kTxNotPlain = kTxState | kSnull | kPad | kNoArp;
  u32 tx_state() const { return tx_word_.load_acquire() & kTxState; }
  u32 wake_level() const { return wake_level_.load_relaxed(); }
  void raise_received();
  bool may_wait(Moderation::Wait wait) const;

  // Transmit side.
  alignas(kCacheLine) Atomic<Queue*> peer_;
  Atomic<u32> tx_word_;  // VNET_TX_*, written by T, P and C, and TxOption, by C: one look for both
  Atomic<u32> lockup_;   // with kLockup: every N-th frame
  u32 doorbell_due_ = 0;
  Queue* receiver_ = nullptr;  // of the frame that was admitted last
  u64 tx_ordinal_ = 0;         // of the frame last accepted; the first is 1
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
  Moderation moderation_;

  // What a poll looks for besides the ring: kAdaptive, kWire. Written by C, and by P for kWire.
  enum PollOption : u32 { kAdaptive = 0x1, kWire = 0x2 };
  Atomic<u32> poll_options_;
  Atomic<Wire*> wire_;  // once the device was impaired; timers and statistics look, too

  Ring<vnet_frame*> rx_;

  // Receive side.
  alignas(kCacheLine) RxCounters rx_count_;

  // Control.
  Atomic<u64> run_origin_;  // frames that came before the run
  Counter<u64> tx_timeouts_;
  Watchdog watchdog_;
};

}  // namespace vnet
