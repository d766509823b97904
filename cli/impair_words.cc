// SPDX-License-Identifier: GPL-2.0-only
#include "cli/impair_words.h"

#include <fmt/core.h>

#include <cstring>
#include <filesystem>

#include "cli/delay_table_file.h"
#include "cli/match_expression.h"
#include "cli/schema.h"
#include "cli/trace_file.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

const EnumEntry* entry_named(const EnumType& type, std::string_view name) {
  for (const EnumEntry& entry : type.entries)
    if (name == entry.name) return &entry;
  return nullptr;
}

class Reader {
 public:
  Reader(const Arguments& arguments, Impairment& impairment)
      : arguments_(arguments), impairment_(impairment), values_(impairment.values) {}

  Failure read() {
    for (const auto step : {&Reader::loss, &Reader::alterations, &Reader::delay, &Reader::rate,
                            &Reader::match, &Reader::trace})
      if (Failure failure = (this->*step)()) return failure;
    return {};
  }

 private:
  using Parse = std::optional<vnet_u64> (*)(const std::string&);

  const std::vector<std::string>& said(std::string_view word) const {
    return arguments_.own.values.find(word)->second;
  }
  // A word's value into its attribute; `wanted` is what it should have been.
  template <typename Member>
  Failure number(std::string_view word, unsigned id, Member& member, Parse parse,
                 std::string_view wanted) {
    if (!arguments_.has(word)) return {};
    return number_of(word, arguments_.get(word), id, member, parse, wanted);
  }
  template <typename Member>
  Failure number_of(std::string_view word, const std::string& text, unsigned id, Member& member,
                    Parse parse, std::string_view wanted) {
    const std::optional<vnet_u64> value = parse(text);
    if (!value) return Error{fmt::format("{}: '{}' is not {}", word, text, wanted)};
    if (*value > static_cast<vnet_u64>(static_cast<Member>(~0ull)))
      return Error{fmt::format("{}: '{}' is too large", word, text)};
    member = static_cast<Member>(*value);
    values_.has |= bit(id);
    return {};
  }

  static std::optional<vnet_u64> nanoseconds(const std::string& text) {
    return parse_time(text, TimeUnit::kNs);
  }
  static std::optional<vnet_u64> thousandths(const std::string& text) {
    // As a time of that many microseconds, which has three decimals.
    const std::optional<vnet_u64> value = parse_time(text + "us", TimeUnit::kNs);
    return value;
  }
  static std::optional<vnet_u64> on_off(const std::string& text) { return parse_on_off(text); }
  static std::optional<vnet_u64> gso(const std::string& text) {
    if (text == "keep") return 1;
    if (text == "cut") return 0;
    return {};
  }
  static std::optional<vnet_u64> distribution(const std::string& text) {
    const EnumEntry* const entry = entry_named(delay_distribution_type(), text);
    if (!entry) return {};
    return entry->value;
  }

  static constexpr std::string_view kPercent = "a percentage such as 1% or 0.5%, 0 to 100%";
  static constexpr std::string_view kTime = "a time such as 20ms or 1.5us";
  static constexpr std::string_view kCount = "a number";
  static constexpr std::string_view kBytes = "a number of bytes such as 1500 or 64kb";

  Failure loss() {
    if (Failure failure = number("mean", VNET_A_IMPAIR_LOSS_MEAN, values_.loss_mean, thousandths,
                                 "a number of frames such as 10 or 2.5"))
      return failure;
    if (!arguments_.has("loss")) return {};
    const std::vector<std::string>& words = said("loss");
    const bool digit = words[0][0] >= '0' && words[0][0] <= '9';
    const std::string_view name = digit ? std::string_view("random") : words[0];
    const EnumEntry* const model = entry_named(loss_model_type(), name);
    if (!model)
      return Error{fmt::format(
          "loss: '{}' is neither a percentage nor random, gemodel, state, burst or pattern", name)};
    values_.loss_model = static_cast<vnet_u32>(model->value);
    values_.has |= bit(VNET_A_IMPAIR_LOSS_MODEL);
    std::vector<std::string> given(words.begin() + (digit ? 0 : 1), words.end());
    if (model->value == VNET_LOSS_MODEL_PATTERN) return pattern(given);
    if (model->value == VNET_LOSS_MODEL_BURST) {
      if (given.empty() || given[0] != "rate")
        return Error{"loss: a burst has a rate and a mean length: `loss burst rate P mean N`"};
      given.erase(given.begin());
    }
    return probabilities(model->value, given);
  }

