// SPDX-License-Identifier: GPL-2.0-only
#include "cli/oracle.h"

#include <fmt/core.h>
#include <vnet/host.h>

#include "cli/batch.h"
#include "cli/delay_table_file.h"
#include "cli/schema.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 kMostSteps = 1ull << 28;  // some ten seconds

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

Result<Arguments> parse_settings(const std::string& words) {
  static constexpr Verb kSettings{.name = "settings", .help = "", .parameters = kImpairWords};
  const Result<std::vector<std::string>> all = split_line(words);
  if (!all) return all.error();
  return parse_arguments(kSettings, Words(*all));
}

}  // namespace

std::string stream_word(Stream stream) {
  const EnumEntry* const entry = find_entry(draw_stream_type(), static_cast<vnet_u64>(stream));
  return entry ? entry->json : "?";
}

Failure read_settings(const std::string& words, Impairment& impairment) {
  Result<Arguments> arguments = parse_settings(words);
  if (!arguments) return arguments.error();
  return read_impairment(*arguments, impairment);
}

Failure read_past_settings(const std::string& words, Impairment& impairment) {
  Result<Arguments> arguments = parse_settings(words);
  if (!arguments) return arguments.error();
  auto& said = arguments->own.values;
  vnet_u64 has = 0;
  if (const auto match = said.extract("match")) {
    const std::string& text = match.mapped().front();
    text.copy(impairment.values.match_text, sizeof(impairment.values.match_text) - 1);
    has |= bit(VNET_A_IMPAIR_MATCH_TEXT);
  }
  if (said.erase("trace")) has |= bit(VNET_A_IMPAIR_TRACE_TEXT);
  said.erase("loop");
  said.erase("sync");
  if (const auto how = said.find("distribution"); how != said.end() && how->second.size() > 1)
    if (!read_delay_table(how->second[1])) {
      said.erase(how);
      has |= bit(VNET_A_IMPAIR_TABLE_TEXT);
    }
  if (Failure failure = read_impairment(*arguments, impairment)) return failure;
  impairment.values.has |= has;
  return {};
}

Result<std::unique_ptr<Oracle>> Oracle::make(const vnet_impair_values& settings,
                                             const WireStart& start) {
  vnet_impair_values values = settings;
  // In a message it is aligned to 4 bytes only; the plan has its own copy.
  std::vector<vnet_u64> pattern(values.loss_pattern.len / sizeof(vnet_u64));
  if (!pattern.empty())
    std::memcpy(pattern.data(), values.loss_pattern.data, pattern.size() * sizeof(vnet_u64));
  values.loss_pattern.data = pattern.data();
  vnet_impairment config;
  const char* why = nullptr;
  int error = vnet_core_impair_from_values(&values, &config, &why);
  if (error) return Error{why, -error};
  Refusal refusal;
  Plan* const plan = Plan::compile(config, error, refusal);
  if (!plan) return Error{refusal ? refusal.text : "no memory", -error};
  return std::unique_ptr<Oracle>(new Oracle(plan, start));
}

Oracle::Oracle(Plan* plan, const WireStart& start)
    : plan_(plan), chance_{start.seed, 0, start.place}, last_(start.after) {
  state_.loss.resume(static_cast<vnet_u8>(start.loss_state));
  state_.since_early = start.since_early;
}

Oracle::~Oracle() {
  vnet_host_free(plan_);
}

Fate Oracle::next() {
  return Pipeline::decide(*plan_, chance_, state_, ++last_);
}

bool Oracle::remembers() const {
  return plan_->loss.model == VNET_LOSS_GEMODEL || plan_->loss.model == VNET_LOSS_STATE ||
         (plan_->config.reorder && plan_->config.reorder_gap > 1);
}

