// SPDX-License-Identifier: GPL-2.0-only
// `vnet queue`: a line a queue.
#include <fmt/core.h>

#include "cli/commands/stats.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "the device; without it all", Parameter::kPositional},
};

vnet_u64 dropped(const vnet_stats_values& queue) {
  vnet_u64 sum = 0;
  for (vnet_u32 i = 0; i < queue.drop_count; i++) sum += queue.drop[i].frames;
  return sum;
}

// "3.20": how much an interrupt is worth, as in `vnet top`.
std::string polls_per_irq(const vnet_stats_values& queue) {
  const vnet_u64 irqs = queue.rx_irqs + queue.tx_irqs;
  if (irqs == 0) return "-";
  return fmt::format("{:.2f}", static_cast<double>(queue.polls) / static_cast<double>(irqs));
}

std::vector<std::string> row(const vnet_stats_values& queue) {
  const auto number = [](vnet_u64 value) { return fmt::format("{}", value); };
  return {queue.ifname,
          number(queue.queue),
          number(queue.rx_frames),
          number(queue.rx_bytes),
          number(queue.tx_frames),
          number(queue.tx_bytes),
          number(dropped(queue)),
          fmt::format("{}/{}", queue.in_flight, queue.ring_size),
          number(queue.rx_irqs),
          number(queue.tx_irqs),
          number(queue.polls),
          polls_per_irq(queue)};
}

int show(Context& context, const Arguments& arguments) {
  const Options& options = context.options;
  const std::string& name = arguments.get("dev");
  Json array = Json::array();
  Table table({"device", "queue", "rx-frames", "rx-bytes", "tx-frames", "tx-bytes", "dropped",
               "ring", "rx-irqs", "tx-irqs", "polls", "polls/irq"});
  const auto ask = [&](Transport& host) {
    return ask_stats(host, name, true, [&](const vnet_stats_values& values) {
      if (!(values.has >> VNET_A_STATS_QUEUE & 1)) return;  // the sum
      array.push_back(with_host(to_json(values), host.host(), options));
      table.add(row(values));
    });
  };
  if (Failure failure = ask_hosts(name, options, ask)) return context.refused(*failure);
  if (options.json) {
    print_json(array, options);
  } else if (!array.empty()) {
    for (const std::string& line : table.lines()) fmt::print("{}\n", line);
  }
  return kOk;
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows each queue's counters, ring fill, interrupts and polls",
     kShowParameters, show},
};

}  // namespace

const Object kQueueObject{"queue", "queues: ring fill, interrupts, polls", kVerbs};

}  // namespace vnet::cli
