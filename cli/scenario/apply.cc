// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/apply.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <set>

#include "cli/commands.h"
#include "cli/commands/fault.h"
#include "cli/fault_words.h"
#include "cli/impair_words.h"
#include "cli/knobs.h"
#include "cli/output.h"
#include "cli/scenario/apply_addresses.h"
#include "cli/scenario/apply_impair.h"
#include "cli/scenario/lab_hosts.h"
#include "cli/scenario/plan.h"
#include "cli/scenario/process.h"
#include "cli/scenario/strays.h"
#include "cli/schema.h"
#include "core/fault/kinds.h"

namespace vnet::cli {
namespace {

void append(Argv& argv, const Argv& more) {
  argv.insert(argv.end(), more.begin(), more.end());
}

const Knob* knob_named(const std::string& keyword) {
  for (const Knob& knob : knobs())
    if (keyword == knob.keyword) return &knob;
  return nullptr;
}

// The value as a host would tell it: "on", "256". Rings grow to a power of two.
std::string normal_value(const std::string& keyword, const std::string& text) {
  const Knob* const knob = knob_named(keyword);
  if (!knob) {
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
    return lower;
  }
  vnet_info_values info{};
  const KnobArgument argument{knob, text};
  if (set_knobs(std::span(&argument, 1), info)) return text;
  vnet_u64 number = number_of(*knob->attribute, &info);
  if (keyword == "rx" || keyword == "tx") number = std::bit_ceil(number);
  return knob_text(*knob, number);
}

// The words as a host would tell them, with what it fills in.
std::string normal_fault(const Argv& words) {
  MatchProgram program;
  vnet_fault_values fault{};
  if (read_fault_words(shell_line(words), program, fault)) return shell_line(words);
  static constexpr vnet_u64 kDefaultExpiry = 60ull * 1000000000;
  if (!(fault.has & 1ull << VNET_A_FAULT_EXPIRE)) fault.expire = kDefaultExpiry;
  const vnet_u64 value = fault_kind(fault.what).value_default;
  if (value && !fault.value) {
    fault.has |= 1ull << VNET_A_FAULT_VALUE;
    fault.value = value;
  }
  return fault_words(fault);
}

class Changes {
 public:
  Changes(const ScenarioLink& wanted, const StateLink* present, std::vector<StateChange>& all)
      : wanted_(wanted), all_(all) {
    if (present) present_ = *present;
    is_new_ = !present;
  }

  Failure find() {
    if (is_new_) {
      make();
    } else {
      if (wanted_.mode != "auto" && wanted_.mode != present_.link.mode)
        return Error{fmt::format("{}: 'mode' is {}, and cannot be changed any more",
                                 wanted_.ends[0].name.text(), present_.link.mode)};
      for (size_t end = 0; end < 2; end++)
        if (Failure failure = knobs_of(end)) return failure;
      if (wanted_.seed && wanted_.seed != present_.link.seed)
        vnet(0, {"seed", "set", name(0), seed_text(*wanted_.seed)});
    }
    addresses_and_up();
    for (size_t direction = 0; direction < 2; direction++) impair(direction);
    for (size_t end = 0; end < 2; end++) faults(end);
    return {};
  }

 private:
  const std::string& name(size_t end) const { return wanted_.ends[end].name.device; }
  void add(size_t end, const char* program, const Argv& words) {
    Argv argv{program};
    append(argv, words);
    all_.push_back({wanted_.ends[end].name.netns, std::move(argv)});
  }
  void vnet(size_t end, const Argv& words) { add(end, "vnet", words); }
  void ip(size_t end, const Argv& words) { add(end, "ip", words); }

  void make() {
    Argv words{"link", "add", name(0), "mode", wanted_.mode};
    if (wanted_.seed) append(words, {"seed", seed_text(*wanted_.seed)});
    append(words, wanted_.ends[0].knobs);
    append(words, {"peer", name(1)});
    const std::string &own = wanted_.ends[0].name.netns, &other = wanted_.ends[1].name.netns;
    if (other != own && !other.empty()) append(words, {"netns", other});
    append(words, wanted_.ends[1].knobs);
    if (own.empty() || !other.empty()) return vnet(0, words);
    // The present namespace has no name to send the peer to.
    vnet(1, words);
    ip(1, {"link", "set", name(0), "netns", own});
  }

  Failure knobs_of(size_t end) {
    const Argv& said = wanted_.ends[end].knobs;
    Argv changed;
    for (size_t i = 0; i + 1 < said.size(); i += 2) {
      const std::string now = present_value(end, said[i]);
      if (normal_value(said[i], said[i + 1]) == now) continue;
      const Knob* const knob = knob_named(said[i]);
      if (!knob) {
        ip(end, {"link", "set", name(end), said[i] == "mac" ? "address" : said[i], said[i + 1]});
      } else if (knob->when == When::kNew) {
        return Error{fmt::format("{}: '{}' is {}, and cannot be changed any more",
                                 wanted_.ends[end].name.text(), said[i], now.empty() ? "?" : now)};
      } else {
        append(changed, {said[i], said[i + 1]});
      }
    }
    if (changed.empty()) return {};
    Argv words{"link", "set", name(end)};
    append(words, changed);
    vnet(end, words);
    return {};
  }