  // What is left out is as netem has it (tc-netem(8)).
  Failure probabilities(vnet_u64 model, const std::vector<std::string>& given) {
    static constexpr size_t kMost[] = {0, 1, 4, 5, 1};
    if (model == VNET_LOSS_MODEL_RANDOM && given.size() == 2)
      return Error{
          "loss: a correlation is refused: netem's `loss 5% 25%` loses 0.22 %, not 5 %; bursts are "
          "`loss burst rate P mean N`"};
    if (given.size() > kMost[model])
      return Error{fmt::format("loss: '{}' is one value too many", given[kMost[model]])};
    if (given.empty() && kMost[model] > 0) return Error{"loss: the model needs a percentage"};
    vnet_u64* const p[] = {&values_.loss_p1, &values_.loss_p2, &values_.loss_p3, &values_.loss_p4,
                           &values_.loss_p5};
    for (size_t i = 0; i < given.size(); i++)
      if (Failure failure = number_of("loss", given[i], VNET_A_IMPAIR_LOSS_P1 + unsigned(i), *p[i],
                                      parse_percent, kPercent))
        return failure;
    const auto preset = [&](size_t index, vnet_u64 value) {
      if (given.size() > index) return;
      *p[index] = value;
      values_.has |= bit(VNET_A_IMPAIR_LOSS_P1 + unsigned(index));
    };
    if (model == VNET_LOSS_MODEL_GEMODEL) {
      preset(1, VNET_ALWAYS - *p[0]);
      preset(2, VNET_ALWAYS);
      preset(3, 0);
    }
    if (model == VNET_LOSS_MODEL_STATE) {
      preset(1, VNET_ALWAYS - *p[0]);
      preset(2, 0);
      preset(3, VNET_ALWAYS);
      preset(4, 0);
    }
    return {};
  }

