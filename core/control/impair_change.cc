// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: how control changes what a wire does.
#include <vnet/control.h>
#include <vnet/host.h>

#include <initializer_list>

#include "core/base/memory.h"
#include "core/control/knobs_in_force.h"
#include "core/control/schema.h"
#include "core/device.h"
#include "core/params.h"

namespace {

using vnet::bit;
using vnet::Refusal;
using vnet::u32;
using vnet::u64;

// ---- a knob in the boundary's form, off

void reset_loss(vnet_impairment& config) {
  config.loss_model = VNET_LOSS_NONE;
  config.loss_mean = 0;
  for (u64& p : config.loss) p = 0;
  config.pattern = nullptr;
  config.pattern_count = 0;
}

void reset_table(vnet_impairment& config) {
  config.table = nullptr;
  config.table_count = 0;
  config.table_text = nullptr;
}

void reset_delay(vnet_impairment& config) {
  config.delay = config.jitter = 0;
  config.distribution = VNET_DISTRIBUTION_UNIFORM;
  reset_table(config);
  config.jitter_reorder = 0;
}

void reset_match(vnet_impairment& config) {
  config.match = nullptr;
  config.match_count = 0;
  config.match_text = nullptr;
}

void reset_trace(vnet_impairment& config) {
  config.trace = nullptr;
  config.trace_count = 0;
  config.trace_text = config.trace_sync = nullptr;
  config.trace_start = 0;
  config.trace_loop = 0;
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
    match();
    trace();
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
    if (has(VNET_A_IMPAIR_DISTRIBUTION)) {
      reset_table(config_);
      config_.distribution = values_.distribution;
    }
    if (has(VNET_A_IMPAIR_TABLE)) {
      config_.table = static_cast<const short*>(values_.table.data);
      config_.table_count = values_.table.len / static_cast<u32>(sizeof(short));
    }
    if (has(VNET_A_IMPAIR_TABLE_TEXT)) config_.table_text = values_.table_text;
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

  void match() {
    if (!has(VNET_A_IMPAIR_MATCH)) return;
    reset_match(config_);
    config_.match = static_cast<const vnet_bpf_insn*>(values_.match.data);
    config_.match_count = values_.match.len / static_cast<u32>(sizeof(vnet_bpf_insn));
    if (has(VNET_A_IMPAIR_MATCH_TEXT)) config_.match_text = values_.match_text;
  }

  // The rows are apart, as a pattern is.
  void trace() {
    if (has(VNET_A_IMPAIR_TRACE_UPLOAD)) reset_trace(config_);
    if (has(VNET_A_IMPAIR_TRACE_LOOP)) config_.trace_loop = values_.trace_loop;
    if (has(VNET_A_IMPAIR_TRACE_TEXT)) config_.trace_text = values_.trace_text;
    if (has(VNET_A_IMPAIR_TRACE_SYNC)) config_.trace_sync = values_.trace_sync;
    if (has(VNET_A_IMPAIR_TRACE_START)) config_.trace_start = values_.trace_start;
  }

  const vnet_impair_values& values_;
  vnet_impairment& config_;
};

// A detail of a knob that is not there, or bytes that are no whole number of what they should be.
Refusal misfit(const vnet_impair_values& values, const vnet_impairment& config) {
  const auto has = [&](u32 id) { return (values.has & bit(id)) != 0; };
  const bool pattern = config.loss_model == VNET_LOSS_PATTERN;
  if (has(VNET_A_IMPAIR_LOSS_PATTERN) && !pattern)
    return {"loss pattern (loss-pattern): only with loss-model pattern",
            VNET_A_IMPAIR_LOSS_PATTERN};
  if (has(VNET_A_IMPAIR_LOSS_PATTERN) && values.loss_pattern.len % sizeof(u64) != 0)
    return {"loss pattern (loss-pattern): numbers of 64 bits", VNET_A_IMPAIR_LOSS_PATTERN};
  if (has(VNET_A_IMPAIR_LOSS_MEAN) && config.loss_model != VNET_LOSS_BURST)
    return {"loss burst: mean (loss-mean) only with loss burst", VNET_A_IMPAIR_LOSS_MEAN};
  for (u32 id = VNET_A_IMPAIR_LOSS_P1; id <= VNET_A_IMPAIR_LOSS_P5; id++)
    if (has(id) && (pattern || config.loss_model == VNET_LOSS_NONE))
      return {"loss: a probability (loss-p1 to -p5) without a model that has any", id};
  if (has(VNET_A_IMPAIR_TRUNCATE_LEN) && !config.truncate)
    return {"truncate: a length (truncate-len) without truncate", VNET_A_IMPAIR_TRUNCATE_LEN};
  if (has(VNET_A_IMPAIR_CORRUPT_BITS) && !config.corrupt)
    return {"corrupt: bits (corrupt-bits) without corrupt", VNET_A_IMPAIR_CORRUPT_BITS};
  if (has(VNET_A_IMPAIR_REORDER_GAP) && !config.reorder)
    return {"reorder: a gap (reorder-gap) without reorder", VNET_A_IMPAIR_REORDER_GAP};
  if (has(VNET_A_IMPAIR_MATCH) && values.match.len % sizeof(vnet_bpf_insn) != 0)
    return {"match: whole instructions of 8 bytes", VNET_A_IMPAIR_MATCH};
  if (has(VNET_A_IMPAIR_MATCH_TEXT) && !has(VNET_A_IMPAIR_MATCH))
    return {"match: a text (match-text) without a program", VNET_A_IMPAIR_MATCH_TEXT};
  if (has(VNET_A_IMPAIR_TABLE) && values.table.len % sizeof(short) != 0)
    return {"delay: a table (table) of numbers of 16 bits", VNET_A_IMPAIR_TABLE};
  if (has(VNET_A_IMPAIR_TABLE_TEXT) && !has(VNET_A_IMPAIR_TABLE))
    return {"delay: a text (table-text) without a table", VNET_A_IMPAIR_TABLE_TEXT};
  if (has(VNET_A_IMPAIR_TRACE_TEXT) && !has(VNET_A_IMPAIR_TRACE_UPLOAD))
    return {"trace: a text (trace-text) without a trace", VNET_A_IMPAIR_TRACE_TEXT};
  return {};
}

vnet::Device& core_of(vnet_device* device) {
  return *reinterpret_cast<vnet::Device*>(device);
}

// ---- changing

void remove_knobs(vnet_impairment& config, u32 knobs) {
  if (knobs & VNET_IMPAIR_KNOB_LOSS) reset_loss(config);
  if (knobs & VNET_IMPAIR_KNOB_DUPLICATE) config.duplicate = 0;
  if (knobs & VNET_IMPAIR_KNOB_CORRUPT) config.corrupt = config.corrupt_bits = 0;
  if (knobs & VNET_IMPAIR_KNOB_TRUNCATE) config.truncate = config.truncate_len = 0;
  if (knobs & VNET_IMPAIR_KNOB_DELAY) reset_delay(config);
  if (knobs & VNET_IMPAIR_KNOB_REORDER) config.reorder = config.reorder_gap = 0;
  if (knobs & VNET_IMPAIR_KNOB_RATE) reset_rate(config);
  if (knobs & VNET_IMPAIR_KNOB_LIMIT) config.limit_bytes = config.limit_frames = 0;
  if (knobs & VNET_IMPAIR_KNOB_GSO_KEEP) config.gso_keep = 0;
  if (knobs & VNET_IMPAIR_KNOB_MATCH) reset_match(config);
  if (knobs & VNET_IMPAIR_KNOB_TRACE) reset_trace(config);
}

// What a request brings and a message cannot hold as it is needed.
class Arrays {
 public:
  int take(const vnet_device& device, const vnet_impair_values& values, Refusal& why) {
    if (values.has & bit(VNET_A_IMPAIR_TRACE_UPLOAD)) {
      const vnet::Impairment* const impairment =
          reinterpret_cast<const vnet::Device&>(device).impairment();
      if (impairment) trace_ = impairment->upload().rows(values.trace_upload);
      if (!trace_)
        why = {"trace (trace-upload): impair-trace has not brought all of it",
               VNET_A_IMPAIR_TRACE_UPLOAD};
      else
        trace_count_ = impairment->upload().count();
      if (why) return vnet::kInvalid;
    }
    if (!(values.has & bit(VNET_A_IMPAIR_LOSS_PATTERN)) || !values.loss_pattern.len) return 0;
    // In a message it is aligned to 4 bytes only.
    pattern_ = static_cast<u64*>(vnet_host_alloc(values.loss_pattern.len));
    if (!pattern_) return vnet::kNoMemory;
    __builtin_memcpy(pattern_, values.loss_pattern.data, values.loss_pattern.len);
    return 0;
  }

