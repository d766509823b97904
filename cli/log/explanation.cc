// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/explanation.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cli/schema_words.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

vnet_u32 place_of(vnet_u32 direction, vnet_u32 queue) {
  return direction << 15 | queue;
}

// What neither seed nor settings say.
std::vector<std::string> notes_of(const vnet_impair_values& settings, bool length_known) {
  std::vector<std::string> notes;
  const auto has = [&](unsigned id) { return (settings.has & bit(id)) != 0; };
  if (has(VNET_A_IMPAIR_TRUNCATE) && !length_known)
    notes.push_back(fmt::format("a frame of {} bytes or fewer is not cut", settings.truncate_len));
  if (has(VNET_A_IMPAIR_RATE) || has(VNET_A_IMPAIR_LIMIT_FRAMES) || has(VNET_A_IMPAIR_LIMIT_BYTES))
    notes.emplace_back("whether the queue had room depends on time: a log has it");
  if (has(VNET_A_IMPAIR_GSO_KEEP))
    notes.emplace_back("super-frames stay whole: of one, its first frame's number counts");
  if (has(VNET_A_IMPAIR_MATCH_TEXT))
    notes.push_back(
        fmt::format("only of a frame that '{}' takes: others pass", settings.match_text));
  if (has(VNET_A_IMPAIR_TABLE_TEXT) && !has(VNET_A_IMPAIR_TABLE))
    notes.emplace_back("the jitter is by a table that is not here: the delay is without it");
  if (has(VNET_A_IMPAIR_TRACE_TEXT))
    notes.emplace_back("what the trace says of rate, delay and loss depends on time: a log has it");
  return notes;
}

// Without what needs the frame's bytes, the time, or a file: notes_of() says so.
vnet_impair_values decidable(vnet_impair_values settings) {
  static constexpr vnet_u64 kTrace =
      bit(VNET_A_IMPAIR_TRACE_COUNT) | bit(VNET_A_IMPAIR_TRACE_LOOP) |
      bit(VNET_A_IMPAIR_TRACE_TEXT) | bit(VNET_A_IMPAIR_TRACE_SYNC) |
      bit(VNET_A_IMPAIR_TRACE_START) | bit(VNET_A_IMPAIR_TRACE_UPLOAD);
  settings.has &= ~(bit(VNET_A_IMPAIR_MATCH) | bit(VNET_A_IMPAIR_MATCH_TEXT) | kTrace);
  if (settings.has & bit(VNET_A_IMPAIR_TABLE_TEXT) && !(settings.has & bit(VNET_A_IMPAIR_TABLE)))
    settings.has &= ~(bit(VNET_A_IMPAIR_TABLE_TEXT) | bit(VNET_A_IMPAIR_JITTER) |
                      bit(VNET_A_IMPAIR_DISTRIBUTION) | bit(VNET_A_IMPAIR_JITTER_REORDER));
  return settings;
}

Failure decide(Explanation& explanation, const vnet_impair_values& settings,
               const WireStart& start) {
  const std::optional<vnet_u32> length = explanation.question.length;
  explanation.notes = notes_of(settings, length.has_value());
  Result<std::unique_ptr<Oracle>> oracle = Oracle::make(decidable(settings), start);
  if (!oracle) return oracle.error();
  Result<FrameVerdict> verdict = (*oracle)->decide(explanation.question.frame, length);
  if (!verdict) return verdict.error();
  explanation.verdict = std::move(*verdict);
  if (explanation.verdict.fate.corrupt && !length)
    explanation.notes.emplace_back(
        "which bits turn depends on the frame's length: say 'length', or a log has it");
  return {};
}

// How many frames a run has had at least: of those before the last one the log has what befell
// some.
vnet_u64 frames_of(const LoggedWire& wire, vnet_u32 run) {
  if (wire.frames && wire.settings.back().run == run) return *wire.frames;
  vnet_u64 frames = 0;
  for (const LoggedSettings& each : wire.settings)
    if (each.run == run) frames = std::max(frames, each.frames);
  for (const LoggedDecision& each : wire.decisions)
    if (each.run == run) frames = std::max(frames, each.frame);
  return frames;
}

// The last settings that decided of the frame, in the last run that had it; of one that none is
// known to have had, in the last run that it may come in. Null: none did.
const LoggedSettings* settings_of(const LoggedWire& wire, vnet_u64 frame) {
  const LoggedSettings *had = nullptr, *last = nullptr;
  for (const LoggedSettings& each : wire.settings) {
    if (each.after >= frame) continue;
    last = &each;
    if (frames_of(wire, each.run) >= frame) had = &each;
  }
  return had ? had : last;
}

// The end that receives what goes over the wire.
std::string receiver_of(const Log& log, const WireKey& key) {
  if (key.direction == "rx") return key.device;
  for (const std::vector<std::string>& devices : log.links)
    if (devices[0] == key.device && devices.size() > 1) return devices[1];
  return "";
}

