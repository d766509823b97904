// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/plan.h"

#include <vnet/host.h>

#include <initializer_list>
#include <new>

#include "core/params.h"

namespace vnet {
namespace {

constexpr u64 kQueueDefault = 1000;          // netem's limit, here before the rate only
constexpr u32 kReorderingDefault = 1 << 16;  // frames on a wire that reorders
constexpr u32 kFrameMin = kMinimumFrame;

// The plan and its arrays, one after another.
struct Layout {
  u64 pattern, trace, rows, match, table, texts, size;

  explicit Layout(const vnet_impairment& config) {
    pattern = aligned(sizeof(Plan));
    trace = aligned(pattern + sizeof(u64) * config.pattern_count);
    rows = aligned(trace + sizeof(vnet_trace_row) * config.trace_count);
    match = aligned(rows + sizeof(TraceRow) * config.trace_count);
    table = aligned(match + sizeof(vnet_bpf_insn) * config.match_count);
    texts = table + sizeof(s16) * config.table_count;
    size = texts;
    for (const char* const text :
         {config.match_text, config.table_text, config.trace_text, config.trace_sync})
      size += text_size(text);
  }
  // With the zero behind it. What is longer than control allows is cut.
  static u64 text_size(const char* text) {
    u64 size = 0;
    while (text && size < VNET_IMPAIR_TEXT_MAX && text[size]) size++;
    return text ? size + 1 : 0;
  }
  static u64 aligned(u64 size) { return (size + 7) & ~u64{7}; }
};

template <class T>
const T* copied(u8* to, const T* from, u32 count) {
  if (!count) return nullptr;
  __builtin_memcpy(to, from, sizeof(T) * count);
  return reinterpret_cast<const T*>(to);
}

// The text goes to `to`, which then stands behind it.
const char* copied_text(u8*& to, const char* from) {
  const auto size = static_cast<u32>(Layout::text_size(from));
  const char* const copy = copied(to, from, size);
  if (size) to[size - 1] = 0;
  to += size;
  return copy;
}

// P and the mean length N of bursts, as a channel that loses all while it is bad: it is bad for N
// frames on average, and so for P of all.
LossPlan compile_burst(const vnet_impairment& config) {
  LossPlan loss;
  loss.model = VNET_LOSS_GEMODEL;
  const u64 rate = config.loss[0];
  const u64 out = (kAlways * 1000 + config.loss_mean / 2) / config.loss_mean;
  loss.p[0] = rate * out / (kAlways - rate);
  loss.p[1] = out;
  loss.p[2] = kAlways;
  loss.p[3] = 0;
  return loss;
}

LossPlan compile_loss(const vnet_impairment& config) {
  if (config.loss_model == VNET_LOSS_BURST) return compile_burst(config);
  LossPlan loss;
  loss.model = config.loss_model;
  for (u32 i = 0; i < 5; i++) loss.p[i] = config.loss[i];
  loss.pattern = config.pattern;
  loss.pattern_count = config.pattern_count;
  return loss;
}

const TraceRow* compile_trace(const vnet_impairment& config, u8* to) {
  if (!config.trace_count) return nullptr;
  auto* const rows = reinterpret_cast<TraceRow*>(to);
  for (u32 i = 0; i < config.trace_count; i++) {
    const vnet_trace_row& asked = config.trace[i];
    TraceRow& row = *new (&rows[i]) TraceRow{asked.time, asked.delay, asked.loss, false, {}};
    row.own_rate = asked.rate != VNET_TRACE_KEEP;
    if (row.own_rate) row.rate.compile(asked.rate, config.burst);
  }
  return rows;
}

// How many frames can be under way at once: of the smallest, at the highest rate, for the longest
// delay.
u64 in_flight(u64 rate, u64 delay) {
  const u64 per_second = rate / (8 * kFrameMin) + 1, us = delay / 1000 + 1;
  if (us > Plan::kUnlimited / 2 / per_second) return Plan::kUnlimited / 2;
  return per_second * us / 1000000 + 1;
}

// A delay alone holds whatever comes. A rate makes a queue, which has to end somewhere.
u64 default_frames(const vnet_impairment& config) {
  u64 rate = config.rate, delay = config.delay;
  for (u32 i = 0; i < config.trace_count; i++) {
    const vnet_trace_row& row = config.trace[i];
    if (row.rate != VNET_TRACE_KEEP && row.rate > rate) rate = row.rate;
    if (row.delay != VNET_TRACE_KEEP && row.delay > delay) delay = row.delay;
  }
  return rate ? kQueueDefault + in_flight(rate, delay + 4 * config.jitter) : Plan::kUnlimited;
}

void compile_limits(Plan& plan) {
  const vnet_impairment& config = plan.config;
  if (config.limit_bytes) plan.limit_bytes = config.limit_bytes;
  if (config.limit_frames)
    plan.limit_frames = config.limit_frames;
  else if (!config.limit_bytes)
    plan.limit_frames = default_frames(config);
  if (!config.jitter_reorder) return;
  if (plan.limit_frames == Plan::kUnlimited) plan.limit_frames = kReorderingDefault;
  if (plan.limit_frames > VNET_HELD_MAX) plan.limit_frames = VNET_HELD_MAX;
  plan.heap_capacity = static_cast<u32>(plan.limit_frames);
}

// Nothing that is done to frames, whatever says how.
bool does_nothing(const vnet_impairment& config) {
  return !config.loss_model && !config.duplicate && !config.corrupt && !config.truncate &&
         !config.delay && !config.rate && !config.trace_count;
}

// A constant delay is the same for all segments of a super-frame; all else is for each of them.
bool cuts_up(const vnet_impairment& config) {
  if (config.gso_keep || does_nothing(config)) return false;
  return (config.loss_model || config.duplicate || config.corrupt || config.truncate ||
          config.reorder || config.jitter || config.rate || config.limit_frames ||
          config.match_count || config.trace_count);
}

}  // namespace

// What by itself does nothing (match, a limit, gso keep) stays for the knobs that may follow.
bool Plan::is_off(const vnet_impairment& config) {
  return does_nothing(config) && !config.match_count && !config.limit_frames &&
         !config.limit_bytes && !config.gso_keep;
}

Plan* Plan::compile(const vnet_impairment& asked, int& error, Refusal& why) {
  error = kInvalid;
  why = refusal(asked);
  if (why) return nullptr;
  const Layout layout(asked);
  error = kNoMemory;
  auto* const memory = static_cast<u8*>(vnet_host_alloc(layout.size));
  if (!memory) return nullptr;
  error = 0;
  Plan& plan = *new (memory) Plan{};
  vnet_impairment& config = plan.config = asked;
  config.pattern = copied(memory + layout.pattern, asked.pattern, asked.pattern_count);
  config.trace = copied(memory + layout.trace, asked.trace, asked.trace_count);
  config.match = copied(memory + layout.match, asked.match, asked.match_count);
  config.table = copied(memory + layout.table, asked.table, asked.table_count);
  u8* texts = memory + layout.texts;
  config.match_text = copied_text(texts, asked.match_text);
  config.table_text = copied_text(texts, asked.table_text);
  config.trace_text = copied_text(texts, asked.trace_text);
  config.trace_sync = copied_text(texts, asked.trace_sync);
  if (config.trace_count && !config.trace_start) config.trace_start = vnet_host_clock_ns();
  if (config.corrupt && !config.corrupt_bits) config.corrupt_bits = 1;
  if (config.reorder && !config.reorder_gap) config.reorder_gap = 1;

  plan.loss = compile_loss(config);
  plan.delay.delay = config.delay;
  plan.delay.jitter = config.jitter;
  plan.delay.table = config.table ? DelayTable{config.table, config.table_count}
                                  : delay_table(config.distribution);
  if (config.rate) plan.rate.compile(config.rate, config.burst);
  plan.match = {config.match, config.match_count};
  plan.trace.init(compile_trace(config, memory + layout.rows), config.trace_count,
                  config.trace_loop);
  compile_limits(plan);
  plan.cuts = cuts_up(config);
  plan.alters = config.duplicate || config.corrupt || config.truncate;
  return &plan;
}

}  // namespace vnet
