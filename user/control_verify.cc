// SPDX-License-Identifier: GPL-2.0-only
// wire-get, golden-get: what `vnet verify` wants to know.
#include "user/control_requests.h"
#include "user/control_values.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

}  // namespace

// Between two polls: there is one thread.
auto ControlRequests::wire_get(Call& call) -> Outcome {
  vnet_wire_values& values = request_.wire;
  size_t end;
  if (Outcome refusal = find(call, values, 0, end)) return refusal;
  constexpr vnet_u64 kNeeded = bit(VNET_A_WIRE_DIRECTION) | bit(VNET_A_WIRE_QUEUE);
  if ((values.has & kNeeded) != kNeeded)
    return Refusal{-EINVAL, "direction, queue: are needed", {}};
  const Port& receiver = receiver_of(end, values.direction);
  const Port& sender = *ports_[&receiver == ports_[0] ? 1 : 0];
  vnet_wire_view view;
  if (const int error = vnet_core_wire_moment(receiver.device(), values.queue, &view, &values))
    return refused(call, error, {"queue: the receiver has no such queue", VNET_A_WIRE_QUEUE, 0});
  vnet_core_queue_stats(sender.device(), values.queue, &view.queue);
  values.sent = view.queue.tx_frames;
  values.ifindex = static_cast<vnet_u32>(ports_[end]->ifindex());
  copy_name(ports_[end]->name(), values.ifname);
  values.has |= bit(VNET_A_WIRE_IFINDEX) | bit(VNET_A_WIRE_IFNAME) | bit(VNET_A_WIRE_SENT);
  call.answer.begin(nlmsg::VNET_SOCKET_FAMILY, VNET_CMD_WIRE_GET, call.request.nlmsg_seq, 0);
  call.answer.append(VNET_SET_WIRE, &values);
  (void)call.answer.end();
  return {};
}

auto ControlRequests::golden_get(Call& call) -> Outcome {
  vnet_golden_values& values = request_.golden;
  size_t end;
  if (Outcome refusal = find(call, values, 0, end)) return refusal;
  vnet_core_golden_values(&values);
  values.ifindex = static_cast<vnet_u32>(ports_[end]->ifindex());
  copy_name(ports_[end]->name(), values.ifname);
  values.has |= bit(VNET_A_GOLDEN_IFINDEX) | bit(VNET_A_GOLDEN_IFNAME);
  call.answer.begin(nlmsg::VNET_SOCKET_FAMILY, VNET_CMD_GOLDEN_GET, call.request.nlmsg_seq, 0);
  call.answer.append(VNET_SET_GOLDEN, &values);
  (void)call.answer.end();
  return {};
}

}  // namespace vnet::user
