// SPDX-License-Identifier: GPL-2.0-only
// fault-get, fault-add, fault-del, fault-fire at the control socket.
#include <vnet/fault.h>

#include "user/control_requests.h"
#include "user/control_values.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

bool find_fault(const Port& port, vnet_u32 id, vnet_fault_info& info) {
  return vnet_core_fault_list(port.device(), id, &info) && info.id == id;
}

}  // namespace

bool ControlRequests::nth_fault(const Port& port, vnet_u32 n, vnet_fault_values& values) {
  vnet_fault_info info;
  vnet_u32 from = 0;
  do {
    if (!vnet_core_fault_list(port.device(), from, &info)) return false;
    from = info.id + 1;
  } while (n-- > 0);
  fill_fault(port, info, values);
  return true;
}

void ControlRequests::fill_fault(const Port& port, const vnet_fault_info& info,
                                 vnet_fault_values& values) {
  vnet_core_fault_values(&info, &values);
  values.ifindex = static_cast<vnet_u32>(port.ifindex());
  copy_name(port.name(), values.ifname);
  values.has |= bit(VNET_A_FAULT_IFINDEX) | bit(VNET_A_FAULT_IFNAME);
}

void ControlRequests::reply_fault(Call& call, vnet_u32 command, const Port& port,
                                  const vnet_fault_info& info) {
  fill_fault(port, info, request_.fault);
  call.answer.begin(nlmsg::VNET_SOCKET_FAMILY, static_cast<vnet_u8>(command),
                    call.request.nlmsg_seq, 0);
  call.answer.append(VNET_SET_FAULT, &request_.fault);
  (void)call.answer.end();
}

auto ControlRequests::no_fault(const Call& call) -> Refusal {
  return refused(call, -ENOENT, {"id: the device has no such fault", VNET_A_FAULT_ID, 0});
}

auto ControlRequests::fault_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.fault, 0, end)) return refusal;
  if (!(request_.fault.has & bit(VNET_A_FAULT_ID))) return Refusal{-EINVAL, "id: is needed", {}};
  vnet_fault_info info;
  if (!find_fault(*ports_[end], request_.fault.id, info)) return no_fault(call);
  reply_fault(call, VNET_CMD_FAULT_GET, *ports_[end], info);
  return {};
}

auto ControlRequests::fault_add(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.fault, 0, end)) return refusal;
  Port& port = *ports_[end];
  vnet_fault fault;
  vnet_refusal why{};
  vnet_u32 id = 0;
  int error = vnet_core_fault_from_values(&request_.fault, &fault, &why);
  if (!error) error = port.add_fault(fault, id, why);
  if (error) return refused(call, error, why);
  vnet_fault_info info;
  if (!find_fault(port, id, info)) return no_fault(call);
  reply_fault(call, VNET_CMD_FAULT_ADD, port, info);
  return {};
}

auto ControlRequests::fault_del(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.fault, 0, end)) return refusal;
  const bool one = request_.fault.has & bit(VNET_A_FAULT_ID);
  if (ports_[end]->delete_fault(one ? request_.fault.id : 0)) return no_fault(call);
  return {};
}

auto ControlRequests::fault_fire(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.fault, 0, end)) return refusal;
  if (!(request_.fault.has & bit(VNET_A_FAULT_ID))) return Refusal{-EINVAL, "id: is needed", {}};
  const int error = vnet_core_fault_fire(ports_[end]->device(), request_.fault.id);
  if (error == -ENOENT) return no_fault(call);
  if (error) return refused(call, error, {"id: the fault is over", VNET_A_FAULT_ID, 0});
  return {};
}

}  // namespace vnet::user
