// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/comparison.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace vnet::cli {
namespace {

// Numbers of runs are each host's own: what counts is that it is the n-th of the log.
using FrameId = std::pair<size_t, vnet_u64>;  // run, frame

// Settings that decided of at least one frame.
struct Period {
  FrameId after;
  const LoggedSettings* settings;
};

// A wire of one log, in the order of frames.
class Side {
 public:
  Side(const Log& log, const LoggedWire& wire) : log_(log), wire_(wire) {
    for (const LoggedSettings& each : wire.settings) add_period(each);
  }

  const Log& log() const { return log_; }
  const std::vector<Period>& periods() const { return periods_; }

  // The log begins behind this frame, and ends with that one.
  FrameId first() const { return {0, wire_.settings.empty() ? 0 : wire_.settings.front().frames}; }
  FrameId last() const {
    if (!wire_.frames) return {~size_t{0}, ~0ull};
    return {runs_.empty() ? 0 : runs_.size() - 1, *wire_.frames};
  }
  FrameId id_of(const LoggedDecision& decision) const {
    return id_of(decision.run, decision.frame);
  }
  FrameId id_of(const LoggedFault& fired) const {
    return id_of(run_at(wire_, fired.line), fired.fields["frame"].get<vnet_u64>());
  }
  // What befell it depended on time.
  bool is_timed(const FrameId& frame) const {
    return std::any_of(wire_.decisions.begin(), wire_.decisions.end(),
                       [&](const auto& d) { return d.stream.empty() && id_of(d) == frame; });
  }
  const LoggedSettings* in_force(const FrameId& frame) const {
    const LoggedSettings* found = nullptr;
    for (const Period& period : periods_)
      if (period.after < frame) found = period.settings;
    return found;
  }
  std::vector<const LoggedDecision*> of_stream(const std::string& stream) const {
    std::vector<const LoggedDecision*> all;
    for (const LoggedDecision& decision : wire_.decisions)
      if (decision.stream == stream) all.push_back(&decision);
    std::stable_sort(all.begin(), all.end(),
                     [&](const auto* a, const auto* b) { return id_of(*a) < id_of(*b); });
    return all;
  }
  size_t timing() const {
    return static_cast<size_t>(std::count_if(wire_.decisions.begin(), wire_.decisions.end(),
                                             [](const auto& d) { return d.stream.empty(); }));
  }
  void add_streams(std::set<std::string>& streams) const {
    for (const LoggedDecision& decision : wire_.decisions)
      if (!decision.stream.empty()) streams.insert(decision.stream);
  }

 private:
  FrameId id_of(vnet_u32 run, vnet_u64 frame) const {
    const auto found = std::find(runs_.begin(), runs_.end(), run);
    return {static_cast<size_t>(found - runs_.begin()), frame};
  }
  void add_period(const LoggedSettings& settings) {
    if (runs_.empty() || runs_.back() != settings.run) runs_.push_back(settings.run);
    const FrameId after{runs_.size() - 1, settings.after};
    while (!periods_.empty() && periods_.back().after >= after) periods_.pop_back();
    periods_.push_back({after, &settings});
  }

  const Log& log_;
  const LoggedWire& wire_;
  std::vector<vnet_u32> runs_;
  std::vector<Period> periods_;
};

std::string text_of(const Log& log, const LoggedDecision* decision) {
  if (!decision) return log.name + " nothing";
  std::string text = fmt::format("{}:{} {}", log.name, decision->line, decision->what);
  for (const char* key : {"draw", "value"})
    if (const auto found = decision->fields.find(key); found != decision->fields.end())
      text += fmt::format(" {} {}", key,
                          found->is_string() ? found->get<std::string>() : found->dump());
  return text;
}

bool same_fields(const LoggedDecision& a, const LoggedDecision& b) {
  const auto value = [](const LoggedDecision& decision, const char* key) {
    const auto found = decision.fields.find(key);
    return found == decision.fields.end() ? Json() : *found;
  };
  return a.what == b.what && value(a, "draw") == value(b, "draw") &&
         value(a, "value") == value(b, "value");
}

class Comparer {
 public:
  Comparer(const Log& a, const Log& b) : a_(a), b_(b) {}