  Failure pattern(const std::vector<std::string>& given) {
    static constexpr size_t kMost = 128;  // what the schema has room for
    std::string_view rest = given.size() == 1 ? std::string_view(given[0]) : "";
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(','), rest.size());
      const std::optional<vnet_u64> frame = parse_number(std::string(rest.substr(0, end)));
      if (!frame) break;
      impairment_.pattern.push_back(*frame);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!rest.empty() || impairment_.pattern.empty() || impairment_.pattern.size() > kMost)
      return Error{"loss: pattern needs 1 to 128 frame numbers such as 3,17,40"};
    values_.loss_pattern = {impairment_.pattern.data(),
                            static_cast<vnet_u32>(impairment_.pattern.size() * sizeof(vnet_u64))};
    values_.has |= bit(VNET_A_IMPAIR_LOSS_PATTERN);
    return {};
  }

  Failure alterations() {
    vnet_impair_values& v = values_;
    if (Failure failure =
            number("duplicate", VNET_A_IMPAIR_DUPLICATE, v.duplicate, parse_percent, kPercent))
      return failure;
    if (Failure failure =
            number("corrupt", VNET_A_IMPAIR_CORRUPT, v.corrupt, parse_percent, kPercent))
      return failure;
    if (Failure failure =
            number("bits", VNET_A_IMPAIR_CORRUPT_BITS, v.corrupt_bits, parse_count, kCount))
      return failure;
    if (Failure failure =
            number("truncate", VNET_A_IMPAIR_TRUNCATE, v.truncate, parse_percent, kPercent))
      return failure;
    if (Failure failure =
            number("to", VNET_A_IMPAIR_TRUNCATE_LEN, v.truncate_len, parse_size, kBytes))
      return failure;
    return number("gso", VNET_A_IMPAIR_GSO_KEEP, v.gso_keep, gso, "'cut' or 'keep'");
  }

  Failure delay() {
    vnet_impair_values& v = values_;
    if (Failure failure = number("delay", VNET_A_IMPAIR_DELAY, v.delay, nanoseconds, kTime))
      return failure;
    if (arguments_.has("delay") && said("delay").size() > 1)
      if (Failure failure = number_of("delay", said("delay")[1], VNET_A_IMPAIR_JITTER, v.jitter,
                                      nanoseconds, kTime))
        return failure;
    if (Failure failure =
            number("distribution", VNET_A_IMPAIR_DISTRIBUTION, v.distribution, distribution,
                   "one of uniform, normal, pareto, paretonormal, table"))
      return failure;
    if (Failure failure = table()) return failure;
    if (Failure failure = number("jitter-reorder", VNET_A_IMPAIR_JITTER_REORDER, v.jitter_reorder,
                                 on_off, "'on' or 'off'"))
      return failure;
    if (Failure failure =
            number("reorder", VNET_A_IMPAIR_REORDER, v.reorder, parse_percent, kPercent))
      return failure;
    return number("gap", VNET_A_IMPAIR_REORDER_GAP, v.reorder_gap, parse_count, kCount);
  }

  Failure rate() {
    vnet_impair_values& v = values_;
    if (Failure failure =
            number("rate", VNET_A_IMPAIR_RATE, v.rate, parse_rate, "a rate such as 10mbit"))
      return failure;
    if (Failure failure = number("burst", VNET_A_IMPAIR_BURST, v.burst, parse_size, kBytes))
      return failure;
    if (Failure failure =
            number("overhead", VNET_A_IMPAIR_OVERHEAD, v.overhead, parse_size, kBytes))
      return failure;
    if (Failure failure =
            number("limit", VNET_A_IMPAIR_LIMIT_FRAMES, v.limit_frames, parse_count, kCount))
      return failure;
    return number("limit-bytes", VNET_A_IMPAIR_LIMIT_BYTES, v.limit_bytes, parse_size, kBytes);
  }

  // ---- what is in files

  Failure table() {
    if (!arguments_.has("distribution")) return {};
    const std::vector<std::string>& words = said("distribution");
    const bool is_table = values_.distribution == VNET_DELAY_DISTRIBUTION_TABLE;
    if (is_table && words.size() < 2)
      return Error{"distribution: table needs a FILE, such as /usr/lib/tc/normal.dist"};
    if (!is_table) {
      if (words.size() > 1)
        return Error{fmt::format("distribution: '{}' is one word too many", words[1])};
      return {};
    }
    Result<std::vector<short>> values = read_delay_table(words[1]);
    if (!values) return Error{"distribution: " + values.error().text};
    impairment_.table = std::move(*values);
    values_.table = {impairment_.table.data(),
                     static_cast<vnet_u32>(impairment_.table.size() * sizeof(short))};
    values_.has |= bit(VNET_A_IMPAIR_TABLE);
    return text("distribution", quoted(absolute(words[1])), VNET_A_IMPAIR_TABLE_TEXT,
                values_.table_text);
  }

  Failure match() {
    if (!arguments_.has("match")) return {};
    Result<MatchProgram> program = compile_match(arguments_.get("match"));
    if (!program) return program.error();
    impairment_.match = std::move(*program);
    values_.match = {impairment_.match.data(),
                     static_cast<vnet_u32>(impairment_.match.size() * sizeof(vnet_bpf_insn))};
    values_.has |= bit(VNET_A_IMPAIR_MATCH);
    return text("match", arguments_.get("match"), VNET_A_IMPAIR_MATCH_TEXT, values_.match_text);
  }

  Failure trace() {
    if (arguments_.has("loop")) {
      values_.trace_loop = 1;
      values_.has |= bit(VNET_A_IMPAIR_TRACE_LOOP);
    }
    if (arguments_.has("sync"))
      if (Failure failure =
              text("sync", arguments_.get("sync"), VNET_A_IMPAIR_TRACE_SYNC, values_.trace_sync))
        return failure;
    if (!arguments_.has("trace")) return {};
    const std::vector<std::string>& words = said("trace");
    const bool mahimahi = words[0] == "mahimahi";
    if (mahimahi && words.size() < 2) return Error{"trace: mahimahi needs a FILE"};
    if (!mahimahi && words.size() > 1)
      return Error{fmt::format("trace: '{}' is one word too many", words[1])};
    Result<TraceRows> rows = mahimahi ? read_mahimahi(words[1]) : read_trace(words[0]);
    if (!rows) return Error{"trace: " + rows.error().text};
    impairment_.trace = std::move(*rows);
    return text("trace", (mahimahi ? "mahimahi " : "") + quoted(absolute(words.back())),
                VNET_A_IMPAIR_TRACE_TEXT, values_.trace_text);
  }

  // A text that is shown.
  template <size_t size>
  Failure text(std::string_view word, const std::string& from, unsigned id, char (&to)[size]) {
    if (from.empty()) return Error{fmt::format("{}: '' is no name", word)};
    if (from.size() >= size)
      return Error{fmt::format("{}: '{}' is longer than {} characters", word, from, size - 1)};
    std::memcpy(to, from.c_str(), from.size() + 1);
    values_.has |= bit(id);
    return {};
  }

  // So that what is shown can be said anywhere.
  static std::string absolute(const std::string& path) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    return error ? path : whole.lexically_normal().string();
  }

  const Arguments& arguments_;
  Impairment& impairment_;
  vnet_impair_values& values_;
};

