// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: what control shows and changes of a device's impairment.
#include <vnet/control.h>
#include <vnet/host.h>

#include "core/control/schema.h"
#include "core/device.h"
#include "core/params.h"

// The schema's numbers are the core's.
static_assert(int{VNET_LOSS_MODEL_NONE} == int{VNET_LOSS_NONE});
static_assert(int{VNET_LOSS_MODEL_RANDOM} == int{VNET_LOSS_RANDOM});
static_assert(int{VNET_LOSS_MODEL_GEMODEL} == int{VNET_LOSS_GEMODEL});
static_assert(int{VNET_LOSS_MODEL_STATE} == int{VNET_LOSS_STATE});
static_assert(int{VNET_LOSS_MODEL_BURST} == int{VNET_LOSS_BURST});
static_assert(int{VNET_LOSS_MODEL_PATTERN} == int{VNET_LOSS_PATTERN});
static_assert(int{VNET_DELAY_DISTRIBUTION_MAX} + 1 == int{VNET_DISTRIBUTION_TABLE});

namespace {

using vnet::bit;
using vnet::u32;
using vnet::u64;

u64 attributes(u32 first, u32 last) {
  return bit(last + 1) - bit(first);
}

// ---- a knob in the boundary's form, off

void reset_loss(vnet_impairment& config) {
  config.loss_model = VNET_LOSS_NONE;
  config.loss_mean = 0;
  for (u64& p : config.loss) p = 0;
  config.pattern = nullptr;
  config.pattern_count = 0;
}

void reset_delay(vnet_impairment& config) {
  config.delay = config.jitter = 0;
  config.distribution = VNET_DISTRIBUTION_UNIFORM;
  config.table = nullptr;
  config.table_count = 0;
  config.jitter_reorder = 0;
}

void reset_rate(vnet_impairment& config) {
  config.rate = 0;
  config.burst = config.overhead = 0;
}

// ---- merging

class Merge {
 public:
  Merge(const vnet_impair_values& values, vnet_impairment& config)
      : values_(values), config_(config) {}

  void all() {
    loss();
    alterations();
    delay();
    rate();
    limits();
  }

 private:
  bool has(u32 id) const { return (values_.has & bit(id)) != 0; }

  // The pattern is apart: it needs memory.
  void loss() {
    if (has(VNET_A_IMPAIR_LOSS_MODEL)) {
      reset_loss(config_);
      config_.loss_model = values_.loss_model;
    }
    const u64 p[] = {values_.loss_p1, values_.loss_p2, values_.loss_p3, values_.loss_p4,
                     values_.loss_p5};
    for (u32 i = 0; i < 5; i++)
      if (has(VNET_A_IMPAIR_LOSS_P1 + i)) config_.loss[i] = p[i];
    if (has(VNET_A_IMPAIR_LOSS_MEAN)) config_.loss_mean = values_.loss_mean;
  }

  void alterations() {
    if (has(VNET_A_IMPAIR_DUPLICATE)) config_.duplicate = values_.duplicate;
    if (has(VNET_A_IMPAIR_CORRUPT)) {
      config_.corrupt = values_.corrupt;
      config_.corrupt_bits = 1;
    }
    if (has(VNET_A_IMPAIR_CORRUPT_BITS)) config_.corrupt_bits = values_.corrupt_bits;
    if (has(VNET_A_IMPAIR_TRUNCATE)) config_.truncate = values_.truncate;
    if (has(VNET_A_IMPAIR_TRUNCATE_LEN)) config_.truncate_len = values_.truncate_len;
    if (has(VNET_A_IMPAIR_GSO_KEEP)) config_.gso_keep = values_.gso_keep;
  }

  void delay() {
    if (has(VNET_A_IMPAIR_DELAY)) {
      reset_delay(config_);
      config_.delay = values_.delay;
    }
    if (has(VNET_A_IMPAIR_JITTER)) config_.jitter = values_.jitter;
    if (has(VNET_A_IMPAIR_DISTRIBUTION)) config_.distribution = values_.distribution;
    if (has(VNET_A_IMPAIR_JITTER_REORDER)) config_.jitter_reorder = values_.jitter_reorder;
    if (has(VNET_A_IMPAIR_REORDER)) {
      config_.reorder = values_.reorder;
      config_.reorder_gap = 1;
    }
    if (has(VNET_A_IMPAIR_REORDER_GAP)) config_.reorder_gap = values_.reorder_gap;
  }

  void rate() {
    if (has(VNET_A_IMPAIR_RATE)) {
      reset_rate(config_);
      config_.rate = values_.rate;
    }
    if (has(VNET_A_IMPAIR_BURST)) config_.burst = values_.burst;
    if (has(VNET_A_IMPAIR_OVERHEAD)) config_.overhead = values_.overhead;
  }

  void limits() {
    if (has(VNET_A_IMPAIR_LIMIT_FRAMES)) config_.limit_frames = values_.limit_frames;
    if (has(VNET_A_IMPAIR_LIMIT_BYTES)) config_.limit_bytes = values_.limit_bytes;
  }

