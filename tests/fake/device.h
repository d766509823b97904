// SPDX-License-Identifier: GPL-2.0-only
// Devices and queues as a host holds them: every call into the core goes through these wrappers,
// which open the context, keep the ledger and check the verdicts.
#pragma once

#include <vnet/control.h>
#include <vnet/decision.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/fake/host.h"

namespace vnet::fake {

struct Received {
  Bytes bytes;
  vnet_frame frame;  // the descriptor; its list link means nothing
  u64 id;            // of the ledger
  u64 time;          // host.now()
};

struct Notice {
  vnet_event event;
  u64 value;
};

// One queue: its interrupt's and its transmitter's state as the host sees them.
class Queue {
 public:
  Queue(Device& device, u32 index);

  vnet_verdict tx(Frame* frame, bool more = true);
  void doorbell();
  // tx() and doorbell() of one new frame.
  vnet_verdict send(const Bytes& bytes);

  bool raised() const { return line_.load(std::memory_order_relaxed) == Line::kRaised; }
  // What the core would have the host do next: one poll, one poll_done.
  u32 poll(u32 budget = 64);
  bool poll_done();
  // Polls until poll_done() says so. Returns how many frames came.
  u32 serve(u32 budget = 64);

  // The deadline asked for, as host.now() will be then; 0: none.
  u64 deadline() const { return deadline_.load(std::memory_order_relaxed); }
  // The deadline comes, whatever the clock says. False: none was asked for.
  bool expire();

  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  void tx_timeout();
  int irq_raise(u32 causes);
  vnet_queue_stats stats() const;
  u32 reg(vnet_queue_register which) const;

  std::vector<Received> take_received();
  void may_reorder(bool may) { may_reorder_ = may; }
  void keep_received(bool keep) { keep_received_ = keep; }
  u64 received_count() const { return received_count_; }
  std::vector<Notice> take_notices();
  // What befell frames; by another thread than the poll's only after it.
  std::vector<vnet_decision> take_decisions() { return std::exchange(decisions_, {}); }
  u64 decisions_told() const { return decisions_told_; }
  u64 irqs() const { return irqs_.load(std::memory_order_relaxed); }
  u64 stops() const { return stops_; }
  u64 wakes() const { return wakes_.load(std::memory_order_relaxed); }
  u32 uid() const { return uid_; }
  u32 index() const { return index_; }
  Device& device() const { return device_; }
  vnet_queue* core() const { return core_; }

  // Called by the host's functions.
  void on_irq(u64 epoch);
  void on_deadline_arm(u64 at);
  void on_stop();
  void on_wake();
  void on_notice(Notice notice);
  void on_decisions(const vnet_decisions& decisions);
  void wait_for_tx() const { wait_for(tx_calls_); }
  void wait_for_poll() const { wait_for(poll_calls_); }
  u64 next_order() { return ++committed_; }

 private:
  friend class Device;
  friend class Call;
  friend class Host;
  // What the core may do with the interrupt. kUnmasking: it may be raised, the core is deciding.
  enum class Line : u8 { kDown, kUnmasking, kArmed, kRaised, kPolling };
  static const char* line_name(Line line);
  void after_open();
  void begin_late_epoch();
  void after_stop();
  bool commit(Call& call, Frame& frame, bool more);
  void check_verdict(Call& call, Record& record, const Bytes& before, Frame* frame, u64 wakes,
                     vnet_verdict verdict);
  void take(vnet_frame* list, u32 budget, u32 work);
  void check_order(const Record& record);
  static void wait_for(std::atomic<u64>& count);