std::string trace_text(const vnet_impair_values& values) {
  std::string text = fmt::format(" trace {}", values.trace_text);
  if (values.trace_loop) text += " loop";
  if (values.has & bit(VNET_A_IMPAIR_TRACE_SYNC)) text += " sync " + quoted(values.trace_sync);
  return text;
}

// "3", "2.5": without the zeros at its end, but exact.
std::string thousandths_text(vnet_u32 value) {
  std::string text = fmt::format("{}.{:03}", value / 1000, value % 1000);
  text.resize(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string loss_text(const vnet_impair_values& values) {
  const EnumEntry* const model = find_entry(loss_model_type(), values.loss_model);
  std::string text = " loss";
  if (values.loss_model != VNET_LOSS_MODEL_RANDOM)
    text += fmt::format(" {}", model ? model->name : "?");
  if (values.loss_model == VNET_LOSS_MODEL_BURST) text += " rate";
  const vnet_u64 p[] = {values.loss_p1, values.loss_p2, values.loss_p3, values.loss_p4,
                        values.loss_p5};
  for (unsigned i = 0; i < std::size(p); i++)
    if (values.has & bit(VNET_A_IMPAIR_LOSS_P1 + i)) text += " " + percent_text(p[i]);
  if (values.has & bit(VNET_A_IMPAIR_LOSS_MEAN))
    text += " mean " + thousandths_text(values.loss_mean);
  if (!(values.has & bit(VNET_A_IMPAIR_LOSS_PATTERN))) return text;
  for (vnet_u32 at = 0; at + sizeof(vnet_u64) <= values.loss_pattern.len; at += sizeof(vnet_u64)) {
    vnet_u64 frame;
    std::memcpy(&frame, static_cast<const char*>(values.loss_pattern.data) + at, sizeof(frame));
    text += fmt::format("{}{}", at ? "," : " ", frame);
  }
  return text;
}

std::string delay_text(const vnet_impair_values& values) {
  const auto time = [](vnet_u64 ns) { return time_text(ns, TimeUnit::kNs); };
  std::string text = " delay " + time(values.delay);
  if (!(values.has & bit(VNET_A_IMPAIR_JITTER))) return text;
  text += " " + time(values.jitter);
  const EnumEntry* const how = find_entry(delay_distribution_type(), values.distribution);
  if (how) text += fmt::format(" distribution {}", how->name);
  if (values.has & bit(VNET_A_IMPAIR_TABLE_TEXT)) text += fmt::format(" {}", values.table_text);
  if (values.jitter_reorder) text += " jitter-reorder on";
  return text;
}

}  // namespace

Failure read_impairment(const Arguments& arguments, Impairment& impairment) {
  return Reader(arguments, impairment).read();
}

std::string impairment_text(const vnet_impair_values& values) {
  const auto has = [&](unsigned id) { return (values.has & bit(id)) != 0; };
  std::string text;
  if (has(VNET_A_IMPAIR_DELAY)) text += delay_text(values);
  if (has(VNET_A_IMPAIR_REORDER))
    text += fmt::format(" reorder {} gap {}", percent_text(values.reorder), values.reorder_gap);
  if (has(VNET_A_IMPAIR_LOSS_MODEL)) text += loss_text(values);
  if (has(VNET_A_IMPAIR_DUPLICATE)) text += " duplicate " + percent_text(values.duplicate);
  if (has(VNET_A_IMPAIR_CORRUPT))
    text += fmt::format(" corrupt {} bits {}", percent_text(values.corrupt), values.corrupt_bits);
  if (has(VNET_A_IMPAIR_TRUNCATE))
    text += fmt::format(" truncate {} to {}", percent_text(values.truncate), values.truncate_len);
  if (has(VNET_A_IMPAIR_RATE)) text += " rate " + rate_text(values.rate);
  if (has(VNET_A_IMPAIR_RATE) && values.burst) text += fmt::format(" burst {}", values.burst);
  if (has(VNET_A_IMPAIR_RATE) && values.overhead)
    text += fmt::format(" overhead {}", values.overhead);
  if (has(VNET_A_IMPAIR_LIMIT_FRAMES)) text += fmt::format(" limit {}", values.limit_frames);
  if (has(VNET_A_IMPAIR_LIMIT_BYTES)) text += fmt::format(" limit-bytes {}", values.limit_bytes);
  if (has(VNET_A_IMPAIR_GSO_KEEP)) text += values.gso_keep ? " gso keep" : " gso cut";
  if (has(VNET_A_IMPAIR_MATCH_TEXT)) text += " match " + quoted(values.match_text);
  if (has(VNET_A_IMPAIR_TRACE_COUNT)) text += trace_text(values);
  return text.empty() ? text : text.substr(1);
}

}  // namespace vnet::cli