  Comparison compare() {
    std::set<WireKey> keys;
    for (const Log* log : {&a_, &b_})
      for (const auto& [key, wire] : log->wires) keys.insert(key);
    for (const WireKey& key : keys) compare_wire(key);
    compare_faults();
    return std::move(result_);
  }

 private:
  void add(const std::string& where, const std::string& stream, const std::string& text,
           size_t a_line, size_t b_line) {
    for (Difference& known : result_.differences)
      if (known.where == where && known.stream == stream) {
        known.more++;
        return;
      }
    result_.differences.push_back({where, stream, text, a_line, b_line, 0});
  }

  void compare_wire(const WireKey& key) {
    static const LoggedWire none{};
    const auto wire_of = [&](const Log& log) -> const LoggedWire& {
      const auto found = log.wires.find(key);
      return found == log.wires.end() ? none : found->second;
    };
    const LoggedWire &in_a = wire_of(a_), &in_b = wire_of(b_);
    const Side a(a_, in_a), b(b_, in_b);
    result_.a_timing += a.timing();
    result_.b_timing += b.timing();
    const std::string where = cli::text_of(key);
    if (&in_a == &none || &in_b == &none) {
      const LoggedWire& only = &in_a == &none ? in_b : in_a;
      if (!only.decisions.empty())
        add(where, "wire", fmt::format("only in {}", (&in_a == &none ? b_ : a_).name), 0, 0);
      return;
    }
    if (!same_settings(where, a, b)) return;
    std::set<std::string> streams;
    a.add_streams(streams);
    b.add_streams(streams);
    for (const std::string& stream : streams) compare_stream(where, stream, a, b);
  }

  // Those that decided of frames which both logs may have.
  static std::vector<const LoggedSettings*> common_settings(const Side& side, const Side& other) {
    const FrameId first = std::max(side.first(), other.first());
    const FrameId last = std::min(side.last(), other.last());
    const std::vector<Period>& periods = side.periods();
    std::vector<const LoggedSettings*> found;
    for (size_t i = 0; i < periods.size(); i++) {
      const bool over = i + 1 < periods.size() && periods[i + 1].after <= first;
      const bool later = i > 0 && periods[i].after >= last;
      if (!over && !later) found.push_back(periods[i].settings);
    }
    return found;
  }

  // Where seeds or settings are others, so are decisions: one difference says it.
  bool same_settings(const std::string& where, const Side& a, const Side& b) {
    const auto of_a = common_settings(a, b), of_b = common_settings(b, a);
    const size_t common = std::min(of_a.size(), of_b.size());
    for (size_t i = 0; i < common; i++) {
      const LoggedSettings &in_a = *of_a[i], &in_b = *of_b[i];
      const auto differ = [&](const char* what, const auto& said_a, const auto& said_b) {
        if (said_a == said_b) return false;
        add(where, what,
            fmt::format("{}:{} '{}', {}:{} '{}'", a_.name, in_a.line, said_a, b_.name, in_b.line,
                        said_b),
            in_a.line, in_b.line);
        return true;
      };
      const auto hex = [](vnet_u64 seed) { return fmt::format("{:#x}", seed); };
      if (differ("seed", hex(in_a.seed), hex(in_b.seed)) ||
          differ("settings", in_a.words, in_b.words))
        return false;
    }
    if (of_a.size() == of_b.size()) return true;
    const bool in_a = of_a.size() > common;
    const LoggedSettings& only = *(in_a ? of_a : of_b)[common];
    if (common && comes_later(only, in_a ? b : a, (in_a ? of_b : of_a)[common - 1])) return true;
    add(where, "settings",
        fmt::format("only {}:{} '{}'", (in_a ? a_ : b_).name, only.line, only.words),
        in_a ? only.line : 0, in_a ? 0 : only.line);
    return false;
  }

  // The other log, of which `last` is the last that counts, may have it behind the frames of both.
  static bool comes_later(const LoggedSettings& only, const Side& other,
                          const LoggedSettings* last) {
    const std::vector<Period>& periods = other.periods();
    const auto found = std::find_if(periods.begin(), periods.end(),
                                    [&](const Period& period) { return period.settings == last; });
    if (found == periods.end() || found + 1 == periods.end()) return false;
    const LoggedSettings& next = *(found + 1)->settings;
    return next.words == only.words && next.seed == only.seed;
  }

