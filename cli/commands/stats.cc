// SPDX-License-Identifier: GPL-2.0-only
// `vnet stats`: counters of devices and queues, drops by reason.
#include "cli/commands/stats.h"

#include <fmt/core.h>

#include "cli/commands/ends.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "the device; without it all", Parameter::kPositional},
    {"queue", "N", "only this queue"},
};

vnet_u64 counter(const Json& stats, const char* name) {
  const auto found = stats.find(name);
  return found == stats.end() ? 0 : found->get<vnet_u64>();
}

vnet_u64 dropped(const Json& stats, std::string_view direction) {
  vnet_u64 sum = 0;
  if (!stats.contains("drop")) return 0;
  for (const Json& drop : stats["drop"])
    if (drop["direction"] == direction) sum += drop["frames"].get<vnet_u64>();
  return sum;
}

std::string drops_line(const Json& stats) {
  std::string line;
  for (const Json& drop : stats["drop"])
    line += fmt::format(
        " {} {} {}", drop["direction"].get<std::string>(),
        drop["reason"].is_string() ? drop["reason"].get<std::string>() : drop["reason"].dump(),
        drop["frames"].get<vnet_u64>());
  return "drops:" + line;
}

Json stats_json(const vnet_stats_values& values, Host host, const Options& options) {
  return with_host(to_json(values), host, options);
}

void print_stats(const Json& stats, const Options& options) {
  std::string text = painted(Paint::kDevice, stats["ifname"].get<std::string>(), options);
  if (stats.contains("queue")) text += fmt::format(" queue {}", stats["queue"].get<vnet_u32>());
  text += ":";
  for (const std::string& line : stats_lines(stats)) text += "\n    " + line;
  fmt::print("{}", record(text + "\n", options));
}

int show(Context& context, const Arguments& arguments) {
  const Options& options = context.options;
  const std::string& name = arguments.get("dev");
  vnet_stats_values which{};
  if (arguments.has("queue")) {
    if (name.empty()) return context.syntax(Error{"stats show: 'queue' needs a device"});
    const Result<vnet_u32> queue = read_u32("queue", arguments.get("queue"));
    if (!queue) return context.syntax(queue.error());
    which.has = 1ull << VNET_A_STATS_QUEUE;
    which.queue = *queue;
  }
  Json all = Json::array();
  const auto ask = [&](Transport& host) {
    const auto take = [&](const vnet_stats_values& values) {
      all.push_back(stats_json(values, host.host(), options));
    };
    if (!arguments.has("queue")) return ask_stats(host, name, false, take);
    which.has |= 1ull << VNET_A_STATS_IFNAME;
    if (!set_name(which.ifname, name)) return Failure(no_such_device(name));
    vnet_stats_values values;
    return host.request(VNET_CMD_STATS_GET, which, [&](const Reply& reply) {
      if (reply.decode(values)) take(values);
    });
  };
  if (Failure failure = ask_hosts(name, options, ask)) return context.refused(*failure);
  if (options.json) {
    print_json(all, options);
    return kOk;
  }
  for (const Json& stats : all) print_stats(stats, options);
  return kOk;
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows counters, and drops by reason", kShowParameters, show},
};

}  // namespace

const Object kStatsObject{"stats", "counters of devices, drops by reason", kVerbs};

Failure ask_stats(Transport& host, const std::string& name, bool per_queue,
                  const std::function<void(const vnet_stats_values&)>& visit) {
  vnet_stats_values which{}, values;
  const auto take = [&](const Reply& reply) {
    if (reply.decode(values)) visit(values);
  };
  if (!name.empty()) {
    which.has = 1ull << VNET_A_STATS_IFNAME;
    if (!set_name(which.ifname, name)) return no_such_device(name);
  }
  if (per_queue) {
    which.has |= 1ull << VNET_A_STATS_PER_QUEUE;
    which.per_queue = 1;
  }
  if (name.empty() || per_queue) return host.dump(VNET_CMD_STATS_GET, which, take);
  return host.request(VNET_CMD_STATS_GET, which, take);
}

std::vector<std::string> stats_lines(const Json& stats) {
  Table frames({"", "frames", "bytes", "dropped", "multicast", "irqs", "timeouts"});
  const auto number = [&](const char* name) { return fmt::format("{}", counter(stats, name)); };
  frames.add({"RX:", number("rx_frames"), number("rx_bytes"),
              fmt::format("{}", dropped(stats, "rx")), number("rx_multicast"), number("rx_irqs"),
              "-"});
  frames.add({"TX:", number("tx_frames"), number("tx_bytes"),
              fmt::format("{}", dropped(stats, "tx")), "-", number("tx_irqs"),
              number("tx_timeouts")});
  std::vector<std::string> lines = frames.lines();
  lines.push_back(fmt::format("polls {} in-flight {} ring {}", counter(stats, "polls"),
                              counter(stats, "in_flight"), counter(stats, "ring_size")));
  if (stats.contains("drop") && !stats["drop"].empty()) lines.push_back(drops_line(stats));
  if (stats.contains("host_counter") && !stats["host_counter"].empty()) {
    std::string line = "host:";
    for (const Json& each : stats["host_counter"])
      line += fmt::format(" {} {}", each["name"].get<std::string>(), each["value"].get<vnet_u64>());
    lines.push_back(line);
  }
  return lines;
}

}  // namespace vnet::cli