Result<FrameVerdict> Oracle::decide(vnet_u64 frame, std::optional<vnet_u32> length) {
  if (frame <= last_) return Error{fmt::format("frame {} is not behind frame {}", frame, last_)};
  if (!remembers()) last_ = frame - 1;
  if (frame - last_ > kMostSteps)
    return Error{
        fmt::format("frame {} is too far behind frame {}: the model depends on each "
                    "frame in between",
                    frame, last_)};
  while (last_ + 1 < frame) (void)next();
  const StageState before = state_;
  FrameVerdict verdict;
  verdict.fate = next();
  if (length && *length <= plan_->config.truncate_len) verdict.fate.truncate = false;
  verdict.streams = streams(frame, before, verdict.fate, length);
  return verdict;
}

StreamVerdict Oracle::loss(vnet_u64 frame, const StageState& before, const Fate& fate) const {
  StreamVerdict verdict{Stream::kLoss, {}, {}, fate.lost, {}, ""};
  if (plan_->loss.model == VNET_LOSS_PATTERN) {
    verdict.note = fate.lost ? "in the pattern" : "not in the pattern";
    return verdict;
  }
  verdict.draw = chance_.draw(Stream::kLoss, frame).word[0];
  const bool bad = before.loss.state() != 0;
  if (plan_->loss.model == VNET_LOSS_RANDOM) {
    verdict.threshold = plan_->loss.p[0];
  } else if (plan_->loss.model == VNET_LOSS_GEMODEL) {
    verdict.threshold = plan_->loss.p[bad ? 2 : 3];
    verdict.note = bad ? "while bad" : "while good";
  } else {
    verdict.note = fmt::format("state {} to {}", before.loss.state() + 1, state_.loss.state() + 1);
  }
  return verdict;
}

// Their draws say where in the frame they are.
void Oracle::add_bits(std::vector<StreamVerdict>& all, vnet_u64 frame,
                      std::optional<vnet_u32> length) const {
  CorruptBits positions(chance_, frame, 8ull * length.value_or(0));
  for (vnet_u32 i = 0; i < plan_->config.corrupt_bits; i++) {
    const vnet_u64 draw = chance_.draw(Stream::kCorruptBit, frame, i / 2).wide(i % 2 * 2);
    StreamVerdict verdict{
        Stream::kCorruptBit, draw, {}, true, {}, "of 2^64, times the frame's bits"};
    if (length) {
      const vnet_u64 bit = positions.next();
      verdict.value = bit;
      verdict.note = fmt::format("bit {}: {:#04x} of byte {}", bit, 0x80 >> bit % 8, bit / 8);
    }
    all.push_back(std::move(verdict));
  }
}

std::vector<StreamVerdict> Oracle::streams(vnet_u64 frame, const StageState& before,
                                           const Fate& fate, std::optional<vnet_u32> length) const {
  std::vector<StreamVerdict> all;
  const auto add = [&](Stream stream, vnet_u64 probability, bool happens) {
    if (!probability) return;
    all.push_back({stream, chance_.draw(stream, frame).word[0], probability, happens, {}, ""});
  };
  const vnet_impairment& config = plan_->config;
  if (plan_->loss.model != VNET_LOSS_NONE) all.push_back(loss(frame, before, fate));
  add(Stream::kCorrupt, config.corrupt, fate.corrupt);
  if (fate.corrupt) add_bits(all, frame, length);
  add(Stream::kTruncate, config.truncate, fate.truncate);
  if (config.truncate && length && *length <= config.truncate_len)
    all.back().note = fmt::format("the frame has {} bytes", *length);
  add(Stream::kDuplicate, config.duplicate, fate.duplicate);
  // Only of the last of a gap anything is drawn.
  if (config.reorder && before.since_early + 1 >= config.reorder_gap)
    add(Stream::kReorder, config.reorder, fate.early);
  if (config.jitter && !fate.early)
    all.push_back(
        {Stream::kDelay, chance_.draw(Stream::kDelay, frame).wide(0), {}, true, fate.delay, ""});
  return all;
}

}  // namespace vnet::cli
