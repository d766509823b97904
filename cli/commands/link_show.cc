// SPDX-License-Identifier: GPL-2.0-only
// `vnet link show`: devices as `ip -d link show` prints them.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "cli/commands/link.h"
#include "cli/commands/stats.h"
#include "cli/knobs.h"
#include "cli/schema.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

struct Shown {
  vnet_device_values device;
  Host host;
  std::string place;          // the instance, or "kernel"
  std::optional<Json> stats;  // with -statistics
};

bool has(const vnet_device_values& device, vnet_u32 id) {
  return device.has >> id & 1;
}

// "v0@v1", "v0@if4"
std::string name_of(const vnet_device_values& device, const Options& options) {
  std::string peer;
  if (has(device, VNET_A_DEVICE_PEER_IFNAME)) {
    peer = fmt::format("@{}", device.peer_ifname);
  } else if (has(device, VNET_A_DEVICE_PEER_IFINDEX)) {
    peer = fmt::format("@if{}", device.peer_ifindex);
  }
  return painted(Paint::kDevice, device.ifname + peer, options);
}

std::string flags_of(const vnet_device_values& device) {
  if (!device.open) return "<>";
  return device.carrier ? "<UP,LOWER_UP>" : "<NO-CARRIER,UP>";
}

std::string state_of(const vnet_device_values& device, const Options& options) {
  const bool up = device.open && device.carrier;
  return painted(up ? Paint::kUp : Paint::kDown, up ? "UP" : "DOWN", options);
}

std::string brief_line(const Shown& shown, const Options& options) {
  const vnet_device_values& device = shown.device;
  // Painted text is longer than it looks.
  const auto padded = [&](const std::string& text, const std::string& plain, size_t width) {
    return text + std::string(plain.size() < width ? width - plain.size() : 0, ' ');
  };
  Options plain;
  return fmt::format("{} {} {} {}\n", padded(name_of(device, options), name_of(device, plain), 20),
                     padded(state_of(device, options), state_of(device, plain), 6),
                     painted(Paint::kMac, mac_text(device.mac), options), flags_of(device));
}

// "vnet csum offload bigtcp off ...": what can be set.
std::string knobs_line(const vnet_info_values& info) {
  std::string line = "vnet";
  for (const Knob& knob : knobs())
    if (has_attribute(&info, knob.attribute->id))
      line +=
          fmt::format(" {} {}", knob.keyword, knob_text(knob, number_of(*knob.attribute, &info)));
  return line;
}

std::string full_lines(const Shown& shown, const Options& options) {
  const vnet_device_values& device = shown.device;
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{}: {}: {} mtu {} state {}", device.ifindex,
                              name_of(device, options), flags_of(device), device.mtu,
                              state_of(device, options)));
  std::string ether =
      fmt::format("link/ether {}", painted(Paint::kMac, mac_text(device.mac), options));
  if (has(device, VNET_A_DEVICE_PEER_NETNSID))
    ether += fmt::format(" link-netnsid {}", device.peer_netnsid);
  lines.push_back(ether);
  if (options.details) {
    lines.push_back(knobs_line(device.info));
    std::string more = fmt::format("queues-max {}", device.queues_max);
    if (device.snull) more += " snull";
    more += shown.host == Host::kKernel ? " host kernel"
                                        : fmt::format(" host user instance {}", shown.place);
    lines.push_back(more);
  }
  if (options.statistics) {
    const std::vector<std::string> stats = stats_lines(*shown.stats);
    lines.insert(lines.end(), stats.begin(), stats.end());
  }
  std::string text = lines[0];
  for (size_t i = 1; i < lines.size(); i++) text += "\n    " + lines[i];
  return record(text + "\n", options);
}

Failure ask_devices(Transport& host, const std::string& name, const Options& options,
                    std::vector<Shown>& found) {
  const size_t before = found.size();
  vnet_device_values which{};
  const auto take = [&](const Reply& reply) {
    found.push_back({{}, host.host(), host.name(), {}});
    if (!reply.decode(found.back().device)) found.pop_back();
  };
  if (!name.empty()) {
    which.has = 1ull << VNET_A_DEVICE_IFNAME;
    if (!set_name(which.ifname, name)) return no_such_device(name);
    if (Failure failure = host.request(VNET_CMD_DEVICE_GET, which, take)) return failure;
  } else if (Failure failure = host.dump(VNET_CMD_DEVICE_GET, which, take)) {
    return failure;
  }
  if (!options.statistics) return {};
  // A user-space pair's ends, in two network namespaces, may have one index and one name: both
  // dumps have them in the same order.
  std::multimap<std::pair<vnet_u32, std::string>, Json> stats;
  const auto take_stats = [&](const vnet_stats_values& values) {
    stats.emplace(std::pair{values.ifindex, values.ifname}, to_json(values));
  };
  Failure failure = ask_stats(host, name, false, take_stats);
  std::vector<Shown> still;  // what went meanwhile has no counters
  for (size_t i = before; !failure && i < found.size(); i++) {
    auto counted = stats.extract({found[i].device.ifindex, found[i].device.ifname});
    if (!counted) continue;
    found[i].stats = std::move(counted.mapped());
    still.push_back(std::move(found[i]));
  }
  found.resize(before);
  std::move(still.begin(), still.end(), std::back_inserter(found));
  return failure;
}

Json shown_json(const Shown& shown, const Options& options) {
  Json json = to_json(shown.device);
  if (options.statistics) {
    json["stats"] = *shown.stats;
    json["stats"].erase("ifindex");
    json["stats"].erase("ifname");
  }
  return with_host(std::move(json), shown.host, options);
}

}  // namespace

int link_show(Context& context, const Arguments& arguments) {
  const Options& options = context.options;
  const std::string& name = arguments.get("dev");
  std::vector<Shown> found;
  if (Failure failure = ask_hosts(
          name, options, [&](Transport& host) { return ask_devices(host, name, options, found); }))
    return context.refused(*failure);
  if (options.json) {
    Json array = Json::array();
    for (const Shown& shown : found) array.push_back(shown_json(shown, options));
    print_json(array, options);
    return kOk;
  }
  for (const Shown& shown : found)
    fmt::print("{}", options.brief ? brief_line(shown, options) : full_lines(shown, options));
  return kOk;
}

}  // namespace vnet::cli
