// SPDX-License-Identifier: GPL-2.0-only
// A pair whose second end's receiving is impaired, and frames that are numbered from 0.
#pragma once

#include "tests/fake/fixture.h"

namespace vnet::fake {

using Numbers = std::vector<u64>;

class ImpairPair : public PairTest {
 protected:
  static constexpr u64 kMs = 1000000;

  void impair(const vnet_impairment& config) {
    const char* why = nullptr;
    ASSERT_EQ(pair().b().impair(config, &why), 0) << (why ? why : "");
  }

  // `count` frames, each polled for at once.
  void send(u64 count, size_t length = 60) {
    for (u64 i = 0; i < count; i++) {
      Bytes bytes = ethernet_frame(kMacB, kMacA, length);
      for (u32 byte = 0; byte < 8; byte++) bytes[14 + byte] = static_cast<u8>(sent_ >> 8 * byte);
      sent_++;
      ASSERT_EQ(pair().send(bytes), VNET_TX_ADMITTED);
      pair().run();
    }
  }

  // For how long at most frames gather in the ring, if the wire holds them longer anyway.
  static constexpr u64 kGather = 200000;
  // What has gathered comes on the wire.
  void settle() { pair().run_for(kGather); }

  static u64 number(const Received& received) {
    u64 value = 0;
    for (u32 byte = 0; byte < 8; byte++) value |= u64{received.bytes.at(14 + byte)} << 8 * byte;
    return value;
  }

  Numbers arrived() {
    Numbers numbers;
    for (const Received& received : b().take_received()) numbers.push_back(number(received));
    return numbers;
  }

  struct Arrival {
    u64 number, time;
    size_t length;
  };
  std::vector<Arrival> arrivals() {
    std::vector<Arrival> all;
    for (const Received& each : b().take_received())
      all.push_back({number(each), each.time, each.bytes.size()});
    return all;
  }

  static vnet_impairment delay(u64 ns, u64 jitter = 0, bool reorders = false) {
    vnet_impairment config{};
    config.delay = ns;
    config.jitter = jitter;
    config.jitter_reorder = reorders;
    return config;
  }

  vnet_impair_stats stats() { return pair().b().impair_stats(); }

  vnet_impairment pattern(std::vector<u64> ordinals) {
    pattern_ = std::move(ordinals);
    vnet_impairment config{};
    config.loss_model = VNET_LOSS_PATTERN;
    config.pattern = pattern_.data();
    config.pattern_count = static_cast<u32>(pattern_.size());
    return config;
  }

  static vnet_filter promiscuous() {
    vnet_filter filter{};
    filter.promiscuous = 1;
    return filter;
  }

  u64 sent_ = 0;

 private:
  std::vector<u64> pattern_;
};

}  // namespace vnet::fake