  // An end's tx is the other end's rx.
  std::string present_value(size_t end, const std::string& keyword) const {
    if (keyword == "tx") return present_value(1 - end, "rx");
    const Argv& knobs = present_.link.ends[end].knobs;
    for (size_t i = 0; i + 1 < knobs.size(); i += 2)
      if (knobs[i] == keyword) return knobs[i + 1];
    return "";
  }

  void addresses_and_up() {
    const bool was_up = !is_new_ && present_.link.up;
    const bool goes_down = was_up && !wanted_.up;
    AddressChanges changes[2];
    for (size_t end = 0; end < 2; end++) {
      const std::vector<std::string>& is = present_.link.ends[end].addresses;
      changes[end] =
          address_changes(name(end), wanted_.said.addresses[end] ? wanted_.ends[end].addresses : is,
                          is, present_.link_local[end], goes_down);
      for (const Argv& words : changes[end].gone) ip(end, words);
    }
    if (goes_down) set_both("down");
    for (size_t end = 0; end < 2; end++)
      for (const Argv& words : changes[end].come) ip(end, words);
    if (wanted_.up && !was_up) set_both("up");
  }

  void set_both(const char* state) {
    for (size_t end = 0; end < 2; end++) ip(end, {"link", "set", name(end), state});
  }

  void impair(size_t direction) {
    if (!wanted_.said.impair[direction]) return;
    const ImpairChanges changes =
        impair_changes(wanted_.impair[direction], present_.link.impair[direction]);
    impair("del", changes.gone, direction);
    impair("set", changes.come, direction);
  }

  void impair(const char* verb, const Argv& knobs, size_t direction) {
    if (knobs.empty()) return;
    Argv words{"impair", verb, name(0), "direction", direction ? "rx" : "tx"};
    append(words, knobs);
    vnet(0, words);
  }

  void faults(size_t end) {
    if (!wanted_.said.faults[end]) return;
    std::multiset<std::string> missing;
    for (const Argv& words : wanted_.faults[end]) missing.insert(normal_fault(words));
    for (size_t i = 0; i < present_.link.faults[end].size(); i++) {
      const auto found = missing.find(normal_fault(present_.link.faults[end][i]));
      if (found != missing.end()) {
        missing.erase(found);
      } else {
        vnet(end, {"fault", "del", name(end), fmt::format("{}", present_.fault_ids[end][i])});
      }
    }
    for (const Argv& said : wanted_.faults[end]) {
      const auto found = missing.find(normal_fault(said));
      if (found == missing.end()) continue;
      missing.erase(found);
      Argv words{"fault", "add", name(end)};
      append(words, said);
      vnet(end, words);
    }
  }

  const ScenarioLink& wanted_;
  StateLink present_;
  bool is_new_ = false;
  std::vector<StateChange>& all_;
};

}  // namespace

Argv StateChange::in_place() const {
  Argv all = argv;
  if (!netns.empty()) all.insert(all.begin() + 1, {"-n", netns});
  return all;
}

std::string StateChange::line() const {
  return shell_line(in_place());
}

Result<std::vector<StateChange>> changes_to(const Scenario& wanted, const State& present) {
  std::vector<StateChange> all;
  for (const ScenarioLink& link : wanted.links) {
    StateLink found;
    bool is_there = false;
    for (const StateLink& each : present.links) {
      const EndName &a = each.link.ends[0].name, &b = each.link.ends[1].name;
      const bool same = a == link.ends[0].name && b == link.ends[1].name;
      const bool turned = a == link.ends[1].name && b == link.ends[0].name;
      if (!same && !turned) continue;
      found = same ? each : seen_from_b(each);
      is_there = true;
    }
    if (Failure failure = Changes(link, is_there ? &found : nullptr, all).find()) return *failure;
  }
  return all;
}

Failure do_change(const StateChange& change) {
  CommandResult result;
  if (change.argv[0] == "vnet") {
    result = run_here(change.netns, Argv(change.argv.begin() + 1, change.argv.end()));
  } else {
    Result<std::unique_ptr<Process>> process = Process::start(change.in_place(), "");
    if (!process) return process.error();
    wait_for(**process);
    result = {(*process)->status(), (*process)->output()};
  }
  if (result.status == 0) return {};
  while (result.text.ends_with('\n')) result.text.pop_back();
  return Error{fmt::format("{}: {}", change.line(), result.text)};
}

}  // namespace vnet::cli