  const vnet_impair_values& values_;
  vnet_impairment& config_;
};

const char* misfit(const vnet_impair_values& values, const vnet_impairment& config) {
  const auto has = [&](u32 id) { return (values.has & bit(id)) != 0; };
  const bool pattern = config.loss_model == VNET_LOSS_PATTERN;
  if (has(VNET_A_IMPAIR_LOSS_PATTERN) && !pattern)
    return "loss pattern (loss-pattern): only with loss-model pattern";
  if (has(VNET_A_IMPAIR_LOSS_PATTERN) && values.loss_pattern.len % sizeof(u64) != 0)
    return "loss pattern (loss-pattern): numbers of 64 bits";
  if (has(VNET_A_IMPAIR_LOSS_MEAN) && config.loss_model != VNET_LOSS_BURST)
    return "loss burst: mean (loss-mean) only with loss burst";
  if (values.has & attributes(VNET_A_IMPAIR_LOSS_P1, VNET_A_IMPAIR_LOSS_P5) &&
      (pattern || config.loss_model == VNET_LOSS_NONE))
    return "loss: a probability (loss-p1 to -p5) without a model that has any";
  if (has(VNET_A_IMPAIR_TRUNCATE_LEN) && !config.truncate)
    return "truncate: a length (truncate-len) without truncate";
  if (has(VNET_A_IMPAIR_CORRUPT_BITS) && !config.corrupt)
    return "corrupt: bits (corrupt-bits) without corrupt";
  if (has(VNET_A_IMPAIR_REORDER_GAP) && !config.reorder)
    return "reorder: a gap (reorder-gap) without reorder";
  return nullptr;
}

vnet_impairment in_force(const vnet_device* device) {
  vnet_impairment config;
  if (!vnet_core_impair_get(device, &config)) config = {};
  return config;
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

  const vnet_impairment& config_;
  vnet_impair_values& values_;
};

void counter_values(const vnet_impair_stats& stats, vnet_impair_values& values) {
  values.held = stats.held;
  values.held_bytes = stats.held_bytes;
  values.duplicated = stats.duplicated;
  values.copies_failed = stats.copies_failed;
  values.corrupted = stats.corrupted;
  values.truncated = stats.truncated;
  values.reordered = stats.reordered;
  values.late = {stats.late, sizeof(stats.late)};
  values.late_max = stats.late_max;
  values.has |= attributes(VNET_A_IMPAIR_HELD, VNET_A_IMPAIR_REORDERED) |
                attributes(VNET_A_IMPAIR_LATE, VNET_A_IMPAIR_LATE_MAX);
}

}  // namespace

extern "C" {

int vnet_core_impair_change(vnet_device* device, const vnet_impair_values* values,
                            const char** why) {
  vnet_impairment config = in_force(device);
  Merge(*values, config).all();
  *why = misfit(*values, config);
  if (*why) return vnet::kInvalid;
  u64* pattern = nullptr;
  if (values->has & bit(VNET_A_IMPAIR_LOSS_PATTERN)) {
    // In a message it is aligned to 4 bytes only.
    pattern = static_cast<u64*>(vnet_host_alloc(values->loss_pattern.len));
    if (!pattern) return vnet::kNoMemory;
    __builtin_memcpy(pattern, values->loss_pattern.data, values->loss_pattern.len);
    config.pattern = pattern;
    config.pattern_count = static_cast<u32>(values->loss_pattern.len / sizeof(u64));
  }
  const int error = vnet_core_impair_set(device, &config, why);
  if (pattern) vnet_host_free(pattern);
  return error;
}

int vnet_core_impair_remove(vnet_device* device, vnet_u32 knobs, const char** why) {
  vnet_impairment config = in_force(device);
  if (knobs & VNET_IMPAIR_KNOB_LOSS) reset_loss(config);
  if (knobs & VNET_IMPAIR_KNOB_DUPLICATE) config.duplicate = 0;
  if (knobs & VNET_IMPAIR_KNOB_CORRUPT) config.corrupt = config.corrupt_bits = 0;
  if (knobs & VNET_IMPAIR_KNOB_TRUNCATE) config.truncate = config.truncate_len = 0;
  if (knobs & VNET_IMPAIR_KNOB_DELAY) reset_delay(config);
  if (knobs & VNET_IMPAIR_KNOB_REORDER) config.reorder = config.reorder_gap = 0;
  if (knobs & VNET_IMPAIR_KNOB_RATE) reset_rate(config);
  if (knobs & VNET_IMPAIR_KNOB_LIMIT) config.limit_bytes = config.limit_frames = 0;
  if (knobs & VNET_IMPAIR_KNOB_GSO_KEEP) config.gso_keep = 0;
  return vnet_core_impair_set(device, &config, why);
}

void vnet_core_impair_values(const vnet_device* device, vnet_impair_stats* stats,
                             vnet_impair_values* values) {
  const auto& shown = *reinterpret_cast<const vnet::Device*>(device);
  const vnet_impairment config = in_force(device);
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

int vnet_core_impair_from_values(const vnet_impair_values* values, vnet_impairment* impairment,
                                 const char** why) {
  *impairment = {};
  Merge(*values, *impairment).all();
  *why = misfit(*values, *impairment);
  if (*why) return vnet::kInvalid;
  if (values->has & bit(VNET_A_IMPAIR_LOSS_PATTERN)) {
    impairment->pattern = static_cast<const u64*>(values->loss_pattern.data);
    impairment->pattern_count = static_cast<u32>(values->loss_pattern.len / sizeof(u64));
  }
  return 0;
}

}  // extern "C"
