// SPDX-License-Identifier: GPL-2.0-only
#include "user/control_values.h"

#include <string_view>

#include "user/rtnetlink.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

// A namespace that is not ours has an id here; ours has none.
void peer_place(const Port& port, const Port& peer, vnet_device_values& values) {
  values.peer_ifindex = static_cast<vnet_u32>(peer.ifindex());
  values.has |= bit(VNET_A_DEVICE_PEER_IFINDEX);
  if (peer.nsid() == port.nsid()) {
    copy_name(peer.name(), values.peer_ifname);
    values.has |= bit(VNET_A_DEVICE_PEER_IFNAME);
  } else if (peer.nsid() != kOwnNetns) {
    values.peer_netnsid = peer.nsid();
    values.has |= bit(VNET_A_DEVICE_PEER_NETNSID);
  }
}

void add_counter(std::string_view name, vnet_u64 value, vnet_stats_values& values) {
  if (!value) return;
  vnet_host_counter_values& counter = values.host_counter[values.host_counter_count++];
  counter.name = {name.data(), static_cast<vnet_u32>(name.size())};
  counter.value = value;
  counter.has = bit(VNET_A_HOST_COUNTER_NAME) | bit(VNET_A_HOST_COUNTER_VALUE);
  values.has |= bit(VNET_A_STATS_HOST_COUNTER);
}

}  // namespace

void copy_name(const std::string& name, char (&out)[16]) {
  out[name.copy(out, sizeof(out) - 1)] = '\0';
}

void device_values(const Port& port, const Port& peer, vnet_device_values& values) {
  vnet_core_device_values(port.device(), &values);
  values.ifindex = static_cast<vnet_u32>(port.ifindex());
  copy_name(port.name(), values.ifname);
  values.has |= bit(VNET_A_DEVICE_IFINDEX) | bit(VNET_A_DEVICE_IFNAME);
  peer_place(port, peer, values);
  values.info.csum = port.csum_wire() ? VNET_CSUM_MODE_WIRE : VNET_CSUM_MODE_OFFLOAD;
  values.info.queues = values.queues_max;
  values.info.big_tcp = 0;  // a TAP's frames are 64 KiB at most
  values.info.has |= bit(VNET_INFO_CSUM) | bit(VNET_INFO_QUEUES) | bit(VNET_INFO_BIG_TCP);
}

void link_values(const Port& first, const Port& second, vnet_link_values& values) {
  values = {};
  device_values(first, second, values.device);
  device_values(second, first, values.peer);
  values.has = bit(VNET_A_LINK_DEVICE) | bit(VNET_A_LINK_PEER);
}

void stats_values(const Port& port, vnet_u32 queue, vnet_stats_values& values) {
  vnet_core_stats_values(port.device(), queue, &values);
  values.ifindex = static_cast<vnet_u32>(port.ifindex());
  copy_name(port.name(), values.ifname);
  values.has |= bit(VNET_A_STATS_IFINDEX) | bit(VNET_A_STATS_IFNAME);
  if (queue != VNET_ALL_QUEUES) return;
  const TapErrors& errors = port.tap_errors();
  add_counter("tap-write-down", errors.write_down, values);
  add_counter("tap-write-invalid", errors.write_invalid, values);
  add_counter("tap-write-no-memory", errors.write_no_memory, values);
  add_counter("tap-write-other", errors.write_other, values);
  add_counter("tap-read-truncated", errors.read_truncated, values);
  add_counter("tap-read-other", errors.read_other, values);
  add_counter("tap-discarded", errors.discarded, values);
}

}  // namespace vnet::user
