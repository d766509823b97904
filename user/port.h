// SPDX-License-Identifier: GPL-2.0-only
// One end of the pair: a TAP, and the core's device with its one queue behind it.
//
// The TAP is the stack's side: what is read from it was transmitted by the stack (context T of
// core.h), what the core's poll returns is written to it (P). A Port is the host_device and the
// host_queue of the core's calls.
//
// Concurrency: one thread is T, P and C for all ports, so nothing here is ever waited for.
#pragma once

#include <linux/vnet_netlink.h>
#include <vnet/core.h>
#include <vnet/fault.h>

#include <array>
#include <map>
#include <string>

#include "user/clock.h"
#include "user/event_loop.h"
#include "user/frame_pool.h"
#include "user/link_state.h"
#include "user/log_limit.h"
#include "user/tap.h"
#include "user/timer.h"

namespace vnet::user {

class Port;

// The ports whose interrupt was raised, first come, first served.
class PollList {
 public:
  void push(Port& port);
  Port* pop();  // null: none

 private:
  Port* first_ = nullptr;
  Port* last_ = nullptr;
};

// Losses at the TAP, beyond the core's counters.
struct TapErrors {
  vnet_u64 write_down = 0;       // EIO: the stack took the device down meanwhile
  vnet_u64 write_invalid = 0;    // EINVAL: the kernel did not like the frame or its header
  vnet_u64 write_no_memory = 0;  // ENOMEM, ENOBUFS, EAGAIN
  vnet_u64 write_other = 0;
  vnet_u64 read_truncated = 0;  // longer than any frame we know
  vnet_u64 read_other = 0;
  vnet_u64 discarded = 0;  // sent, but the device went down before we could take it
};

class Port final : public EventLoop::Source {
 public:
  class Owner {
   public:
    // The TAP reports an error, which it does when its device goes away.
    virtual void on_tap_error(Port& port) = 0;
    // What clients of the control socket hear of.
    virtual void on_port_event(const Port& port, vnet_event_type type, vnet_u64 value) = 0;
    virtual void on_port_fault(const Port& port, const vnet_fault_event& event) = 0;
    // A fault pulls the device out.
    virtual void on_port_removed(Port& port) = 0;

   protected:
    ~Owner() = default;
  };

  Port(Tap tap, std::string name, FramePool& pool, PollList& polls, EventLoop& loop, Owner& owner)
      : tap_(std::move(tap)),
        name_(std::move(name)),
        pool_(pool),
        polls_(polls),
        loop_(loop),
        owner_(owner) {}
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Control, at setup: makes the core's device and joins the loop.
  Failure start(const vnet_params& params);
  // Where the stack's device is: a namespace's number and an index in it.
  void set_place(int nsid, int ifindex);
  bool is_at(int nsid, int ifindex) const { return nsid == nsid_ && ifindex == ifindex_; }
  int nsid() const { return nsid_; }
  int ifindex() const { return ifindex_; }

  // Control: the parameters in force, and others; another ring drops what is in the old one.
  vnet_params params() const;
  Failure set_params(const vnet_params& params);
  // Whether the stack completes what it sends here (`csum wire`).
  bool csum_wire() const { return csum_wire_; }
  Failure set_csum_wire(bool on);
  // What the wire does to what this port receives has changed.
  void impaired() {
    if (open_) polls_.push(*this);
  }

  // Control: makes the core's device what the stack says the TAP is.
  void apply(const LinkState& state);
  void shut();

  // T: sends a batch of what the stack transmitted. P: serves the interrupt.
  void on_event(uint32_t events) override;
  void transmit();
  void poll();
  bool can_resume() const { return pending_ && open_ && !tx_stopped_; }
  // After each round: watch for what can be handled now, mind the watchdog.
  void settle();

  // What the core asks of this host (host.h).
  void irq_raise() { polls_.push(*this); }
  void deadline_arm(vnet_u64 at) { deadline_.arm(at); }
  void queue_stop();
  void queue_wake();
  void carrier_set(bool up);
  void notify(vnet_event event, vnet_u64 value);
  void fault_timer_arm(vnet_u64 delay_ns) { fault_timer_.arm(monotonic_ns() + delay_ns); }
  void fault(const vnet_fault_event& event);
  void remove() { owner_.on_port_removed(*this); }
  // Control: the core's errors, with `why`.
  int add_fault(const vnet_fault& fault, vnet_u32& id, vnet_refusal& why);
  int delete_fault(vnet_u32 id);

  const std::string& name() const { return name_; }
  const Tap& tap() const { return tap_; }
  vnet_device* device() const { return device_; }
  vnet_queue* queue() const { return queue_; }
  const TapErrors& tap_errors() const { return errors_; }

 private:
  friend class PollList;

  PoolFrame* receive_one();
  bool submit(PoolFrame& frame);
  void deliver(vnet_frame* list);
  void count_write_error(ssize_t error);
  void apply_params(const LinkState& state);
  void apply_filter(bool promiscuous);
  void open();
  void discard_backlog();
  void deadline_expired();
  void fault_timer_expired();
  void watchdog_expired();
  void log_firing(const vnet_fault_event& event, const char* what);

  // Data path.
  Tap tap_;
  vnet_queue* queue_ = nullptr;
  PoolFrame* pending_ = nullptr;  // the core had no room for it
  bool open_ = false;             // the core's device is open
  bool tx_stopped_ = false;       // the core stopped the queue
  bool starved_ = false;          // the pool had no frame for the next read
  bool watched_ = false;          // the loop tells us of frames to read
  bool irq_due_ = false;
  bool watchdog_due_ = false;  // the queue stopped since the watchdog last looked
  bool timed_out_ = false;
  Port* next_irq_ = nullptr;
  TapErrors errors_;

  // Control.
  vnet_device* device_ = nullptr;
  std::string name_;
  FramePool& pool_;
  PollList& polls_;
  EventLoop& loop_;
  Owner& owner_;
  Timer watchdog_{*this, &Port::watchdog_expired};
  Timer deadline_{*this, &Port::deadline_expired};
  Timer fault_timer_{*this, &Port::fault_timer_expired};
  std::map<vnet_u32, LogLimit> firings_;  // by the fault's id
  int nsid_ = 0;
  int ifindex_ = 0;
  bool promiscuous_ = false;
  bool csum_wire_ = false;
};

}  // namespace vnet::user
