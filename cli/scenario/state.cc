// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/state.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <set>
#include <tuple>

#include "cli/batch.h"
#include "cli/fault_words.h"
#include "cli/hosts.h"
#include "cli/impair_words.h"
#include "cli/knobs.h"
#include "cli/netns.h"
#include "cli/output.h"
#include "cli/scenario/netns_scope.h"
#include "cli/schema.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

// A device of any kind, as its namespace has it.
struct Interface {
  std::string netns;
  std::string netns_too;  // another that has its like
  bool up = false;
  std::vector<std::string> addresses, link_local;
};
// What a host tells of a device that stands in a namespace which has no name there.
using InterfaceKey = std::tuple<std::string, std::string, unsigned>;  // name, MAC, index

template <typename Address>
std::string address_text(int family, const Address& address, const void* mask, size_t bytes) {
  char text[INET6_ADDRSTRLEN];
  int bits = 0;
  for (size_t i = 0; i < bytes; i++) bits += std::popcount(static_cast<const vnet_u8*>(mask)[i]);
  return fmt::format("{}/{}", inet_ntop(family, &address, text, sizeof(text)), bits);
}

bool is_link_local(const ifaddrs& entry) {
  return entry.ifa_addr && entry.ifa_addr->sa_family == AF_INET6 &&
         IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr);
}

// "10.0.0.1/24"; nothing for what is no address of a network.
std::string address_of(const ifaddrs& entry) {
  if (!entry.ifa_addr || !entry.ifa_netmask) return "";
  if (entry.ifa_addr->sa_family == AF_INET) {
    const auto& in = *reinterpret_cast<const sockaddr_in*>(entry.ifa_addr);
    const auto& mask = *reinterpret_cast<const sockaddr_in*>(entry.ifa_netmask);
    return address_text(AF_INET, in.sin_addr, &mask.sin_addr, sizeof(mask.sin_addr));
  }
  if (entry.ifa_addr->sa_family != AF_INET6) return "";
  const auto& in6 = *reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
  const auto& mask = *reinterpret_cast<const sockaddr_in6*>(entry.ifa_netmask);
  return address_text(AF_INET6, in6.sin6_addr, &mask.sin6_addr, sizeof(mask.sin6_addr));
}

class Collector {
 public:
  Result<State> collect() {
    const std::vector<std::string> namespaces = reachable_namespaces();
    for (const std::string& netns : namespaces) scan(netns);
    for (const std::string& netns : namespaces) {
      const Result<NetnsScope> scope = NetnsScope::enter(netns);
      if (!scope) continue;  // it went
      Result<std::unique_ptr<Transport>> kernel = open_kernel();
      if (!kernel) continue;
      if (Failure failure = add_links_of(**kernel)) return *failure;
    }
    Result<std::vector<std::unique_ptr<Transport>>> drivers = open_hosts(HostChoice::kUser);
    if (!drivers) return drivers.error();
    for (const std::unique_ptr<Transport>& driver : *drivers)
      if (Failure failure = add_links_of(*driver)) return *failure;
    return std::move(state_);
  }

