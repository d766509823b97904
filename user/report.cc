// SPDX-License-Identifier: GPL-2.0-only
#include "user/report.h"

#include <fmt/format.h>
#include <vnet/impair.h>

#include <iterator>
#include <numeric>

namespace vnet::user {
namespace {

constexpr const char* kDropNames[] = {
#define VNET_DROP_NAME(id, name, meaning) name,
    VNET_DROP_REASONS(VNET_DROP_NAME)
#undef VNET_DROP_NAME
};

vnet_queue_stats stats_of(const Port& port) {
  vnet_queue_stats stats;
  vnet_core_device_stats(port.device(), &stats);
  return stats;
}

class Block {
 public:
  explicit Block(const std::string& title) : text_(title + ":\n") {}
  void add(std::string_view name, vnet_u64 value) {
    if (value) fmt::format_to(std::back_inserter(text_), "  {:<28} {}\n", name, value);
  }
  void add_drops(std::string_view way, const vnet_u64 (&drops)[VNET_DROP_COUNT]) {
    for (size_t i = 0; i < VNET_DROP_COUNT; i++)
      add(fmt::format("{}_drop_{}", way, kDropNames[i]), drops[i]);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string device_block(const Port& port) {
  const vnet_queue_stats s = stats_of(port);
  const TapErrors& e = port.tap_errors();
  Block block(port.name());
  block.add("tx_frames", s.tx_frames);
  block.add("tx_bytes", s.tx_bytes);
  block.add("rx_frames", s.rx_frames);
  block.add("rx_bytes", s.rx_bytes);
  block.add("rx_multicast", s.rx_multicast);
  block.add_drops("tx", s.tx_drops);
  block.add_drops("rx", s.rx_drops);
  block.add("tx_timeouts", s.tx_timeouts);
  block.add("rx_irqs", s.rx_irqs);
  block.add("tx_irqs", s.tx_irqs);
  block.add("polls", s.polls);
  block.add("in_flight", s.in_flight);
  block.add("tap_write_down", e.write_down);
  block.add("tap_write_invalid", e.write_invalid);
  block.add("tap_write_no_memory", e.write_no_memory);
  block.add("tap_write_other", e.write_other);
  block.add("tap_read_truncated", e.read_truncated);
  block.add("tap_read_other", e.read_other);
  block.add("tap_discarded", e.discarded);
  return block.text();
}

std::string conservation(const Port& from, const Port& to) {
  const vnet_u64 sent = stats_of(from).tx_frames;
  const vnet_queue_stats s = stats_of(to);
  const vnet_u64 dropped = std::accumulate(std::begin(s.rx_drops), std::end(s.rx_drops), 0ull);
  vnet_impair_stats wire;
  vnet_core_impair_stats(to.device(), &wire);
  const bool ok = sent + wire.duplicated == s.rx_frames + dropped + s.in_flight;
  const std::string copies = wire.duplicated ? fmt::format(" + {} copies", wire.duplicated) : "";
  return fmt::format(
      "conservation: {} -> {}: sent {}{} = delivered {} + dropped {} + in flight {}: {}\n",
      from.name(), to.name(), sent, copies, s.rx_frames, dropped, s.in_flight,
      ok ? "ok" : "BROKEN");
}

}  // namespace

std::string report(const Port& a, const Port& b) {
  return device_block(a) + device_block(b) + conservation(a, b) + conservation(b, a);
}

}  // namespace vnet::user
