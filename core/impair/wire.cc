// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/wire.h"

#include <vnet/host.h>

#include "core/frame_list.h"

namespace vnet {

// ---- control

void Wire::set_plan(const Plan* plan) {
  // A model's state belongs to the model; another knob leaves it alone.
  if (!plan || !plan_ || plan->loss.model != plan_->loss.model) state_.loss.reset();
  row_ = {plan ? plan->trace.first() : nullptr, 0};
  state_.row = row_.row;
  rate_state_.round_up();
  plan_ = plan;
}

void Wire::remember(u64 ordinal) {
  after_.store_relaxed(ordinal);
  loss_state_then_.store_relaxed(state_.loss.state());
  since_early_then_.store_relaxed(state_.since_early);
}

// A run that no poll has seen yet begins with the next frame, and from nothing.
void Wire::state(vnet_wire_state& state) const {
  state.run = run_->number.load_acquire();
  state.after = state.frames;
  if (state.run != run_seen_.load_acquire()) return;
  state.after = after_.load_relaxed();
  state.loss_state = loss_state_then_.load_relaxed();
  state.since_early = since_early_then_.load_relaxed();
}

void* Wire::set_heap(void* slots, u32 capacity) {
  return line_.replace_heap(static_cast<DelayLine::Entry*>(slots), capacity);
}

// There may be millions.
void Wire::empty() {
  constexpr u32 kBatch = 1024;
  while (!line_.empty()) {
    FrameList left;
    for (u32 i = 0; i < kBatch && !line_.empty(); i++) {
      vnet_frame* const frame = line_.take(DelayLine::kNever - 1);
      rx_->drops.add(VNET_DROP_STOPPED, frame->wire_frames);
      left.push_back(frame);
    }
    vnet_host_frames_drop(*host_queue_, left.first(), 1, VNET_DROP_STOPPED);
    vnet_host_yield();
  }
  line_.restart();
  rate_state_ = {};  // nothing is being sent any more
  armed_.store_relaxed(0);
}

void Wire::come_to(u64 ordinal) {
  follow_run(ordinal);
  ordinal_ = ordinal;
}

void Wire::view(vnet_wire_view& view) const {
  view.seed = chance_.seed;
  view.place = chance_.place;
  view.loss_state = state_.loss.state();
  view.since_early = state_.since_early;
  view.ordinal = ordinal_;
  add_stats(view.wire);
}

bool Wire::gathers(u64 delay) const {
  return plan_ && plan_->only_holds() && plan_->config.delay >= delay;
}

// ---- a poll

void Wire::begin_run() {
  chance_.seed = run_->seed.load_relaxed();
  chance_.place = run_->direction.load_relaxed() << 15 | queue_;
  state_.loss.reset();
  state_.since_early = 0;
}

void Wire::follow_run(u64 ordinal) {
  const u32 run = run_->number.load_acquire();
  if (run == run_seen_.load_relaxed()) return;
  origin_ += ordinal_ - ordinal;
  begin_run();
  remember(ordinal);
  teller_.begin_run(chance_.seed, run);
  run_seen_.store_release(run);
}

void Wire::begin_poll(u64 ordinal, u64 now) {
  follow_run(ordinal);
  ordinal_ = ordinal;
  teller_.begin_poll(*host_queue_);
  if (plan_ && plan_->trace && now >= row_.end) follow_trace(now);
}

void Wire::put(vnet_frame* frame, u64 now) {
  frame->copy = 0;
  if (!plan_) {
    deciding_ = ordinal_ + 1;
    ordinal_ += frame->wire_frames;
    return pass(frame, now);
  }
  if (frame->wire_frames > 1 && plan_->cuts) return put_segments(frame, now);
  put_one(frame, now);
}

// There are three bytes for its number.
void Wire::enter(vnet_frame* frame, u64 now) const {
  const u64 number = origin_ + deciding_;
  for (u32 byte = 0; byte < 3; byte++) frame->number[byte] = static_cast<u8>(number >> 8 * byte);
  frame->entered = static_cast<u32>(now);
}

u64 Wire::number_of(const vnet_frame& frame) const {
  const u64 number = frame.number[0] | u64{frame.number[1]} << 8 | u64{frame.number[2]} << 16;
  const u64 since = (origin_ + ordinal_ - number) & 0xffffff;
  return since < ordinal_ ? ordinal_ - since : 0;
}

// Not impaired: it waits for nothing that is on the wire.
void Wire::pass(vnet_frame* frame, u64 now) {
  enter(frame, now);
  line_.put_at_once(frame, now);
}

void Wire::put_segments(vnet_frame* frame, u64 now) {
  const u32 frames = frame->wire_frames;
  vnet_frame* const held = vnet_host_frame_hold(frame);
  vnet_frame* segment = held ? vnet_host_frame_segment(held) : nullptr;
  if (!segment) {
    deciding_ = ordinal_ + 1;
    tell_timing(VNET_DECISION_NO_MEMORY, frames);
    ordinal_ += frames;
    return drop(held ? held : frame, VNET_DROP_NO_MEMORY);
  }
  while (segment) {
    vnet_frame* const next = segment->next;
    put_one(segment, now);
    segment = next;
  }
}

void Wire::put_one(vnet_frame* frame, u64 now) {
  deciding_ = ordinal_ + 1;
  ordinal_ += frame->wire_frames;
  if (plan_->match.active() && !plan_->match.takes(*frame)) return pass(frame, now);
  const Fate fate = Pipeline::decide(*plan_, chance_, state_, deciding_);
  if (teller_.is_heard()) [[unlikely]]
    tell(fate, *frame);
  if (fate.lost) return drop(frame, VNET_DROP_IMPAIR_LOSS);
  if (plan_->alters) [[unlikely]]
    return put_altered(frame, fate, now);
  schedule(frame, fate, now);
}

void Wire::put_altered(vnet_frame* frame, const Fate& fate, u64 now) {
  if (fate.corrupt || fate.truncate || fate.duplicate) {
    frame = alter(frame, fate);
    if (!frame) return;
  }
  vnet_frame* const copy = fate.duplicate ? duplicate(frame) : nullptr;
  schedule(frame, fate, now);
  if (copy) schedule(copy, fate, now);
}

// ---- what is told

void Wire::tell(const Fate& fate, const vnet_frame& frame) {
  const auto drawn = [&](vnet_decision_kind what, Stream stream, u64 value, u32 length = 0) {
    const Block block = chance_.draw(stream, deciding_);
    teller_.tell(what, stream, deciding_, stream == Stream::kDelay ? block.wide(0) : block.word[0],
                 value, length);
  };
  const bool own_loss = state_.row && state_.row->loss != VNET_TRACE_KEEP;
  if (fate.lost && plan_->loss.model == VNET_LOSS_PATTERN && !own_loss)
    teller_.tell_listed(VNET_DECISION_LOST, Stream::kLoss, deciding_);
  else if (fate.lost)
    drawn(VNET_DECISION_LOST, Stream::kLoss, 0);
  if (fate.lost) return;
  if (fate.corrupt)
    drawn(VNET_DECISION_CORRUPTED, Stream::kCorrupt, plan_->config.corrupt_bits, frame.wire_len);
  if (fate.truncate && frame.wire_len > plan_->config.truncate_len)
    drawn(VNET_DECISION_TRUNCATED, Stream::kTruncate, plan_->config.truncate_len, frame.wire_len);
  if (fate.duplicate) drawn(VNET_DECISION_DUPLICATED, Stream::kDuplicate, 0);
  if (fate.early)
    drawn(VNET_DECISION_REORDERED, Stream::kReorder, 0);
  else if (plan_->delay.jitter)
    drawn(VNET_DECISION_DELAYED, Stream::kDelay, fate.delay);
}

void Wire::tell_bit(u32 index, u32 bit) {
  const Block block = chance_.draw(Stream::kCorruptBit, deciding_, index / 2);
  teller_.tell(VNET_DECISION_BIT_TURNED, Stream::kCorruptBit, deciding_, block.wide(index % 2 * 2),
               bit, 0);
}

void Wire::tell_timing(vnet_decision_kind what, u64 value) {
  if (teller_.is_heard()) teller_.tell_timing(what, deciding_, value);
}

// ---- what is done to bytes

// Null: dropped.
vnet_frame* Wire::alter(vnet_frame* frame, const Fate& fate) {
  vnet_frame* const held = vnet_host_frame_hold(frame);
  if (held && (!fate.corrupt || corrupt(held)) && (!fate.truncate || truncate(held))) return held;
  tell_timing(VNET_DECISION_NO_MEMORY, frame->wire_frames);
  drop(held ? held : frame, VNET_DROP_NO_MEMORY);
  return nullptr;
}

// Bits of the frame as it stands on the wire; false: no memory.
bool Wire::corrupt(vnet_frame* frame) {
  CorruptBits positions(chance_, deciding_, 8ull * frame->wire_len);
  for (u32 i = 0; i < plan_->config.corrupt_bits; i++) {
    const u32 bit = static_cast<u32>(positions.next());
    if (vnet_host_frame_flip(frame, bit) != 0) return false;
    if (teller_.is_heard()) tell_bit(i, bit);
    if (bit < 8 * 6) frame->dst[bit / 8] ^= static_cast<u8>(0x80 >> bit % 8);
  }
  corrupted_.add(1);
  return true;
}

bool Wire::truncate(vnet_frame* frame) {
  const u32 length = plan_->config.truncate_len;
  if (frame->wire_len <= length) return true;
  if (vnet_host_frame_truncate(frame, length) != 0) return false;
  truncated_.add(1);
  return true;
}

vnet_frame* Wire::duplicate(const vnet_frame* frame) {
  vnet_frame* const copy = vnet_host_frame_copy(frame);
  if (copy) {
    copy->copy = 1;
    duplicated_.add(frame->wire_frames);
  } else {
    copies_failed_.add(frame->wire_frames);
    tell_timing(VNET_DECISION_NO_MEMORY, frame->wire_frames);
  }
  return copy;
}

void Wire::drop(vnet_frame* frame, vnet_drop reason) {
  rx_->drops.add(reason, frame->wire_frames);
  frame->next = nullptr;
  vnet_host_frames_drop(*host_queue_, frame, 1, reason);
}

// ---- time

bool Wire::is_full(const vnet_frame& frame) const {
  return line_.frames() >= plan_->limit_frames ||
         (plan_->limit_bytes != Plan::kUnlimited &&
          line_.bytes() + frame.wire_len > plan_->limit_bytes);
}

// When a frame has left that is put `now`.
u64 Wire::sent(RateState& state, u64 now, const vnet_frame& frame) const {
  const u64 bytes = frame.wire_len + u64{plan_->config.overhead} * frame.wire_frames;
  if (!plan_->trace.sets_rate()) return state.pass(plan_->rate, now, bytes);
  return plan_->trace.pass(state, plan_->rate, plan_->config.trace_start, now, bytes);
}

// The frame takes its time to be sent, then its time on the way. One that finds the queue full has
// taken none.
void Wire::schedule(vnet_frame* frame, const Fate& fate, u64 now) {
  const bool limited = plan_->limits_rate();
  RateState after;
  u64 due = now;
  if (limited) {
    after = rate_state_;
    due = sent(after, now, *frame);
  }
  due += fate.delay;
  const bool anywhere = plan_->heap_capacity != 0;
  if (!fate.early && !anywhere && due < line_.last_due()) due = line_.last_due();
  if (due > now) {
    if (plan_->limited() && is_full(*frame)) return overflow(frame);
    vnet_frame* const held = vnet_host_frame_hold(frame);
    if (!held) {
      tell_timing(VNET_DECISION_NO_MEMORY, frame->wire_frames);
      return drop(frame, VNET_DROP_NO_MEMORY);
    }
    frame = held;
  }
  if (limited) rate_state_ = after;
  enter(frame, now);
  if (fate.early) {
    reordered_.add(frame->wire_frames);
    line_.put_ahead(frame, due);
  } else if (!anywhere) {
    line_.put_in_order(frame, due);
  } else if (!line_.put_anywhere(frame, due)) {
    overflow(frame);
  }
}

void Wire::overflow(vnet_frame* frame) {
  tell_timing(VNET_DECISION_OVERFLOW, line_.frames());
  drop(frame, VNET_DROP_IMPAIR_QUEUE);
}

vnet_frame* Wire::take(u64 due, u64 now) {
  vnet_frame* const frame = line_.take_due(due);
  late_.add(now - due);
  if (plan_ && plan_->delay.jitter) measure(*frame, now);
  return frame;
}

// The delay as it has become, against the one asked for. Modulo 2^32, which is less than 2 s
// either way; what was not delayed at all is no delay.
void Wire::measure(const vnet_frame& frame, u64 now) {
  if (frame.entered == static_cast<u32>(frame.due)) return;
  const u32 took = static_cast<u32>(now) - frame.entered;
  const s64 more = static_cast<int>(took - static_cast<u32>(plan_->delay.delay));
  const s64 units = plan_->delay.in_units(more);
  delays_.add(1);
  delay_sum_.add(static_cast<u64>(more));
  delay_squares_.add(static_cast<u64>(units * units));
}

void Wire::follow_trace(u64 now) {
  row_ = plan_->trace.at(plan_->config.trace_start, now);
  state_.row = row_.row;
}

void Wire::add_stats(vnet_impair_stats& stats) const {
  stats.held += line_.frames();
  stats.held_bytes += line_.bytes();
  stats.duplicated += duplicated_.get();
  stats.copies_failed += copies_failed_.get();
  stats.corrupted += corrupted_.get();
  stats.truncated += truncated_.get();
  stats.reordered += reordered_.get();
  late_.add_to(stats);
  stats.delays += delays_.get();
  stats.delay_sum += delay_sum_.get();
  stats.delay_squares += delay_squares_.get();
  if (plan_) stats.delay_shift = plan_->delay.unit_shift();
}

}  // namespace vnet
