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
#include "core/frame_list.h"
#include "core/irq_line.h"
#include "core/mac_filter.h"
#include "core/moderation.h"
#include "core/ring.h"
#include "core/stats.h"
#include "core/vlan_filter.h"
#include "core/watchdog.h"

struct vnet_wire_view;

namespace vnet {

class QueueFaults;
struct Strike;
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
  void view_wire(vnet_wire_view& view) const;
  // (C) The next frame off the ring has ordinal 1.
  void begin_run();
  // (any) The number of the last frame that has come off the ring in this run.
  u64 ordinal() const;

  // (C) Once; `faults` outlives the queue.
  void set_faults(QueueFaults* faults) { faults_.store_release(faults); }
  // (C) After the faults at this queue have changed, or one of them is over: what is to be put
  // right.
  void settle_faults(u64 now);
  // (C) Frames are lost for a flap of the link rather than for want of one.
  void set_flapped(bool flapped);

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
  [[gnu::noinline]] void put_moderated(vnet_frame* frame, u32 more);
  [[gnu::noinline]] void put_and_stop(Queue& peer, bool full, u32 more);
  void stop_tx(u32 state, Queue& peer);
  void hang_on_lockup(Queue& peer, u32 every);
  [[gnu::noinline]] vnet_frame* poll_and_more(u32 causes, u32 budget, u32& work);
  [[gnu::noinline]] void raise_or_wait();
  [[gnu::noinline]] bool again_at_once();
  [[gnu::noinline]] vnet_frame* receive_list(u32 work);
  [[gnu::noinline]] vnet_frame* receive_any(u32 work);
  // What a poll hands to the host.
  struct Arrivals {
    FrameList list;
    u32 count = 0;  // descriptors
    u64 frames = 0, bytes = 0;
    void add(vnet_frame* frame) {
      count++;
      frames += frame->wire_frames;
      bytes += frame->wire_len;
      list.push_back(frame);
    }
  };
  u64 ordinal(const Arrivals& arrivals) const;
  [[gnu::noinline]] u32 receive_wire(u32 budget, Arrivals& arrivals);
  u32 take_wire(u32 limit, u64 now, Arrivals& arrivals);
  void arrive(vnet_frame* frame, Arrivals& arrivals);
  vnet_frame* end_arrivals(const Arrivals& arrivals);
  [[gnu::noinline]] vnet_frame* receive_faulty(u32 budget, u32& work);
  u32 take_ring(u32 budget, Arrivals& arrivals);
  void arrive_faulty(vnet_frame* frame, Arrivals& arrivals);
  void arrive_struck(vnet_frame* frame, Arrivals& arrivals);
  void arrive_segments(vnet_frame* frame, Arrivals& arrivals);
  void park_struck(vnet_frame* frame);
  vnet_frame* hold(vnet_frame* frame);
  vnet_frame* struck(vnet_frame* frame);
  vnet_frame* lost(vnet_frame* frame, vnet_drop reason);
  vnet_frame* report(vnet_frame* frame, bool good);
  vnet_frame* shorten(vnet_frame* frame, const Strike& strike);
  void park(vnet_frame* frame);
  void park_or_miss(vnet_frame* frame);
  bool is_blocked() const;
  bool is_held_up() const;
  bool is_refused(vnet_frame* frame, u64 mac, bool refused);
  void reset_rx();
  bool has_fault(u32 what) const;
  void drop_parked();
  u64 parked() const;
  u64 parked_wire_frames() const;
  bool loses_interrupt();
  bool fails_reset();
  [[gnu::noinline]] bool faulty_admit(vnet_frame* frame);
  void stall_tx(Queue& peer);
  void note_arrival(vnet_frame* frame);
  [[gnu::noinline]] void gather();
  bool may_gather() const;
  void gather_until(u64 at);
  void arm_wire(u64 at);
  void start_deadline(const Wire& wire, u64 at);
  void arm_for_wire_too(u64 at);
  static void put_on(Wire& wire, vnet_frame* frame, u64 now);
  [[gnu::noinline]] bool wire_is_due();
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
  // Beside the options, and left alone by configure().
  static constexpr u32 kTxFaults = 0x10000, kTxFlapped = 0x20000;
  static constexpr u32 kTxStruck = 0x40000;  // T's: tx-stall has met the frame that was admitted
  static constexpr u32 kTxKept = kTxFaults | kTxFlapped | kTxStruck;
  static constexpr u32 kTxNotPlain = kTxState | kSnull | kPad | kNoArp | kTxFaults;
  // For how long at most, in nanoseconds, frames gather in the ring before a wire that holds them.
  static constexpr u64 kGather = 200000;
  u32 tx_state() const { return tx_word_.load_acquire() & kTxState; }
  u32 wake_level() const { return wake_level_.load_relaxed(); }
  void raise_received();
  bool may_wait(Moderation::Wait wait) const;
  void arm_after(u64 delay);

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
  Atomic<u64> put_at_;  // the other end's transmitter's: when it put the last frame, for a wire
  bool dense_ = false;

  // What a poll looks for besides the ring. Set by C, and taken back by P but for kAdaptive.
  enum PollOption : u32 { kAdaptive = 0x1, kWire = 0x2, kFaults = 0x4 };
  Atomic<u32> poll_options_;
  Atomic<Wire*> wire_;           // once the device was impaired; timers and statistics look, too
  Atomic<QueueFaults*> faults_;  // once the device had a fault

  Ring<vnet_frame*> rx_;

  // Receive side.
  alignas(kCacheLine) RxCounters rx_count_;
  Counter<u64> resets_;

  // Control.
  Atomic<u64> run_origin_;  // frames that came before the run
  Counter<u64> tx_timeouts_;
  Atomic<u64> resets_failed_;  // by P and C

  Watchdog watchdog_;
};

}  // namespace vnet
