// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/refusals.h"

#include <vnet/control_gen.h>

#include <initializer_list>

#include "core/base/types.h"
#include "core/impair/match.h"

// The texts carry the limits of <vnet/impair.h>; the asserts keep them true.
static_assert(VNET_CORRUPT_BITS_MAX == 32 && VNET_TRUNCATE_MIN == 14 && VNET_TRUNCATE_MAX == 65535);
static_assert(VNET_RATE_MAX == 4000000000000 && VNET_OVERHEAD_MAX == 1024);
static_assert(VNET_REORDER_GAP_MAX == 1000000 && VNET_PATTERN_MAX == 65536);
static_assert(VNET_TABLE_MIN == 2 && VNET_TABLE_MAX == 16384 && VNET_HELD_MAX == 16777216);
static_assert(VNET_MATCH_MAX == 4096 && VNET_TRACE_MAX == 1048576);

namespace vnet {
namespace {

constexpr u64 kTimeEnd = 1ull << 63;

bool ascending(const u64* values, u32 count) {
  for (u32 i = 1; i < count; i++)
    if (values[i] <= values[i - 1]) return false;
  return true;
}

Refusal burst_refusal(u64 rate, u32 mean) {
  if (mean < 1000)
    return {"loss burst: the mean length of a burst is 1 frame or more", VNET_A_IMPAIR_LOSS_MEAN,
            VNET_A_IMPAIR_LOSS_MODEL};
  if (!rate)
    return {"loss burst: the rate is more than 0 %", VNET_A_IMPAIR_LOSS_P1,
            VNET_A_IMPAIR_LOSS_MODEL};
  // The channel would have to turn bad more often than always.
  if (rate >= VNET_ALWAYS || rate * 1000 > (VNET_ALWAYS - rate) * mean)
    return {"loss burst: with bursts of N frames the rate is at most N / (N + 1)",
            VNET_A_IMPAIR_LOSS_P1, VNET_A_IMPAIR_LOSS_MEAN};
  return {};
}

Refusal pattern_refusal(const vnet_impairment& config) {
  if (!config.pattern_count || config.pattern_count > VNET_PATTERN_MAX)
    return {"loss pattern: 1 to 65536 frame numbers", VNET_A_IMPAIR_LOSS_PATTERN,
            VNET_A_IMPAIR_LOSS_MODEL};
  if (!config.pattern[0])
    return {"loss pattern: frames are numbered from 1", VNET_A_IMPAIR_LOSS_PATTERN};
  if (!ascending(config.pattern, config.pattern_count))
    return {"loss pattern: frame numbers ascend, each stands once", VNET_A_IMPAIR_LOSS_PATTERN};
  return {};
}

Refusal loss_refusal(const vnet_impairment& config) {
  if (config.loss_model > VNET_LOSS_PATTERN)
    return {"loss: no such model", VNET_A_IMPAIR_LOSS_MODEL};
  for (u32 i = 0; i < 5; i++)
    if (config.loss[i] > VNET_ALWAYS)
      return {"loss: a probability is 0 to 100 %", VNET_A_IMPAIR_LOSS_P1 + i};
  const u64* const p = config.loss;
  switch (config.loss_model) {
    case VNET_LOSS_STATE:
      if (p[0] + p[4] > VNET_ALWAYS)
        return {"loss state: p13 and p14 are together at most 100 %", VNET_A_IMPAIR_LOSS_P5,
                VNET_A_IMPAIR_LOSS_P1};
      if (p[1] + p[2] > VNET_ALWAYS)
        return {"loss state: p31 and p32 are together at most 100 %", VNET_A_IMPAIR_LOSS_P3,
                VNET_A_IMPAIR_LOSS_P2};
      return {};
    case VNET_LOSS_BURST:
      return burst_refusal(p[0], config.loss_mean);
    case VNET_LOSS_PATTERN:
      return pattern_refusal(config);
    default:
      return {};
  }
}

Refusal alter_refusal(const vnet_impairment& config) {
  if (config.duplicate > VNET_ALWAYS)
    return {"duplicate: a probability is 0 to 100 %", VNET_A_IMPAIR_DUPLICATE};
  if (config.corrupt > VNET_ALWAYS)
    return {"corrupt: a probability is 0 to 100 %", VNET_A_IMPAIR_CORRUPT};
  if (config.truncate > VNET_ALWAYS)
    return {"truncate: a probability is 0 to 100 %", VNET_A_IMPAIR_TRUNCATE};
  if (config.corrupt_bits > VNET_CORRUPT_BITS_MAX)
    return {"corrupt: bits are 1 to 32", VNET_A_IMPAIR_CORRUPT_BITS};
  if (config.truncate &&
      (config.truncate_len < VNET_TRUNCATE_MIN || config.truncate_len > VNET_TRUNCATE_MAX))
    return {"truncate: to 14 to 65535 bytes", VNET_A_IMPAIR_TRUNCATE_LEN, VNET_A_IMPAIR_TRUNCATE};
  // It has one checksum for all its frames, and a part of it is no frame.
  if (config.corrupt && config.gso_keep)
    return {"corrupt: not with gso keep", VNET_A_IMPAIR_CORRUPT, VNET_A_IMPAIR_GSO_KEEP};
  if (config.truncate && config.gso_keep)
    return {"truncate: not with gso keep", VNET_A_IMPAIR_TRUNCATE, VNET_A_IMPAIR_GSO_KEEP};
  return {};
}

Refusal reorder_refusal(const vnet_impairment& config) {
  if (config.reorder > VNET_ALWAYS)
    return {"reorder: a probability is 0 to 100 %", VNET_A_IMPAIR_REORDER};
  if (config.reorder_gap > VNET_REORDER_GAP_MAX)
    return {"reorder: gap is 1 to 1000000 frames", VNET_A_IMPAIR_REORDER_GAP};
  if (config.reorder && !config.delay && !config.trace_count)
    return {"reorder: needs a delay, which the frames sent ahead do without", VNET_A_IMPAIR_REORDER,
            VNET_A_IMPAIR_DELAY};
  return {};
}

Refusal table_refusal(const vnet_impairment& config) {
  if (config.distribution != VNET_DISTRIBUTION_TABLE)
    return config.table_count ? Refusal{"delay: a table without distribution table",
                                        VNET_A_IMPAIR_TABLE, VNET_A_IMPAIR_DISTRIBUTION}
                              : Refusal{};
  if (config.table_count < VNET_TABLE_MIN || config.table_count > VNET_TABLE_MAX)
    return {"delay: a table has 2 to 16384 values", VNET_A_IMPAIR_TABLE,
            VNET_A_IMPAIR_DISTRIBUTION};
  for (u32 i = 1; i < config.table_count; i++)
    if (config.table[i] < config.table[i - 1])
      return {"delay: a table's values ascend", VNET_A_IMPAIR_TABLE};
  return {};
}

Refusal delay_refusal(const vnet_impairment& config) {
  if (config.distribution > VNET_DISTRIBUTION_TABLE)
    return {"delay: no such distribution", VNET_A_IMPAIR_DISTRIBUTION};
  if (config.jitter > config.delay)
    return {"delay: the jitter is at most the delay, no frame arrives before it is sent",
            VNET_A_IMPAIR_JITTER, VNET_A_IMPAIR_DELAY};
  // A distribution reaches to 4 times the jitter.
  if (config.delay >= kTimeEnd || config.jitter >= kTimeEnd / 8 ||
      config.delay + 4 * config.jitter >= kTimeEnd)
    return {"delay: delay and 4 times the jitter are below 2^63 ns",
            config.delay >= kTimeEnd ? VNET_A_IMPAIR_DELAY : VNET_A_IMPAIR_JITTER,
            VNET_A_IMPAIR_DELAY};
  if (!config.jitter && config.distribution)
    return {"delay: a distribution needs a jitter", VNET_A_IMPAIR_DISTRIBUTION,
            VNET_A_IMPAIR_DELAY};
  if (!config.jitter && config.jitter_reorder)
    return {"delay: jitter-reorder needs a jitter", VNET_A_IMPAIR_JITTER_REORDER,
            VNET_A_IMPAIR_DELAY};
  return table_refusal(config);
}

Refusal rate_refusal(const vnet_impairment& config) {
  if (config.rate > VNET_RATE_MAX) return {"rate: 1 bit/s to 4 Tbit/s", VNET_A_IMPAIR_RATE};
  if (config.overhead > VNET_OVERHEAD_MAX)
    return {"rate: overhead is 0 to 1024 bytes", VNET_A_IMPAIR_OVERHEAD};
  const bool any = config.rate || config.trace_count;
  if (config.burst && !any) return {"rate: a burst without a rate", VNET_A_IMPAIR_BURST};
  if (config.overhead && !any) return {"rate: an overhead without a rate", VNET_A_IMPAIR_OVERHEAD};
  if (config.jitter_reorder && config.limit_frames > VNET_HELD_MAX)
    return {"queue: a wire whose jitter reorders holds at most 16777216 frames",
            VNET_A_IMPAIR_LIMIT_FRAMES, VNET_A_IMPAIR_JITTER_REORDER};
  return {};
}

Refusal match_refusal(const vnet_impairment& config) {
  if (!config.match_count) return {};
  if (config.match_count > VNET_MATCH_MAX)
    return {"match: at most 4096 instructions", VNET_A_IMPAIR_MATCH};
  if (!Match::valid(config.match, config.match_count))
    return {"match: not a valid program in classic BPF", VNET_A_IMPAIR_MATCH};
  return {};
}

Refusal row_refusal(const vnet_trace_row& row, u64 jitter) {
  if (row.rate != VNET_TRACE_KEEP && (!row.rate || row.rate > VNET_RATE_MAX))
    return {"trace: a rate is 1 bit/s to 4 Tbit/s", VNET_A_IMPAIR_TRACE_UPLOAD};
  if (row.loss != VNET_TRACE_KEEP && row.loss > VNET_ALWAYS)
    return {"trace: a loss is 0 to 100 %", VNET_A_IMPAIR_TRACE_UPLOAD};
  if (row.delay != VNET_TRACE_KEEP && (row.delay >= kTimeEnd - 4 * jitter || row.delay < jitter))
    return {"trace: a delay is from the jitter to below 2^63 ns", VNET_A_IMPAIR_TRACE_UPLOAD,
            VNET_A_IMPAIR_JITTER};
  if (row.time >= kTimeEnd) return {"trace: times are below 2^63 ns", VNET_A_IMPAIR_TRACE_UPLOAD};
  return {};
}

Refusal no_trace_refusal(const vnet_impairment& config) {
  if (config.trace_loop) return {"trace: a loop without a trace", VNET_A_IMPAIR_TRACE_LOOP};
  if (config.trace_sync) return {"trace: sync without a trace", VNET_A_IMPAIR_TRACE_SYNC};
  if (config.trace_start) return {"trace: a start without a trace", VNET_A_IMPAIR_TRACE_START};
  return {};
}

Refusal trace_refusal(const vnet_impairment& config) {
  if (!config.trace_count) return no_trace_refusal(config);
  if (config.trace_count > VNET_TRACE_MAX)
    return {"trace: at most 1048576 rows", VNET_A_IMPAIR_TRACE_UPLOAD};
  if (config.trace_start >= kTimeEnd)
    return {"trace: its start is below 2^63 ns", VNET_A_IMPAIR_TRACE_START};
  if (config.trace_loop && config.trace_count < 2)
    return {"trace: a loop has two rows or more", VNET_A_IMPAIR_TRACE_LOOP,
            VNET_A_IMPAIR_TRACE_UPLOAD};
  if (config.trace[0].time) return {"trace: the first row's time is 0", VNET_A_IMPAIR_TRACE_UPLOAD};
  for (u32 i = 0; i < config.trace_count; i++) {
    if (i && config.trace[i].time <= config.trace[i - 1].time)
      return {"trace: times ascend", VNET_A_IMPAIR_TRACE_UPLOAD};
    if (const Refusal why = row_refusal(config.trace[i], config.jitter)) return why;
  }
  return {};
}

}  // namespace

Refusal refusal(const vnet_impairment& config) {
  if (config.jitter_reorder > 1) return {"jitter-reorder is 0 or 1", VNET_A_IMPAIR_JITTER_REORDER};
  if (config.gso_keep > 1) return {"gso keep is 0 or 1", VNET_A_IMPAIR_GSO_KEEP};
  if (config.trace_loop > 1) return {"trace: loop is 0 or 1", VNET_A_IMPAIR_TRACE_LOOP};
  for (const auto check : {loss_refusal, alter_refusal, delay_refusal, reorder_refusal,
                           rate_refusal, match_refusal, trace_refusal})
    if (const Refusal why = check(config)) return why;
  return {};
}

}  // namespace vnet
