// SPDX-License-Identifier: GPL-2.0-only
// impair-get, impair-set, impair-del, impair-trace: what the wire does. It stands at the port that
// receives: of what a device sends, at the other one.
#include "user/control_requests.h"
#include "user/control_values.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

}  // namespace

void ControlRequests::impair_values(size_t end, vnet_u32 direction) {
  vnet_impair_values& values = request_.impair;
  vnet_core_impair_values(receiver_of(end, direction).device(), &impair_stats_, &values);
  values.ifindex = static_cast<vnet_u32>(ports_[end]->ifindex());
  copy_name(ports_[end]->name(), values.ifname);
  values.direction = static_cast<vnet_u8>(direction);
  values.has |=
      bit(VNET_A_IMPAIR_IFINDEX) | bit(VNET_A_IMPAIR_IFNAME) | bit(VNET_A_IMPAIR_DIRECTION);
}

auto ControlRequests::impair_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.impair, 0, end)) return refusal;
  if (!(request_.impair.has & bit(VNET_A_IMPAIR_DIRECTION)))
    return Refusal{-EINVAL, "direction: is needed", {}};
  const bool of_queue = request_.impair.has & bit(VNET_A_IMPAIR_QUEUE);
  const vnet_u32 queue = request_.impair.queue, direction = request_.impair.direction;
  impair_values(end, direction);
  const char* why = nullptr;
  const vnet_device* const device = receiver_of(end, direction).device();
  if (const int error = of_queue ? vnet_core_wire_values(device, queue, &request_.impair, &why) : 0)
    return refused(call, error, {why, VNET_A_IMPAIR_QUEUE, 0});
  call.answer.begin(nlmsg::VNET_SOCKET_FAMILY, VNET_CMD_IMPAIR_GET, call.request.nlmsg_seq, 0);
  call.answer.append(VNET_SET_IMPAIR, &request_.impair);
  (void)call.answer.end();
  return {};
}

// Without a direction, both. No poll runs meanwhile: there is one thread.
template <typename Change>
auto ControlRequests::impair_change(Call& call, const Change& change) -> Outcome {
  size_t end;
  const vnet_impair_values& values = request_.impair;
  if (Outcome refusal = find(call, values, 0, end)) return refusal;
  const bool one = values.has & bit(VNET_A_IMPAIR_DIRECTION);
  const size_t first = one && values.direction == VNET_DIRECTION_RX ? end : 1 - end;
  const std::array<Port*, 2> receivers{ports_[first], one ? nullptr : ports_[1 - first]};
  vnet_impair_target target{ports_[end]->device(), {receivers[0]->device(), nullptr}};
  if (receivers[1]) target.receivers[1] = receivers[1]->device();
  vnet_refusal why{};
  if (const int error = change(&target, &values, &why)) return refused(call, error, why);
  for (Port* const receiver : receivers)
    if (receiver) receiver->impaired();
  for (const Port* port : ports_) owner_.on_port_event(*port, VNET_EVENT_TYPE_CONFIG_CHANGED, 0);
  return {};
}

auto ControlRequests::impair_set(Call& call) -> Outcome {
  return impair_change(call, vnet_core_impair_change);
}

auto ControlRequests::impair_del(Call& call) -> Outcome {
  return impair_change(call, vnet_core_impair_remove);
}

auto ControlRequests::impair_trace(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.impair, 0, end)) return refusal;
  vnet_refusal why{};
  const int error = vnet_core_impair_trace(ports_[end]->device(), &request_.impair, &why);
  if (error) return refused(call, error, why);
  return {};
}

}  // namespace vnet::user
