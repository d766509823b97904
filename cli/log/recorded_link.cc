// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/recorded_link.h"

#include "cli/impair_words.h"
#include "cli/schema_words.h"
#include "cli/show.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

}  // namespace

std::optional<size_t> RecordedLink::end_of(std::string_view device) const {
  for (size_t end = 0; end < 2; end++)
    if (!device.empty() && device == now.names[end]) return end;
  return {};
}

std::optional<LinkNames> RecordedLink::names_in(const Transport& other, LinkNames found) const {
  if (other.host() != host->host() || other.name() != host->name()) return {};
  if (turned) found.turn();
  if (found.indexes != now.indexes) found.turn();
  if (found.indexes != now.indexes) return {};
  return found;
}

bool RecordedLink::ask(vnet_u32 direction, RecordedWire& wire) const {
  vnet_impair_values which{};
  which.has = bit(VNET_A_IMPAIR_IFNAME) | bit(VNET_A_IMPAIR_DIRECTION) | bit(VNET_A_IMPAIR_QUEUE);
  which.direction = static_cast<vnet_u8>(direction);
  if (!set_name(which.ifname, now.names[0])) return false;
  vnet_u32 queues = 1;
  for (which.queue = 0; which.queue < queues; which.queue++) {
    const auto take = [&](const Reply& reply) {
      vnet_impair_values values;
      if (!reply.decode(values)) return;
      wire.words = impairment_text(values);
      wire.seed = values.seed;
      wire.place = values.place;
      queues = values.queues;
      wire.queues.resize(queues);
      RecordedQueue& queue = wire.queues[which.queue];
      queue.run = values.run;
      queue.frames = values.frames;
      queue.after = values.after;
      queue.loss_state = values.loss_state;
      queue.since_early = values.since_early;
    };
    if (host->request(VNET_CMD_IMPAIR_GET, which, take)) return false;
  }
  return true;
}

Json RecordedLink::wire_json(vnet_u32 direction) const {
  const RecordedWire& wire = wires[direction];
  Json queues = Json::array();
  for (std::size_t i = 0; i < wire.queues.size(); i++) {
    const RecordedQueue& queue = wire.queues[i];
    queues.push_back({{"queue", i},
                      {"run", queue.run},
                      {"frames", queue.frames},
                      {"after", queue.after},
                      {"loss_state", queue.loss_state},
                      {"since_early", queue.since_early}});
  }
  return {{"device", devices[0]}, {"direction", direction_word(direction)},
          {"place", wire.place},  {"seed", seed_text(wire.seed)},
          {"words", wire.words},  {"queues", queues}};
}

std::vector<LinkNames> links_of(Transport& host) {
  std::vector<LinkNames> found;
  const Failure failure = host.dump(VNET_CMD_LINK_GET, vnet_link_values{}, [&](const Reply& reply) {
    const auto values = std::make_unique<vnet_link_values>();
    if (reply.decode(*values))
      found.push_back({{values->device.ifname, values->peer.ifname},
                       {values->device.ifindex, values->peer.ifindex}});
  });
  if (failure && failure->code != ENODEV) found.clear();
  return found;
}

}  // namespace vnet::cli