bool is_hit(const LoggedFault& fault, const Question& question) {
  const auto frame = fault.fields.find("frame");
  return fault.what == "fault_fired" && frame != fault.fields.end() && *frame == question.frame;
}

// Firings that the receiver knew the frame of.
std::vector<Json> hits_of(const Log& log, const LoggedWire& wire, const WireKey& key, vnet_u32 run,
                          const Question& question) {
  const std::string receiver = receiver_of(log, key);
  std::map<vnet_u32, std::string> words;
  std::vector<Json> found;
  for (const LoggedFault& fault : log.faults) {
    if (fault.device != receiver) continue;
    if (fault.what == "fault_armed") words[fault.fault] = fault.fields.value("words", "");
    if (!is_hit(fault, question) || fault.fields["queue"] != key.queue ||
        run_at(wire, fault.line) != run)
      continue;
    found.push_back(fault.fields);
    found.back()["words"] = words[fault.fault];
  }
  return found;
}

// Firings between the decisions before and behind the frame.
std::vector<Json> faults_near(const Log& log, const LoggedWire& wire, const WireKey& key,
                              vnet_u32 run, const Question& question) {
  const vnet_u64 frame = question.frame;
  vnet_u64 from = 0, to = ~0ull;
  for (const LoggedDecision& decision : wire.decisions) {
    if (decision.run != run) continue;
    if (decision.frame < frame) from = decision.time;
    if (decision.frame > frame) {
      to = decision.time;
      break;
    }
  }
  std::vector<Json> found;
  for (const LoggedFault& fault : log.faults) {
    if (fault.what != "fault_fired" || fault.time < from || fault.time > to) continue;
    if (is_hit(fault, question)) continue;
    for (const std::vector<std::string>& devices : log.links)
      if (devices[0] == key.device &&
          std::find(devices.begin(), devices.end(), fault.device) != devices.end())
        found.push_back(fault.fields);
  }
  return found;
}

std::string stream_text(const StreamVerdict& stream) {
  std::string text = fmt::format("    {:<12}", stream_word(stream.stream));
  if (stream.draw) text += fmt::format("draw {:#x}", *stream.draw);
  if (stream.draw && stream.threshold)
    text += fmt::format(" {} {:#x} ({})", *stream.draw < *stream.threshold ? "below" : "not below",
                        *stream.threshold, percent_text(*stream.threshold));
  if (stream.value && stream.stream == Stream::kDelay)
    text += " " + time_text(*stream.value, TimeUnit::kNs);
  if (!stream.note.empty()) text += (stream.draw ? ", " : "") + stream.note;
  return text + fmt::format(": {}\n", stream.happens ? "yes" : "no");
}

Json stream_json(const StreamVerdict& stream) {
  Json json = {{"stream", stream_word(stream.stream)}};
  if (stream.draw) json["draw"] = fmt::format("{:#x}", *stream.draw);
  if (stream.threshold) json["threshold"] = fmt::format("{:#x}", *stream.threshold);
  if (stream.value) json["value"] = *stream.value;
  if (!stream.note.empty()) json["note"] = stream.note;
  json["happens"] = stream.happens;
  return json;
}

std::string when_text(const Explanation& explanation) {
  switch (explanation.when) {
    case Explanation::kPredicted:
      return fmt::format("not sent yet (the last was {}), a prediction", explanation.frames);
    case Explanation::kBefore:
      return fmt::format("from before the present settings, which decide from frame {} on",
                         explanation.after + 1);
    default:
      return "sent";
  }
}

}  // namespace

Result<Explanation> explain(const Question& question, const vnet_impair_values& values) {
  Explanation explanation;
  explanation.question = question;
  explanation.seed = values.seed;
  explanation.after = values.after;
  explanation.frames = values.frames;
  explanation.settings = impairment_text(values);
  if (question.frame <= values.after) {
    explanation.when = Explanation::kBefore;
    return explanation;
  }
  if (question.frame > values.frames) explanation.when = Explanation::kPredicted;
  const WireStart start{values.seed, place_of(values.place, values.queue), values.after,
                        values.loss_state, values.since_early};
  if (Failure failure = decide(explanation, values, start)) return *failure;
  return explanation;
}