  void give(const vnet_impair_values& values, vnet_impairment& config) const {
    if (pattern_) {
      config.pattern = pattern_;
      config.pattern_count = static_cast<u32>(values.loss_pattern.len / sizeof(u64));
    }
    if (trace_) {
      config.trace = trace_;
      config.trace_count = trace_count_;
    }
  }

  void free() { vnet::free_if_any(pattern_); }

 private:
  const vnet_trace_row* trace_ = nullptr;
  u32 trace_count_ = 0;
  u64* pattern_ = nullptr;
};

// At all receivers, or at none.
template <typename Change>
int put_in_force(const vnet_impair_target& target, Refusal& why, const Change& change) {
  u32 prepared = 0;
  int error = 0;
  for (vnet_device* const receiver : target.receivers) {
    if (!receiver) break;
    vnet_impairment config = knobs_in_force(receiver);
    change(config, why);
    error = why ? vnet::kInvalid : core_of(receiver).prepare_impairment(config, why);
    if (error) break;
    prepared++;
  }
  for (u32 i = 0; i < prepared; i++) {
    if (error)
      core_of(target.receivers[i]).abandon_impairment();
    else
      core_of(target.receivers[i]).commit_impairment();
  }
  return error;
}

int add_rows(vnet::Device& device, const vnet_impair_values& values, Refusal& why) {
  vnet::TraceUpload* const upload = device.trace_upload();
  if (!upload) return vnet::kNoMemory;
  return upload->add(values.trace_upload, values.trace_count, values.trace_at,
                     values.trace_rows.data, values.trace_rows.len, why);
}

vnet_refusal spelled(const Refusal& why) {
  return {why.text, why.attribute, why.other};
}

}  // namespace

