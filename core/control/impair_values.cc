// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: what control shows of a device's impairment.
#include <vnet/control.h>

#include "core/control/knobs_in_force.h"
#include "core/control/schema.h"
#include "core/device.h"

// The schema's numbers are the core's.
static_assert(int{VNET_LOSS_MODEL_NONE} == int{VNET_LOSS_NONE});
static_assert(int{VNET_LOSS_MODEL_RANDOM} == int{VNET_LOSS_RANDOM});
static_assert(int{VNET_LOSS_MODEL_GEMODEL} == int{VNET_LOSS_GEMODEL});
static_assert(int{VNET_LOSS_MODEL_STATE} == int{VNET_LOSS_STATE});
static_assert(int{VNET_LOSS_MODEL_BURST} == int{VNET_LOSS_BURST});
static_assert(int{VNET_LOSS_MODEL_PATTERN} == int{VNET_LOSS_PATTERN});
static_assert(int{VNET_DELAY_DISTRIBUTION_TABLE} == int{VNET_DISTRIBUTION_TABLE});

namespace {

using vnet::bit;
using vnet::u32;
using vnet::u64;

u64 attributes(u32 first, u32 last) {
  return bit(last + 1) - bit(first);
}

// ---- showing

class View {
 public:
  View(const vnet_impairment& config, vnet_impair_values& values)
      : config_(config), values_(values) {}

  void all() {
    loss();
    if (config_.duplicate) put(VNET_A_IMPAIR_DUPLICATE, values_.duplicate, config_.duplicate);
    if (config_.corrupt) {
      put(VNET_A_IMPAIR_CORRUPT, values_.corrupt, config_.corrupt);
      put(VNET_A_IMPAIR_CORRUPT_BITS, values_.corrupt_bits,
          config_.corrupt_bits ? config_.corrupt_bits : 1);
    }
    if (config_.truncate) {
      put(VNET_A_IMPAIR_TRUNCATE, values_.truncate, config_.truncate);
      put(VNET_A_IMPAIR_TRUNCATE_LEN, values_.truncate_len, config_.truncate_len);
    }
    delay();
    rate();
    files();
    if (config_.limit_frames)
      put(VNET_A_IMPAIR_LIMIT_FRAMES, values_.limit_frames, config_.limit_frames);
    if (config_.limit_bytes)
      put(VNET_A_IMPAIR_LIMIT_BYTES, values_.limit_bytes, config_.limit_bytes);
    if (config_.gso_keep) put(VNET_A_IMPAIR_GSO_KEEP, values_.gso_keep, config_.gso_keep);
  }

 private:
  template <typename Member, typename Number>
  void put(u32 id, Member& member, Number number) {
    member = static_cast<Member>(number);
    values_.has |= bit(id);
  }

  void loss() {
    static constexpr u32 kParameters[] = {0, 1, 4, 5, 1, 0};  // of enum vnet_loss
    if (config_.loss_model == VNET_LOSS_NONE) return;
    put(VNET_A_IMPAIR_LOSS_MODEL, values_.loss_model, config_.loss_model);
    u64* const p[] = {&values_.loss_p1, &values_.loss_p2, &values_.loss_p3, &values_.loss_p4,
                      &values_.loss_p5};
    for (u32 i = 0; i < kParameters[config_.loss_model]; i++)
      put(VNET_A_IMPAIR_LOSS_P1 + i, *p[i], config_.loss[i]);
    if (config_.loss_model == VNET_LOSS_BURST)
      put(VNET_A_IMPAIR_LOSS_MEAN, values_.loss_mean, config_.loss_mean);
    if (config_.loss_model != VNET_LOSS_PATTERN) return;
    values_.loss_pattern = {config_.pattern, static_cast<u32>(config_.pattern_count * sizeof(u64))};
    values_.has |= bit(VNET_A_IMPAIR_LOSS_PATTERN);
  }

