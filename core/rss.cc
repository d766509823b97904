// SPDX-License-Identifier: GPL-2.0-only
#include "core/rss.h"

namespace vnet {
namespace {

constexpr u32 kTuple4 = 8, kTuple6 = 32, kPorts = 4;  // bytes

bool has_ports(u8 flow) {
  return flow < VNET_RSS_PORT_FLOWS;
}

u32 addresses_length(u8 flow) {
  return flow == VNET_RSS_TCP6 || flow == VNET_RSS_UDP6 || flow == VNET_RSS_IP6 ? kTuple6 : kTuple4;
}

// The 32 bits of the key that begin with bit `first`, counted from the highest of byte 0.
u32 key_window(const u8* key, u32 first) {
  u64 bits = 0;
  for (u32 i = 0; i < 5; i++) bits = bits << 8 | key[first / 8 + i];
  return static_cast<u32>(bits >> (8 - first % 8));
}

}  // namespace

const char* rss_error(const vnet_rss& config, u32 queues) {
  for (const u8 queue : config.table)
    if (queue >= queues) return "rss table: an entry names a queue that the device has not";
  return nullptr;
}

void rss_default(vnet_rss& config, u32 queues) {
  config = {};
  for (u32 i = 0; i < VNET_RSS_ENTRIES; i++) config.table[i] = static_cast<u8>(i % queues);
  config.ports[VNET_RSS_TCP4] = config.ports[VNET_RSS_TCP6] = 1;
}

void Rss::Bank::fill(const vnet_rss& config) {
  for (u32 nibble = 0; nibble < kNibbles; nibble++) {
    for (u32 value = 0; value < 16; value++) {
      u32 part = 0;
      for (u32 bit = 0; bit < 4; bit++)
        if (value & 8 >> bit) part ^= key_window(config.key, 4 * nibble + bit);
      parts[nibble][value].store_release(part);
    }
  }
  for (u32 i = 0; i < VNET_RSS_ENTRIES; i++) table[i].store_release(config.table[i]);
  for (u32 i = 0; i < VNET_RSS_PORT_FLOWS; i++) ports[i].store_release(config.ports[i]);
}

u32 Rss::Bank::hash(const u8* bytes, u32 length) const {
  u32 sum = 0;
  for (u32 i = 0; i < length; i++)
    sum ^=
        parts[2 * i][bytes[i] >> 4].load_acquire() ^ parts[2 * i + 1][bytes[i] & 15].load_acquire();
  return sum;
}

vnet_rss_result Rss::Bank::queue_of(const vnet_rss_tuple& tuple) const {
  vnet_rss_result result{};
  if (tuple.flow < VNET_RSS_OTHER) {
    const bool with_ports = has_ports(tuple.flow) && ports[tuple.flow].load_acquire();
    const u32 length = addresses_length(tuple.flow) + (with_ports ? kPorts : 0);
    result.hash = hash(tuple.bytes, length);
    result.hashed = with_ports ? VNET_RSS_HASHED_PORTS : VNET_RSS_HASHED_ADDRESSES;
  }
  result.queue = table[result.hash % VNET_RSS_ENTRIES].load_acquire();
  return result;
}

void Rss::set(const vnet_rss& config) {
  config_ = config;
  banks_[(version_.load_relaxed() + 1) & 1].fill(config);
  version_.fetch_add(1);
}

// A bank is written again only after the change to the other: whoever has read a word of the new
// contents (acquire) sees that the version has changed. To be asked to look again, a reader has to
// sleep through a whole set(); so it ends.
vnet_rss_result Rss::queue_of(const vnet_rss_tuple& tuple) const {
  for (;;) {
    const u32 version = version_.load_acquire();
    const vnet_rss_result result = banks_[version & 1].queue_of(tuple);
    if (version_.load_relaxed() == version) [[likely]]
      return result;
  }
}

}  // namespace vnet