extern "C" {

int vnet_core_impair_change(const vnet_impair_target* target, const vnet_impair_values* values,
                            vnet_refusal* refusal) {
  Arrays arrays;
  Refusal why;
  int error = arrays.take(*target->device, *values, why);
  if (!error)
    error = put_in_force(*target, why, [&](vnet_impairment& config, Refusal& unfit) {
      Merge(*values, config).all();
      unfit = misfit(*values, config);
      if (!unfit) arrays.give(*values, config);
    });
  arrays.free();
  *refusal = spelled(why);
  return error;
}

int vnet_core_impair_remove(const vnet_impair_target* target, const vnet_impair_values* values,
                            vnet_refusal* refusal) {
  Refusal why;
  const u32 knobs = values->has & bit(VNET_A_IMPAIR_KNOBS) ? values->knobs : ~0u;
  const int error = put_in_force(
      *target, why, [&](vnet_impairment& config, Refusal&) { remove_knobs(config, knobs); });
  if (why) why.attribute = why.other = VNET_A_IMPAIR_KNOBS;
  *refusal = spelled(why);
  return error;
}

int vnet_core_impair_trace(vnet_device* device, const vnet_impair_values* values,
                           vnet_refusal* refusal) {
  constexpr u64 kNeeds = bit(VNET_A_IMPAIR_TRACE_UPLOAD) | bit(VNET_A_IMPAIR_TRACE_COUNT) |
                         bit(VNET_A_IMPAIR_TRACE_AT) | bit(VNET_A_IMPAIR_TRACE_ROWS);
  Refusal why;
  int error = vnet::kInvalid;
  if ((values->has & kNeeds) != kNeeds)
    why.text = "trace-upload, trace-count, trace-at and trace-rows are needed";
  else
    error = add_rows(core_of(device), *values, why);
  *refusal = spelled(why);
  return error;
}

int vnet_core_impair_from_values(const vnet_impair_values* values, vnet_impairment* impairment,
                                 const char** why) {
  *impairment = {};
  Merge(*values, *impairment).all();
  *why = misfit(*values, *impairment).text;
  if (*why) return vnet::kInvalid;
  if (values->has & bit(VNET_A_IMPAIR_LOSS_PATTERN)) {
    impairment->pattern = static_cast<const u64*>(values->loss_pattern.data);
    impairment->pattern_count = static_cast<u32>(values->loss_pattern.len / sizeof(u64));
  }
  return 0;
}

}  // extern "C"
