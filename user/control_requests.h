// SPDX-License-Identifier: GPL-2.0-only
// The commands of the control socket: what a request's message asks of the pair, and the answer.
//
// Concurrency: context C of core.h, in the driver's one thread.
#pragma once

#include <linux/netlink.h>
#include <vnet/control.h>

#include <array>
#include <optional>
#include <span>
#include <string>

#include "lib/nlmsg/builder.h"
#include "user/frame_pool.h"
#include "user/port.h"
#include "user/result.h"
#include "user/settings.h"

namespace vnet::user {

class ControlRequests {
 public:
  class Owner {
   public:
    virtual void end(const std::string& why) = 0;
    virtual void on_port_event(const Port& port, vnet_event_type type, vnet_u64 value) = 0;

   protected:
    ~Owner() = default;
  };

  // How far a dump has come.
  struct Dump {
    nlmsghdr request;
    vnet_u32 command;
    std::array<const Port*, 2> ports;  // null: not asked for
    vnet_u32 more;  // of each port beside the first item: queues, a direction, faults
    vnet_u32 next = 0;
  };
  // What is remembered of a client from one request to the next.
  struct Session {
    vnet_u32 groups = 0;  // VNET_GROUP_*
    std::optional<Dump> dump;
  };

  ControlRequests(Port& a, Port& b, FramePool& pool, Owner& owner)
      : ports_{&a, &b}, pool_(pool), owner_(owner) {}

  // Serves one message, and writes what answers it: nothing, a reply, an ack or error, or a reply
  // and an ack; none longer than kAnswerMax. A dump is only begun: proceed() has its answers.
  void serve(const nlmsghdr& request, Session& session, nlmsg::Builder& answer);
  // As many of the dump's messages as fit; ends it, if they were the last.
  void proceed(Session& session, nlmsg::Builder& answer);

  static constexpr size_t kAnswerMax = 8192;

 private:
  // Refused: a negative errno value, words, and the attribute at fault.
  struct Refusal {
    int code;
    std::string text;
    std::optional<vnet_u32> offset;  // from the first attribute on
  };
  using Outcome = std::optional<Refusal>;

  // A request under way.
  struct Call {
    const nlmsghdr& request;
    std::span<const vnet_u8> attributes;
    nlmsg::Builder& answer;
    Session& session;
  };

  // What is asked for, decoded; which one, the command says.
  union Request {
    vnet_device_values device;
    vnet_link_values link;
    vnet_stats_values stats;
    vnet_regs_values regs;
    vnet_seed_values seed;
    vnet_subscription_values subscription;
    vnet_impair_values impair;
    vnet_fault_values fault;
    vnet_wire_values wire;
    vnet_golden_values golden;
  };

  Outcome answer_to(const nlmsghdr& request, Session& session, nlmsg::Builder& answer);
  Outcome run(vnet_u32 command, Call& call);
  Outcome begin_dump(vnet_u32 command, Call& call);
  bool dump_one(const Dump& dump, const Port& port, vnet_u32 item, nlmsg::Builder& answer);

  Outcome device_get(Call& call);
  Outcome device_set(Call& call);
  Outcome link_get(Call& call);
  Outcome link_set(Call& call);
  Outcome link_del(Call& call);
  Outcome stats_get(Call& call);
  Outcome regs_get(Call& call);
  Outcome seed_get(Call& call);
  Outcome seed_set(Call& call);
  Outcome subscribe(Call& call);
  // control_faults.cc
  Outcome fault_get(Call& call);
  Outcome fault_add(Call& call);
  Outcome fault_del(Call& call);
  Outcome fault_fire(Call& call);
  static bool nth_fault(const Port& port, vnet_u32 n, vnet_fault_values& values);
  static void fill_fault(const Port& port, const vnet_fault_info& info, vnet_fault_values& values);
  void reply_fault(Call& call, vnet_u32 command, const Port& port, const vnet_fault_info& info);

  // control_verify.cc
  Outcome wire_get(Call& call);
  Outcome golden_get(Call& call);
  // control_impair.cc
  Outcome impair_get(Call& call);
  template <typename Change>
  Outcome impair_change(Call& call, const Change& change);
  Outcome impair_set(Call& call);
  Outcome impair_del(Call& call);
  Outcome impair_trace(Call& call);
  Port& receiver_of(size_t end, vnet_u32 direction) const {
    return *ports_[direction == VNET_DIRECTION_TX ? 1 - end : end];
  }
  void impair_values(size_t end, vnet_u32 direction);

  // Where an attribute stands that was decoded, from the first on; of nested ones the whole path.
  static std::optional<vnet_u32> offset_of(std::span<const vnet_u8> attributes,
                                           std::initializer_list<vnet_u32> path);
  // The core's words.
  static Refusal refused(const Call& call, int error, const vnet_refusal& why);
  static Refusal no_fault(const Call& call);
  // Which end the values name, whose attributes stand in `nest`, or in none (0).
  template <typename Values>
  Outcome find(const Call& call, const Values& values, vnet_u32 nest, size_t& end) const;
  Outcome find_link(const Call& call, vnet_u64 allowed, size_t& end) const;
  // Changes both ends by their infos; info_at(end, attribute) is where one stands.
  template <typename InfoAt>
  Outcome change_by(const Infos& infos, size_t first, const InfoAt& info_at);
  Outcome put_in_force(const Settings& settings, size_t first);
  void put_seed(Call& call, vnet_u32 command, size_t end) const;

  std::array<Port*, 2> ports_;
  FramePool& pool_;
  Owner& owner_;
  Request request_{};
  vnet_impair_stats impair_stats_{};  // what an answer points to
};

}  // namespace vnet::user
