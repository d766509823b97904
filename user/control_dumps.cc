// SPDX-License-Identifier: GPL-2.0-only
// Dumps at the control socket: what is asked for, and one message after another.
#include "user/control_requests.h"
#include "user/control_values.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

// A device, in each set (see control_requests.cc).
constexpr vnet_u64 kWhich = bit(VNET_A_STATS_IFINDEX) | bit(VNET_A_STATS_IFNAME);

}  // namespace

auto ControlRequests::begin_dump(vnet_u32 command, Call& call) -> Outcome {
  Dump dump{call.request, command, {ports_[0], ports_[1]}, 0, 0};
  if (command == VNET_CMD_LINK_GET) dump.ports[1] = nullptr;  // a link once, not each end
  if (command == VNET_CMD_STATS_GET) {
    const vnet_stats_values& wanted = request_.stats;
    size_t end;
    if (wanted.has & kWhich) {
      if (Outcome refusal = find(call, wanted, 0, end)) return refusal;
      dump.ports = {ports_[end], nullptr};
    }
    if (wanted.has & bit(VNET_A_STATS_PER_QUEUE)) dump.more = ports_[0]->params().queues;
  }
  if (command == VNET_CMD_IMPAIR_GET) {
    size_t end;
    if (request_.impair.has & kWhich) {
      if (Outcome refusal = find(call, request_.impair, 0, end)) return refusal;
      dump.ports = {ports_[end], nullptr};
    }
    dump.more = VNET_DIRECTION_MAX;
  }
  if (command == VNET_CMD_FAULT_GET) {
    size_t end;
    if (request_.fault.has & kWhich) {
      if (Outcome refusal = find(call, request_.fault, 0, end)) return refusal;
      dump.ports = {ports_[end], nullptr};
    }
    dump.more = VNET_FAULTS_MAX - 1;
  }
  call.session.dump = dump;
  return {};
}

void ControlRequests::proceed(Session& session, nlmsg::Builder& answer) {
  Dump& dump = *session.dump;
  const vnet_u32 each = 1 + dump.more;
  for (; dump.next < each * dump.ports.size(); dump.next++) {
    const Port* const port = dump.ports[dump.next / each];
    if (!port) continue;
    if (!dump_one(dump, *port, dump.next % each, answer)) return;
  }
  if (answer.done(dump.request)) session.dump.reset();
}

bool ControlRequests::dump_one(const Dump& dump, const Port& port, vnet_u32 item,
                               nlmsg::Builder& answer) {
  const Port& peer = *ports_[&port == ports_[0] ? 1 : 0];
  vnet_set set = VNET_SET_DEVICE;
  switch (dump.command) {
    case VNET_CMD_LINK_GET:
      set = VNET_SET_LINK;
      link_values(port, peer, request_.link);
      break;
    case VNET_CMD_STATS_GET:
      set = VNET_SET_STATS;
      stats_values(port, item ? item - 1 : VNET_ALL_QUEUES, request_.stats);
      break;
    case VNET_CMD_IMPAIR_GET:
      set = VNET_SET_IMPAIR;
      impair_values(&port == ports_[0] ? 0 : 1, item);
      break;
    case VNET_CMD_FAULT_GET:
      set = VNET_SET_FAULT;
      if (!nth_fault(port, item, request_.fault)) return true;
      break;
    default:
      device_values(port, peer, request_.device);
  }
  answer.begin(nlmsg::VNET_SOCKET_FAMILY, static_cast<vnet_u8>(dump.command),
               dump.request.nlmsg_seq, NLM_F_MULTI);
  answer.append(set, &request_);
  return answer.end();
}

}  // namespace vnet::user
