// SPDX-License-Identifier: GPL-2.0-only
// Ways to a host: generic netlink to the kernel module, a socket to a user-space driver. Both carry
// the same messages.
#pragma once

#include <linux/netlink.h>
#include <vnet/control.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/datagram.h"
#include "cli/options.h"
#include "user/fd.h"

namespace vnet::cli {

// The attribute set of a struct of control_gen.h.
template <typename Values>
struct SetOf;
template <>
struct SetOf<vnet_device_values> {
  static constexpr vnet_set kSet = VNET_SET_DEVICE;
};
template <>
struct SetOf<vnet_link_values> {
  static constexpr vnet_set kSet = VNET_SET_LINK;
};
template <>
struct SetOf<vnet_stats_values> {
  static constexpr vnet_set kSet = VNET_SET_STATS;
};
template <>
struct SetOf<vnet_regs_values> {
  static constexpr vnet_set kSet = VNET_SET_REGS;
};
template <>
struct SetOf<vnet_seed_values> {
  static constexpr vnet_set kSet = VNET_SET_SEED;
};
template <>
struct SetOf<vnet_event_values> {
  static constexpr vnet_set kSet = VNET_SET_EVENT;
};
template <>
struct SetOf<vnet_dropped_values> {
  static constexpr vnet_set kSet = VNET_SET_DROPPED;
};
template <>
struct SetOf<vnet_subscription_values> {
  static constexpr vnet_set kSet = VNET_SET_SUBSCRIPTION;
};
template <>
struct SetOf<vnet_impair_values> {
  static constexpr vnet_set kSet = VNET_SET_IMPAIR;
};
template <>
struct SetOf<vnet_decided_values> {
  static constexpr vnet_set kSet = VNET_SET_DECIDED;
};
template <>
struct SetOf<vnet_fault_values> {
  static constexpr vnet_set kSet = VNET_SET_FAULT;
};
template <>
struct SetOf<vnet_wire_values> {
  static constexpr vnet_set kSet = VNET_SET_WIRE;
};
template <>
struct SetOf<vnet_golden_values> {
  static constexpr vnet_set kSet = VNET_SET_GOLDEN;
};

// A reply or an event. Its bytes live as long as the visit.
struct Reply {
  vnet_u32 command = 0;  // VNET_CMD_*
  std::span<const vnet_u8> attributes;

  // False if it is malformed. What `values` points to lives as long as the reply.
  template <typename Values>
  bool decode(Values& values) const {
    return vnet_core_reply_decode(SetOf<Values>::kSet, attributes.data(),
                                  static_cast<vnet_u32>(attributes.size()), &values) == 0;
  }
};

struct Answers;

enum class Host { kKernel, kUser };

class Transport {
 public:
  using Visitor = std::function<void(const Reply&)>;

  virtual ~Transport() = default;

  Host host() const { return host_; }
  // "kernel", or the instance's name.
  const std::string& name() const { return name_; }

  // Sends a request with the attributes that `values` has and waits for the ack; visits the reply,
  // if there is one. The error has the host's text (extack) and its errno, positive.
  template <typename Values>
  Failure request(vnet_u8 command, const Values& values, const Visitor& visit = {}) {
    return exchange(command, SetOf<Values>::kSet, &values, NLM_F_ACK, visit);
  }
  // The same for a dump. All replies are there before the first visit; a dump that was interrupted
  // by a change is repeated.
  template <typename Values>
  Failure dump(vnet_u8 command, const Values& values, const Visitor& visit) {
    return exchange(command, SetOf<Values>::kSet, &values, NLM_F_DUMP, visit);
  }

  // From now on events of these groups (VNET_GROUP_EVENTS | VNET_GROUP_DROPS) can be received. Use
  // a transport of its own for events: one that waits for an ack passes events by.
  virtual Failure subscribe(vnet_u32 groups) = 0;
  // For poll(): readable when there are events, or when the host is gone.
  int fd() const { return fd_.get(); }
  // Visits the events that have come; does not wait. The error's code ENOBUFS: some were lost, go
  // on. Any other: the host is gone.
  Failure receive(const Visitor& visit);

 protected:
  Transport(Host host, std::string name, user::UniqueFd fd, vnet_u16 type)
      : host_(host), name_(std::move(name)), fd_(std::move(fd)), type_(type) {}

 private:
  Failure exchange(vnet_u8 command, vnet_set set, const void* values, vnet_u16 flags,
                   const Visitor& visit);
  Failure send(vnet_u8 command, vnet_set set, const void* values, vnet_u16 flags);
  Failure collect(vnet_set set, Answers& answers);
  Error gone(int code) const;

  Host host_;
  std::string name_;
  user::UniqueFd fd_;
  vnet_u16 type_;  // nlmsg_type of our messages
  vnet_u32 sequence_ = 0;
  Datagram datagram_;
  std::vector<vnet_u32> request_;  // the last one, for errors that point into it
};

// The kernel module in this network namespace. EOPNOTSUPP: it is not loaded.
Result<std::unique_ptr<Transport>> open_kernel();

}  // namespace vnet::cli