  // Whether both logs had this frame, under the same settings.
  static bool is_common(const FrameId& frame, const Side& a, const Side& b) {
    if (frame <= std::max(a.first(), b.first()) || frame > std::min(a.last(), b.last()))
      return false;
    const LoggedSettings *const in_a = a.in_force(frame), *const in_b = b.in_force(frame);
    return in_a && in_b && in_a->words == in_b->words;
  }

  void compare_stream(const std::string& where, const std::string& stream, const Side& a,
                      const Side& b) {
    const auto of_a = a.of_stream(stream), of_b = b.of_stream(stream);
    for (size_t i = 0, j = 0; i < of_a.size() || j < of_b.size();) {
      const LoggedDecision* in_a = i < of_a.size() ? of_a[i] : nullptr;
      const LoggedDecision* in_b = j < of_b.size() ? of_b[j] : nullptr;
      if (in_a && in_b && a.id_of(*in_a) < b.id_of(*in_b)) in_b = nullptr;
      if (in_a && in_b && b.id_of(*in_b) < a.id_of(*in_a)) in_a = nullptr;
      i += in_a != nullptr;
      j += in_b != nullptr;
      const FrameId frame = in_a ? a.id_of(*in_a) : b.id_of(*in_b);
      if (!is_common(frame, a, b)) {
        result_.apart++;
      } else if (in_a && in_b && same_fields(*in_a, *in_b)) {
        result_.compared++;
      } else {
        add(where, stream,
            fmt::format("frame {}: {}, {}", frame.second, text_of(a_, in_a), text_of(b_, in_b)),
            in_a ? in_a->line : 0, in_b ? in_b->line : 0);
      }
    }
  }

  // ---- faults: of a device, in the order in which they were armed

  struct Firings {
    std::string words;
    size_t line = 0;
    std::vector<const LoggedFault*> by_number;  // those that do not depend on time
    // Chance is of the frame, where the receiver knows which: neither since when the fault counts
    // nor in which order frames come off the wire is part of it. By queue.
    std::multimap<vnet_u32, const LoggedFault*> by_frame;
    bool by_hand = false;  // armed, fired or deleted while frames came: when depends on time
  };

  static void add_firing(Firings& firings, const LoggedFault& fault) {
    const bool chance = firings.words.find(" prob ") != std::string::npos;
    if (chance && fault.fields.contains("frame"))
      firings.by_frame.emplace(fault.fields.value("queue", 0u), &fault);
    else
      firings.by_number.push_back(&fault);
  }

  static std::vector<Firings> firings_of(const Log& log, const std::string& device,
                                         size_t& timing) {
    std::vector<Firings> all;
    std::map<vnet_u32, size_t> at;
    for (const LoggedFault& fault : log.faults) {
      if (fault.device != device) continue;
      if (fault.what == "fault_armed") {
        at[fault.fault] = all.size();
        all.push_back({fault.fields.value("words", ""), fault.line, {}, {}, fault.time > 0});
      } else if (fault.what == "fault_fired") {
        if (fault.fields.value("class", "timing") != "stream" || !at.contains(fault.fault))
          timing++;
        else
          add_firing(all[at[fault.fault]], fault);
      } else if (at.contains(fault.fault)) {
        all[at[fault.fault]].by_hand |=
            fault.what == "fault_forced" || fault.fields.contains("deleted");
      }
    }
    return all;
  }

  bool same_frames(const std::string& device) const {
    const auto links = [&](const std::vector<std::string>& devices) {
      return std::find(devices.begin(), devices.end(), device) != devices.end();
    };
    for (const auto& [key, wire] : a_.wires) {
      const auto other = b_.wires.find(key);
      const auto link = std::find_if(a_.links.begin(), a_.links.end(), links);
      if (link == a_.links.end() || (*link)[0] != key.device || other == b_.wires.end()) continue;
      if (!wire.frames || wire.frames != other->second.frames) return false;
    }
    return true;
  }

  void compare_faults() {
    std::set<std::string> devices;
    for (const Log* log : {&a_, &b_})
      for (const LoggedFault& fault : log->faults) devices.insert(fault.device);
    for (const std::string& device : devices) {
      const std::vector<Firings> a = firings_of(a_, device, result_.a_timing),
                                 b = firings_of(b_, device, result_.b_timing);
      for (size_t i = 0; i < std::max(a.size(), b.size()); i++)
        compare_fault(fmt::format("{} fault {}", device, i + 1), i < a.size() ? &a[i] : nullptr,
                      i < b.size() ? &b[i] : nullptr, same_frames(device));
    }
  }