  void delay() {
    if (config_.delay) put(VNET_A_IMPAIR_DELAY, values_.delay, config_.delay);
    if (config_.jitter) {
      put(VNET_A_IMPAIR_JITTER, values_.jitter, config_.jitter);
      put(VNET_A_IMPAIR_DISTRIBUTION, values_.distribution, config_.distribution);
      put(VNET_A_IMPAIR_JITTER_REORDER, values_.jitter_reorder, config_.jitter_reorder);
    }
    if (!config_.reorder) return;
    put(VNET_A_IMPAIR_REORDER, values_.reorder, config_.reorder);
    put(VNET_A_IMPAIR_REORDER_GAP, values_.reorder_gap,
        config_.reorder_gap ? config_.reorder_gap : 1);
  }

  void rate() {
    if (!config_.rate) return;
    put(VNET_A_IMPAIR_RATE, values_.rate, config_.rate);
    put(VNET_A_IMPAIR_BURST, values_.burst, config_.burst);
    put(VNET_A_IMPAIR_OVERHEAD, values_.overhead, config_.overhead);
  }

  // A program and a table are shown by their text, a trace's rows are not.
  void files() {
    if (config_.match_count)
      put_text(VNET_A_IMPAIR_MATCH_TEXT, values_.match_text, config_.match_text);
    if (config_.table_count)
      put_text(VNET_A_IMPAIR_TABLE_TEXT, values_.table_text, config_.table_text);
    if (!config_.trace_count) return;
    put(VNET_A_IMPAIR_TRACE_COUNT, values_.trace_count, config_.trace_count);
    put(VNET_A_IMPAIR_TRACE_LOOP, values_.trace_loop, config_.trace_loop);
    put(VNET_A_IMPAIR_TRACE_START, values_.trace_start, config_.trace_start);
    put_text(VNET_A_IMPAIR_TRACE_TEXT, values_.trace_text, config_.trace_text);
    if (config_.trace_sync)
      put_text(VNET_A_IMPAIR_TRACE_SYNC, values_.trace_sync, config_.trace_sync);
  }

  template <u32 size>
  void put_text(u32 id, char (&member)[size], const char* text) {
    u32 at = 0;
    for (; text && text[at] && at + 1 < size; at++) member[at] = text[at];
    member[at] = 0;
    values_.has |= bit(id);
  }

  const vnet_impairment& config_;
  vnet_impair_values& values_;
};

// Up to the last class that has any.
u32 late_length(const vnet_impair_stats& stats) {
  u32 count = VNET_LATE_BUCKETS;
  while (count && !stats.late[count - 1]) count--;
  return count * static_cast<u32>(sizeof(u64));
}

void counter_values(const vnet_impair_stats& stats, vnet_impair_values& values) {
  values.held = stats.held;
  values.held_bytes = stats.held_bytes;
  values.duplicated = stats.duplicated;
  values.copies_failed = stats.copies_failed;
  values.corrupted = stats.corrupted;
  values.truncated = stats.truncated;
  values.reordered = stats.reordered;
  values.late = {stats.late, late_length(stats)};
  values.late_max = stats.late_max;
  values.late_sum = stats.late_sum;
  values.has |= attributes(VNET_A_IMPAIR_HELD, VNET_A_IMPAIR_REORDERED) |
                attributes(VNET_A_IMPAIR_LATE, VNET_A_IMPAIR_LATE_MAX) |
                bit(VNET_A_IMPAIR_LATE_SUM);
}

}  // namespace

extern "C" {

void vnet_core_impair_values(const vnet_device* device, vnet_impair_stats* stats,
                             vnet_impair_values* values) {
  const auto& shown = *reinterpret_cast<const vnet::Device*>(device);
  const vnet_impairment config = knobs_in_force(device);
  *values = {};
  values->seed = shown.params().seed;
  values->has = bit(VNET_A_IMPAIR_SEED);
  View(config, *values).all();
  vnet_core_impair_stats(device, stats);
  counter_values(*stats, *values);
  vnet_queue_stats counters{};
  shown.add_stats(counters);
  values->lost = counters.rx_drops[VNET_DROP_IMPAIR_LOSS];
  values->overflowed = counters.rx_drops[VNET_DROP_IMPAIR_QUEUE];
  values->has |= bit(VNET_A_IMPAIR_LOST) | bit(VNET_A_IMPAIR_OVERFLOWED);
}

}  // extern "C"
