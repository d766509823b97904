// SPDX-License-Identifier: GPL-2.0-only
// A device: what the host's stack sees. It has queues, a port with its filter, and at most one
// link.
//
// Concurrency: control is one caller at a time over all devices; the const members may be called
// from anywhere and read words that control writes.
#pragma once

#include "core/base/types.h"
#include "core/fault/faults.h"
#include "core/impair/impairment.h"
#include "core/mac_filter.h"
#include "core/queue.h"
#include "core/rss.h"
#include "core/vlan_filter.h"

namespace vnet {

class Device {
 public:
  // Null: *error is set, and *why for an invalid parameter.
  static Device* create(const vnet_params& params, void* host_device, int& error, const char*& why);
  void destroy();

  int open();  // 0 or kNoMemory: nothing has changed
  void stop();

  vnet_params params() const { return params_; }
  int set_params(const vnet_params& params, const char*& why);
  void set_filter(const vnet_filter& filter);
  int set_vlan(vnet_vlan protocol, u32 vid, bool member);
  int set_vlan_filter(vnet_vlan protocol, bool on);

  // What the wire does to what this device receives. No poll of the device runs.
  // In two steps, see Impairment.
  int prepare_impairment(const vnet_impairment& config, Refusal& why);
  void commit_impairment();
  void abandon_impairment() { impairment_.load_relaxed()->abandon(); }
  TraceUpload* trace_upload();                                                 // null: no memory
  const Impairment* impairment() const { return impairment_.load_acquire(); }  // null: never set
  void begin_run();
  // False: no such queue.
  bool wire_state(u32 queue, vnet_wire_state& state) const;

  // What the device does wrong. No poll of the device runs while one is added or deleted.
  int add_fault(const vnet_fault& config, u32& id, Refusal& why);
  int delete_fault(u32 id);
  int fire_fault(u32 id);
  bool list_fault(u32 from, vnet_fault_info& info) const;
  void tick_faults();

  int set_rss(const vnet_rss& config, const char*& why);
  const Rss* rss() const { return rss_.load_acquire(); }  // null: never set

  static int attach(Device& a, Device& b, const char*& why);
  void detach();
  const Device* peer() const { return link_.load_relaxed(); }  // null: no link
  void* peer_host_device() const;

  u32 queue_limit() const { return queue_limit_; }  // how many there are, made or not
  // Makes the queues the first time. Null: no such queue, or no memory.
  Queue* make_queue(u32 index);
  // Null: no such queue, or none made yet.
  Queue* queue(u32 index) { return index < queue_count() ? &queues_[index] : nullptr; }
  const Queue* queue(u32 index) const { return index < queue_count() ? &queues_[index] : nullptr; }
  Moderation::Wait rx_wait(u32 index) const;
  u64 watchdog(u64 now);
  bool is_open() const { return open_.load_relaxed(); }
  bool has_carrier() const { return carrier_.load_relaxed(); }
  u32 ring_size() const { return ring_size_.load_relaxed(); }
  void add_stats(vnet_queue_stats& stats) const;
  u32 registers(u32* out, u32 count) const;

 private:
  Device(const vnet_params& params, void* host_device);
  bool make_queues();
  bool allocate_addresses();
  vnet_frame** allocate_slots(u32 ring_size) const;
  int resize(u32 ring_size);
  void replace_rings(vnet_frame** slots, u32 ring_size);
  void recover_queues();
  u32 queue_count() const { return queue_count_.load_acquire(); }
  void configure_queues();
  static void link_up(Device& a, Device& b);
  static void link_down(Device& a, Device& b);
  void set_carrier(bool up);
  u32 control_bits() const;
  void update_run();
  void attach_wires();
  Impairment* own_impairment();
  void attach_faults();
  void free_faults(u32 places);
  void settle_flap(bool flapped);
  void mark_flap();
  static void link_up_if_ready(Device& a, Device& b);

  vnet_params params_;
  // Beside params_, which control rewrites while statistics are read.
  const u32 queue_limit_;
  Atomic<u32> ring_size_;
  Atomic<u32> queue_count_;  // of the queues that are made: 0 or params_.queues
  void* host_device_;
  Queue* queues_ = nullptr;  // from when the host first asks for one, at the latest the first open
  Atomic<u64>* addresses_ = nullptr;  // of the MAC filter, from the first open on
  vnet_frame** slots_ = nullptr;      // of all receive rings, while open
  Atomic<Device*> link_;              // the other end
  Atomic<bool> open_;
  Atomic<bool> carrier_;
  MacFilter filter_;
  Atomic<Rss*> rss_;
  Atomic<Impairment*> impairment_;
  Faults* faults_ = nullptr;
  bool flapped_ = false;    // the link, by a fault of this end
  bool first_end_ = false;  // of the link
  VlanFilter vlans_;
};

}  // namespace vnet