Result<Explanation> explain(const Question& question, const Log& log) {
  const std::optional<WireKey> key = log.find(question.device, question.direction, question.queue);
  if (!key)
    return Error{fmt::format("{}: it has no {} queue {} of '{}'", log.name, question.direction,
                             question.queue, question.device)};
  const LoggedWire& wire = log.wires.at(*key);
  const LoggedSettings* const settings = settings_of(wire, question.frame);
  Explanation explanation;
  explanation.question = question;
  explanation.with_log = true;
  if (!settings) {
    explanation.when = Explanation::kBefore;
    if (!wire.settings.empty()) explanation.after = wire.settings.front().after;
    return explanation;
  }
  explanation.seed = settings->seed;
  explanation.after = settings->after;
  explanation.settings = settings->words;
  const bool last = settings->run == wire.settings.back().run;
  explanation.frames = last && !wire.frames ? question.frame : frames_of(wire, settings->run);
  if (question.frame > explanation.frames) explanation.when = Explanation::kPredicted;
  Impairment impairment;
  if (Failure failure = read_past_settings(settings->words, impairment))
    return Error{fmt::format("{}:{}: {}", log.name, settings->line, failure->text)};
  for (const LoggedDecision& decision : wire.decisions) {
    if (decision.frame != question.frame || decision.run != settings->run) continue;
    explanation.lines.push_back(decision.fields);
    if (const auto length = decision.fields.find("length"); length != decision.fields.end())
      explanation.question.length = length->get<vnet_u32>();
  }
  const WireStart start{settings->seed, place_of(settings->place, key->queue), settings->after,
                        settings->loss_state, settings->since_early};
  if (Failure failure = decide(explanation, impairment.values, start)) return *failure;
  if (explanation.when == Explanation::kPredicted && wire.settings.front().run != settings->run)
    explanation.notes.emplace_back("whether a run before had so many frames is not in the log");
  const LoggedSettings& first = wire.settings.front();
  if (first.run == settings->run && question.frame <= first.frames) {
    explanation.with_log = false;
    explanation.notes.emplace_back("the log began behind this frame");
    return explanation;
  }
  explanation.hits = hits_of(log, wire, *key, settings->run, question);
  explanation.faults = faults_near(log, wire, *key, settings->run, question);
  return explanation;
}

// The log knows more than the computation does.
std::vector<std::string> outcome(const Explanation& explanation) {
  std::vector<std::string> words;
  if (explanation.with_log && explanation.when == Explanation::kPast) {
    for (const Json& line : explanation.lines)
      if (const std::string what = line["what"]; what != "bit_turned") words.push_back(what);
    return words;
  }
  const Fate& fate = explanation.verdict.fate;
  if (explanation.when == Explanation::kBefore) return words;
  if (fate.lost) return {"lost"};
  if (fate.corrupt) words.emplace_back("corrupted");
  if (fate.truncate) words.emplace_back("truncated");
  if (fate.duplicate) words.emplace_back("duplicated");
  if (fate.early) words.emplace_back("reordered");
  for (const StreamVerdict& stream : explanation.verdict.streams)
    if (stream.stream == Stream::kDelay) words.emplace_back("delayed");
  return words;
}

std::string to_text(const Explanation& explanation) {
  const Question& question = explanation.question;
  const std::string frame = fmt::format("{} {} queue {} frame {}", question.device,
                                        question.direction, question.queue, question.frame);
  if (explanation.when == Explanation::kBefore)
    return fmt::format("{}: {}\n", frame, when_text(explanation));
  std::string what;
  for (const std::string& word : outcome(explanation)) what += (what.empty() ? "" : ", ") + word;
  for (const Json& hit : explanation.hits)
    what += fmt::format("{}hit by fault {} of {} ({}), at {}", what.empty() ? "" : ", ",
                        hit["fault"].get<vnet_u32>(), hit["device"].get<std::string>(),
                        hit["words"].get<std::string>(), hit["number"].get<vnet_u64>());
  std::string text = fmt::format("{}: {}; {}\n    seed {}, settings behind frame {}: {}\n", frame,
                                 what.empty() ? "nothing befell it" : what, when_text(explanation),
                                 seed_text(explanation.seed), explanation.after,
                                 explanation.settings.empty() ? "-" : explanation.settings);
  for (const StreamVerdict& stream : explanation.verdict.streams) text += stream_text(stream);
  for (const std::string& note : explanation.notes) text += fmt::format("    note: {}\n", note);
  for (const Json& line : explanation.lines) text += fmt::format("    log: {}\n", line.dump());
  for (const Json& fault : explanation.faults)
    text += fmt::format("    fault about then: {}\n", fault.dump());
  return text;
}

Json to_json(const Explanation& explanation) {
  static constexpr const char* kWhen[] = {"sent", "predicted", "before"};
  const Question& question = explanation.question;
  Json json = {{"device", question.device},       {"direction", question.direction},
               {"queue", question.queue},         {"frame", question.frame},
               {"when", kWhen[explanation.when]}, {"after", explanation.after}};
  if (question.length) json["length"] = *question.length;
  if (explanation.when == Explanation::kBefore) return json;
  json["seed"] = seed_text(explanation.seed);
  json["settings"] = explanation.settings;
  json["outcome"] = outcome(explanation);
  json["streams"] = Json::array();
  for (const StreamVerdict& stream : explanation.verdict.streams)
    json["streams"].push_back(stream_json(stream));
  json["notes"] = explanation.notes;
  if (!explanation.with_log) return json;
  json["log"] = explanation.lines;
  json["hits"] = explanation.hits;
  json["faults"] = explanation.faults;
  return json;
}

}  // namespace vnet::cli