  // Those that met frames which both logs had.
  void compare_frames(const std::string& where, vnet_u32 queue, const Firings& a,
                      const Firings& b) {
    const std::string device = (a.by_frame.empty() ? b : a).by_frame.begin()->second->device;
    const auto key_a = a_.find(device, "rx", queue), key_b = b_.find(device, "rx", queue);
    if (!key_a || !key_b) return;
    const Side in_a(a_, a_.wires.at(*key_a)), in_b(b_, b_.wires.at(*key_b));
    struct Met {  // by the frame, and by copies of it
      size_t line = 0, times = 0;
      void see(const LoggedFault& fired) { line = fired.line, times++; }
    };
    std::map<FrameId, std::pair<Met, Met>> met;
    for (const auto& [at, fired] : a.by_frame)
      if (at == queue) met[in_a.id_of(*fired)].first.see(*fired);
    for (const auto& [at, fired] : b.by_frame)
      if (at == queue) met[in_b.id_of(*fired)].second.see(*fired);
    for (const auto& [frame, both] : met) {
      const bool common = is_common(frame, in_a, in_b);
      if (common && both.first.times == both.second.times) {
        result_.compared++;
      } else if (!common || a.by_hand || b.by_hand || in_a.is_timed(frame) ||
                 in_b.is_timed(frame)) {
        result_.apart++;
      } else {
        const auto text = [](const Log& log, const Met& one) {
          return one.line ? fmt::format("{}:{} hit", log.name, one.line) : log.name + " nothing";
        };
        add(where, "fault",
            fmt::format("frame {} of queue {}: {}, {}", frame.second, queue, text(a_, both.first),
                        text(b_, both.second)),
            both.first.line, both.second.line);
      }
    }
  }

  void compare_fault(const std::string& where, const Firings* a, const Firings* b,
                     bool same_frames) {
    const std::string nothing = "nothing";
    if (!a || !b || a->words != b->words) {
      add(where, "fault",
          fmt::format("{} '{}', {} '{}'", a_.name, a ? a->words : nothing, b_.name,
                      b ? b->words : nothing),
          a ? a->line : 0, b ? b->line : 0);
      return;
    }
    const auto text = [](const LoggedFault* fault) {
      return fault ? fmt::format("at {} of queue {}", fault->fields["number"].get<vnet_u64>(),
                                 fault->fields.value("queue", 0))
                   : std::string("nothing");
    };
    std::set<vnet_u32> queues;
    for (const Firings* each : {a, b})
      for (const auto& [queue, fired] : each->by_frame) queues.insert(queue);
    for (const vnet_u32 queue : queues) compare_frames(where, queue, *a, *b);
    const bool whole = same_frames && !a->by_hand && !b->by_hand;
    const size_t most = std::max(a->by_number.size(), b->by_number.size());
    for (size_t i = 0; i < most; i++) {
      const LoggedFault* const in_a = i < a->by_number.size() ? a->by_number[i] : nullptr;
      const LoggedFault* const in_b = i < b->by_number.size() ? b->by_number[i] : nullptr;
      if (text(in_a) == text(in_b)) {
        result_.compared++;
      } else if ((in_a && in_b) || whole) {
        add(where, "fault",
            fmt::format("{}:{} {}, {}:{} {}", a_.name, in_a ? in_a->line : 0, text(in_a), b_.name,
                        in_b ? in_b->line : 0, text(in_b)),
            in_a ? in_a->line : 0, in_b ? in_b->line : 0);
      } else {
        result_.apart++;
      }
    }
  }

  const Log &a_, &b_;
  Comparison result_;
};

}  // namespace

Comparison compare(const Log& a, const Log& b) {
  return Comparer(a, b).compare();
}

std::string incompleteness(const Log& log) {
  vnet_u64 missed = 0;
  for (const auto& [key, wire] : log.wires) missed += wire.missed;
  if (!missed && !log.missed_messages) return "";
  return fmt::format("{}: its recorder was too slow and missed {} decisions, {} messages", log.name,
                     missed, log.missed_messages);
}

}  // namespace vnet::cli