  Device& device_;
  const u32 index_, uid_;
  vnet_queue* core_ = nullptr;
  std::atomic<Line> line_{Line::kDown};
  std::atomic<u64> late_epoch_{0};
  std::atomic<bool> late_{false};
  std::atomic<bool> stopped_{false};
  std::atomic<u64> deadline_{0};
  std::atomic<bool> tx_busy_{false}, poll_busy_{false};
  mutable std::atomic<u64> tx_calls_{0}, poll_calls_{0};  // odd while one is under way
  std::atomic<u64> irqs_{0}, wakes_{0};
  u64 stops_ = 0;
  u64 committed_ = 0;   // T
  u64 last_order_ = 0;  // P
  u64 received_count_ = 0;
  bool keep_received_ = true;
  bool may_reorder_ = false;
  std::vector<Received> received_;
  std::mutex notices_mutex_;
  std::vector<Notice> notices_;           // written in T and C
  std::vector<vnet_decision> decisions_;  // P
  u64 decisions_told_ = 0;
  Graveyard tx_graveyard_, poll_graveyard_;
};

class Device {
 public:
  // Null with `error` and `why` set if the core refuses. `early`: a fault of the device before its
  // queues are made.
  static std::unique_ptr<Device> create(const vnet_params& params, int* error = nullptr,
                                        const char** why = nullptr,
                                        const vnet_fault* early = nullptr);
  ~Device();  // stops, detaches and destroys; checks the counters first

  int open();
  // `quiet`: no thread uses the ledger, so that it can be asked.
  void stop(bool quiet = true);
  bool is_open() const { return open_; }
  int attach(Device& other, const char** why = nullptr);
  void detach();
  Device* peer() const;
  vnet_params params() const;
  int set_params(const vnet_params& params, const char** why = nullptr);
  void set_filter(const vnet_filter& filter);
  int set_rss(const vnet_rss& rss, const char** why = nullptr);
  bool rss(vnet_rss& rss) const;
  std::optional<vnet_rss_result> rss_queue(const vnet_rss_tuple& tuple) const;
  int impair(const vnet_impairment& impairment, const char** why = nullptr);
  // By control's attributes, as hosts do.
  // `other`: another receiver that the change is for, too.
  int change_impairment(const vnet_impair_values& values, vnet_refusal& refusal,
                        Device* other = nullptr);
  int remove_impairment(u32 knobs, vnet_refusal& refusal);
  int upload_trace(const vnet_impair_values& values, vnet_refusal& refusal);
  vnet_impair_values impair_values(vnet_impair_stats& stats) const;
  void begin_run();
  std::optional<vnet_impairment> impairment() const;
  vnet_impair_stats impair_stats() const;
  vnet_wire_view wire_view(u32 queue) const;  // no poll runs
  vnet_wire_state wire_state(u32 queue = 0) const;
  // Each queue is polled after it, as a host has to.
  int add_fault(const vnet_fault& fault, u32* id = nullptr, const char** why = nullptr);
  int delete_fault(u32 id);
  int fire_fault(u32 id);
  std::vector<vnet_fault_info> faults() const;
  std::vector<vnet_fault_event> take_fault_events();
  bool removed() const { return removed_; }
  // The timer asked for, as host.now() will be then; 0: none.
  u64 timer() const { return timer_.load(std::memory_order_relaxed); }
  // It comes, whatever the clock says.
  void expire();
  int set_vlan(vnet_vlan protocol, u32 vid, bool member);
  int set_vlan_filter(vnet_vlan protocol, bool on);
  u64 watchdog(u64 now);
  u64 watchdog() { return watchdog(Host::get().now()); }
  vnet_queue_stats stats() const;
  std::vector<u32> registers() const;

  bool carrier() const { return carrier_; }
  u64 carrier_changes() const { return carrier_changes_; }
  Queue& queue(u32 index = 0) { return *queues_.at(index); }
  u32 queues() const { return static_cast<u32>(queues_.size()); }
  vnet_device* core() const { return core_; }
  void check_counters();

  // Called by the host's functions.
  void on_carrier(bool up);
  void on_timer_arm(u64 at) { timer_.store(at, std::memory_order_relaxed); }
  void on_fault(const vnet_fault_event& event);
  void on_remove();

 private:
  int change_wire(const std::function<int(const char** why)>& change, const char** why);
  Device() = default;
  vnet_device* core_ = nullptr;
  std::vector<std::unique_ptr<Queue>> queues_;
  bool open_ = false;
  bool carrier_ = false;
  u64 carrier_changes_ = 0;
  std::atomic<u64> timer_{0};
  bool removed_ = false;
  std::mutex events_mutex_;
  std::vector<vnet_fault_event> fault_events_;
  void serve_all();
};

}  // namespace vnet::fake
