// SPDX-License-Identifier: GPL-2.0-only
// A queue's counters and registers.
#include "core/queue.h"

namespace vnet {

void Queue::add_stats(vnet_queue_stats& stats) const {
  stats.tx_frames += tx_count_.frames.get();
  stats.tx_bytes += tx_count_.bytes.get();
  stats.rx_frames += rx_count_.frames.get();
  stats.rx_bytes += rx_count_.bytes.get();
  stats.rx_multicast += rx_count_.multicast.get();
  stats.tx_timeouts += tx_timeouts_.get();
  const u64 without_rx = rx_count_.polls_without_rx.get();  // first: it is never more than polls
  stats.rx_irqs += rx_count_.polls.get() - without_rx;
  stats.tx_irqs += rx_count_.tx_irqs.get();
  stats.polls += rx_count_.polls.get();
  stats.resets += resets_.get();
  stats.in_flight += rx_.size() + on_wire() + parked();
  for (u32 reason = 0; reason < VNET_DROP_COUNT; reason++) {
    stats.tx_drops[reason] += tx_count_.drops.by_reason[reason].get();
    stats.rx_drops[reason] += rx_count_.drops.by_reason[reason].get();
  }
}

void Queue::registers(u32 (&out)[VNET_REG_QUEUE_COUNT]) const {
  out[VNET_REG_IRQ_STATUS] = irq_.status();
  out[VNET_REG_IRQ_MASK] = irq_.masked();
  out[VNET_REG_TX_STATE] = tx_state();
  out[VNET_REG_RX_PENDING] = rx_.size() + static_cast<u32>(parked());
}

}  // namespace vnet
