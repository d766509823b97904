// SPDX-License-Identifier: GPL-2.0-only
// `vnet link`: the tables of its verbs, and set and del. add is link_add.cc's, show link_show.cc's.
#include "cli/commands/link.h"

#include <array>

#include "cli/commands/monitor.h"
#include "cli/knobs.h"
#include "cli/process_end.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "the device; without it all", Parameter::kPositional},
};
constexpr Parameter kAddParameters[] = {
    {"name|dev", "NAME", "the device's name", Parameter::kPositional, true},
    {"name|dev", "NAME", "the peer's name", Parameter::kPositional, true, Side::kPeer},
    {"mac|address", "MAC", "the hardware address; without it one is drawn", Parameter::kKeyword,
     false, Side::kBoth},
    {"mtu", "N", "the MTU in bytes", Parameter::kKeyword, false, Side::kBoth},
    {"netns", "NETNS", "the network namespace of the peer", Parameter::kKeyword, false,
     Side::kPeer},
    {"mode", "auto|kernel|user",
     "who drives the pair; auto: the kernel module where it can be loaded, else a process"},
};
constexpr Parameter kOneDevice[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
};

int set(Context& context, const Arguments& arguments) {
  vnet_link_values link{};
  link.has = 1ull << VNET_A_LINK_DEVICE;
  vnet_device_values& device = link.device;
  device.has = 1ull << VNET_A_DEVICE_IFNAME | 1ull << VNET_A_DEVICE_INFO;
  const std::string& name = arguments.get("dev");
  if (!set_name(device.ifname, name)) return context.refused(no_such_device(name));
  if (Failure failure = set_knobs(arguments.own.knobs, device.info))
    return context.syntax(*failure);
  if (arguments.own.knobs.empty() && arguments.peer.knobs.empty())
    return context.syntax(Error{"link set: nothing to set is named"});
  link.peer.has = 1ull << VNET_A_DEVICE_INFO;
  if (Failure failure = set_knobs(arguments.peer.knobs, link.peer.info))
    return context.syntax(*failure);
  Result<std::unique_ptr<Transport>> host = open_host_of(name, context.options.host);
  if (!host) return context.refused(host.error());
  if (arguments.peer.knobs.empty())
    return context.done((*host)->request(VNET_CMD_DEVICE_SET, device), name);
  link.has |= 1ull << VNET_A_LINK_PEER;
  return context.done((*host)->request(VNET_CMD_LINK_SET, link), name);
}

int del(Context& context, const Arguments& arguments) {
  const std::string& name = arguments.get("dev");
  vnet_link_values link{};
  link.has = 1ull << VNET_A_LINK_DEVICE;
  link.device.has = 1ull << VNET_A_DEVICE_IFNAME;
  if (!set_name(link.device.ifname, name)) return context.refused(no_such_device(name));
  Result<std::unique_ptr<Transport>> host = open_host_of(name, context.options.host);
  if (!host) return context.refused(host.error());
  // A driver's devices go with its process, which answers first.
  ProcessEnd end;
  if ((*host)->host() == Host::kUser) end.watch_peer((*host)->fd());
  if (Failure failure = (*host)->request(VNET_CMD_LINK_DEL, link))
    return context.done(failure, name);
  return context.done(end.wait(), name);
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows devices", kShowParameters, link_show},
    {"add", "makes a pair of devices", kAddParameters, link_add, Knobs::kNew, true, check_link_add},
    {"set|change", "changes a device, its link, and with `peer` the other end", kOneDevice, set,
     Knobs::kSet, true},
    {"del|delete", "takes a pair away", kOneDevice, del},
    {"monitor", "one line for each event but those of faults, as `vnet monitor`", kShowParameters,
     link_monitor},
};

}  // namespace

const Object kLinkObject{"link", "pairs of devices", kVerbs};

}  // namespace vnet::cli