 private:
  void scan(const std::string& netns) {
    const Result<NetnsScope> scope = NetnsScope::enter(netns);
    ifaddrs* all = nullptr;
    if (!scope || getifaddrs(&all) != 0) return;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(all, freeifaddrs);
    std::map<std::string, Interface*> here;
    for (const ifaddrs* entry = all; entry; entry = entry->ifa_next) {
      if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_PACKET) continue;
      const auto& link = *reinterpret_cast<const sockaddr_ll*>(entry->ifa_addr);
      vnet_u8 mac[6];
      std::copy_n(link.sll_addr, sizeof(mac), mac);
      const InterfaceKey key{entry->ifa_name, mac_text(mac), link.sll_ifindex};
      const auto [at, is_new] = interfaces_.try_emplace(key);
      Interface& interface = at->second;
      (is_new ? interface.netns : interface.netns_too) = netns;
      interface.up = entry->ifa_flags & IFF_UP;
      here[entry->ifa_name] = &interface;
    }
    for (const ifaddrs* entry = all; entry; entry = entry->ifa_next) {
      // An IPv4 address has its label there: "v0:1".
      const std::string_view label = entry->ifa_name;
      const auto found = here.find(std::string(label.substr(0, label.find(':'))));
      const std::string address = found == here.end() ? "" : address_of(*entry);
      if (address.empty()) continue;
      Interface& interface = *found->second;
      (is_link_local(*entry) ? interface.link_local : interface.addresses).push_back(address);
    }
  }

  Failure add_links_of(Transport& host) {
    std::vector<vnet_link_values> found;
    const auto take = [&](const Reply& reply) {
      found.emplace_back();
      if (!reply.decode(found.back())) found.pop_back();
    };
    if (Failure failure = host.dump(VNET_CMD_LINK_GET, vnet_link_values{}, take)) return failure;
    for (const vnet_link_values& values : found)
      if (Failure failure = add(host, values)) return failure;
    return {};
  }

  Failure add(Transport& host, const vnet_link_values& values) {
    const vnet_device_values* const devices[] = {&values.device, &values.peer};
    StateLink state;
    ScenarioLink& link = state.link;
    bool up = true;
    for (size_t end = 0; end < 2; end++) {
      const std::string mac = mac_text(devices[end]->mac);
      const auto found = interfaces_.find({devices[end]->ifname, mac, devices[end]->ifindex});
      if (found == interfaces_.end()) {
        state_.unreachable.emplace_back(devices[end]->ifname);
        return {};
      }
      if (!found->second.netns_too.empty())
        return Error{
            fmt::format("two devices are called '{}', with the MAC {}: which of them, in the "
                        "namespaces '{}' and '{}', is meant cannot be told",
                        devices[end]->ifname, mac, found->second.netns, found->second.netns_too),
            EEXIST};
      link.ends[end].name = {found->second.netns, devices[end]->ifname};
      link.ends[end].addresses = found->second.addresses;
      state.link_local[end] = found->second.link_local;
      up = up && found->second.up;
    }
    // From both namespaces of a link the module tells of it.
    if (!seen_.insert(link.ends[0].name.text()).second) return {};
    seen_.insert(link.ends[1].name.text());
    link.up = up;
    link.mode = host_name(host.host());
    link.said = {{true, true}, {true, true}, {true, true}};
    for (size_t end = 0; end < 2; end++) add_knobs(host.host(), *devices[end], end, link);
    if (Failure failure = ask_seed(host, link)) return failure;
    for (size_t direction = 0; direction < 2; direction++)
      if (Failure failure = ask_impair(host, direction, link)) return failure;
    for (size_t end = 0; end < 2; end++)
      if (Failure failure = ask_faults(end, state)) return failure;
    state_.links.push_back(std::move(state));
    return {};
  }

  static void add_knobs(Host host, const vnet_device_values& device, size_t end,
                        ScenarioLink& link) {
    Argv& words = link.ends[end].knobs;
    words = {"mtu", fmt::format("{}", device.mtu), "mac", mac_text(device.mac)};
    for (const Knob& knob : knobs()) {
      const std::string_view keyword = knob.keyword;
      // The other end's rx is this one's tx; the seed is the link's.
      const bool wanted = keyword != "tx" && keyword != "seed" && knob.when != When::kSet &&
                          (host == Host::kKernel ? knob.kernel : knob.user) &&
                          (knob.scope == Scope::kDevice || end == 0);
      if (!wanted || !has_attribute(&device.info, knob.attribute->id)) continue;
      words.emplace_back(keyword);
      words.push_back(knob_text(knob, number_of(*knob.attribute, &device.info)));
    }
  }

  static Failure ask_seed(Transport& host, ScenarioLink& link) {
    vnet_seed_values which{};
    which.has = 1ull << VNET_A_SEED_IFNAME;
    (void)set_name(which.ifname, link.ends[0].name.device);
    return host.request(VNET_CMD_SEED_GET, which, [&](const Reply& reply) {
      vnet_seed_values seed;
      if (reply.decode(seed)) link.seed = seed.seed;
    });
  }

  static Failure ask_impair(Transport& host, size_t direction, ScenarioLink& link) {
    vnet_impair_values which{};
    which.has = 1ull << VNET_A_IMPAIR_IFNAME | 1ull << VNET_A_IMPAIR_DIRECTION;
    which.direction = static_cast<vnet_u8>(direction);
    (void)set_name(which.ifname, link.ends[0].name.device);
    return host.request(VNET_CMD_IMPAIR_GET, which, [&](const Reply& reply) {
      vnet_impair_values values;
      if (reply.decode(values)) link.impair[direction] = *split_line(impairment_text(values));
    });
  }

  static Failure ask_faults(size_t end, StateLink& state) {
    const EndName& name = state.link.ends[end].name;
    const Result<NetnsScope> scope = NetnsScope::enter(name.netns);
    if (!scope) return scope.error();
    Result<std::unique_ptr<Transport>> host = open_host_of(name.device, HostChoice::kAny);
    if (!host) return host.error();
    vnet_fault_values which{};
    which.has = 1ull << VNET_A_FAULT_IFNAME;
    (void)set_name(which.ifname, name.device);
    return (*host)->dump(VNET_CMD_FAULT_GET, which, [&](const Reply& reply) {
      vnet_fault_values fault;
      if (!reply.decode(fault) || fault.state >= VNET_FAULT_STATE_DONE) return;
      state.link.faults[end].push_back(*split_line(fault_words(fault)));
      state.fault_ids[end].push_back(fault.id);
    });
  }

  State state_;
  std::map<InterfaceKey, Interface> interfaces_;
  std::set<std::string> seen_;
};

// What is said of the link stands at its first end.
void move_link_knobs(Argv& from, Argv& to) {
  for (size_t i = 0; i + 1 < from.size();) {
    const bool of_link = std::any_of(knobs().begin(), knobs().end(), [&](const Knob& knob) {
      return from[i] == knob.keyword && knob.scope == Scope::kLink;
    });
    if (!of_link) {
      i += 2;
      continue;
    }
    const auto at = from.begin() + static_cast<std::ptrdiff_t>(i);
    to.insert(to.end(), at, at + 2);
    from.erase(at, at + 2);
  }
}

}  // namespace

Result<State> collect_state() {
  return Collector().collect();
}

StateLink seen_from_b(const StateLink& state) {
  StateLink other = state;
  ScenarioLink& link = other.link;
  std::swap(link.ends[0], link.ends[1]);
  move_link_knobs(link.ends[1].knobs, link.ends[0].knobs);
  std::swap(link.impair[0], link.impair[1]);
  std::swap(link.faults[0], link.faults[1]);
  std::swap(other.fault_ids[0], other.fault_ids[1]);
  std::swap(other.link_local[0], other.link_local[1]);
  return other;
}

}  // namespace vnet::cli
