// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/apply_impair.h"

#include <algorithm>
#include <optional>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/impair_words.h"
#include "cli/words.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bits(unsigned first, unsigned last) {
  return (2ull << last) - (1ull << first);
}
constexpr vnet_u64 bit(unsigned attribute) {
  return bits(attribute, attribute);
}

// What `impair del` takes away by itself, and the attributes that are of it. Setting the first of
// them sets all others to what they are by default (core/control/impair_change.cc).
struct Group {
  const char* knob;
  vnet_u64 attributes;
};
constexpr Group kGroups[] = {
    {"loss", bits(VNET_A_IMPAIR_LOSS_MODEL, VNET_A_IMPAIR_LOSS_P5) | bit(VNET_A_IMPAIR_LOSS_MEAN) |
                 bit(VNET_A_IMPAIR_LOSS_PATTERN)},
    {"duplicate", bit(VNET_A_IMPAIR_DUPLICATE)},
    {"corrupt", bit(VNET_A_IMPAIR_CORRUPT) | bit(VNET_A_IMPAIR_CORRUPT_BITS)},
    {"truncate", bit(VNET_A_IMPAIR_TRUNCATE) | bit(VNET_A_IMPAIR_TRUNCATE_LEN)},
    {"delay", bit(VNET_A_IMPAIR_DELAY) | bit(VNET_A_IMPAIR_JITTER) |
                  bit(VNET_A_IMPAIR_DISTRIBUTION) | bit(VNET_A_IMPAIR_TABLE_TEXT) |
                  bit(VNET_A_IMPAIR_JITTER_REORDER)},
    {"reorder", bit(VNET_A_IMPAIR_REORDER) | bit(VNET_A_IMPAIR_REORDER_GAP)},
    {"rate", bit(VNET_A_IMPAIR_RATE) | bit(VNET_A_IMPAIR_BURST) | bit(VNET_A_IMPAIR_OVERHEAD)},
    {"limit", bit(VNET_A_IMPAIR_LIMIT_FRAMES) | bit(VNET_A_IMPAIR_LIMIT_BYTES)},
    {"gso-keep", bit(VNET_A_IMPAIR_GSO_KEEP)},
    {"match", bit(VNET_A_IMPAIR_MATCH_TEXT)},
    {"trace", bit(VNET_A_IMPAIR_TRACE_COUNT) | bit(VNET_A_IMPAIR_TRACE_TEXT) |
                  bit(VNET_A_IMPAIR_TRACE_LOOP) | bit(VNET_A_IMPAIR_TRACE_SYNC)},
};

// As the core does: what is nothing is off, and what is left out has its default.
void fill_in(vnet_impair_values& values) {
  const auto off_if = [&](bool nothing, unsigned attribute) {
    if (nothing) values.has &= ~bit(attribute);
  };
  off_if(!values.duplicate, VNET_A_IMPAIR_DUPLICATE);
  off_if(!values.corrupt, VNET_A_IMPAIR_CORRUPT);
  off_if(!values.truncate, VNET_A_IMPAIR_TRUNCATE);
  off_if(!values.delay, VNET_A_IMPAIR_DELAY);
  off_if(!values.jitter, VNET_A_IMPAIR_JITTER);
  off_if(!values.reorder, VNET_A_IMPAIR_REORDER);
  off_if(!values.gso_keep, VNET_A_IMPAIR_GSO_KEEP);
  if (values.has & bit(VNET_A_IMPAIR_TRACE_TEXT)) values.has |= bit(VNET_A_IMPAIR_TRACE_COUNT);
  if (!values.corrupt_bits) values.corrupt_bits = 1;
  if (!values.reorder_gap) values.reorder_gap = 1;
}

// Nothing: they cannot be read here, as a trace's file that is gone.
std::optional<std::vector<std::string>> texts_by_group(const Argv& words) {
  std::vector<std::string> texts(std::size(kGroups));
  if (words.empty()) return texts;
  Argv all{"x"};  // a device
  all.insert(all.end(), words.begin(), words.end());
  const auto verbs = kImpairObject.verbs;
  const auto set = std::find_if(verbs.begin(), verbs.end(),
                                [](const Verb& verb) { return first_of(verb.name) == "set"; });
  const Result<Arguments> arguments = parse_arguments(*set, Words(all));
  Impairment impairment;
  if (!arguments || read_impairment(*arguments, impairment)) return {};
  fill_in(impairment.values);
  for (size_t i = 0; i < std::size(kGroups); i++) {
    vnet_impair_values group = impairment.values;
    group.has &= kGroups[i].attributes;
    texts[i] = impairment_text(group);
  }
  return texts;
}

}  // namespace

ImpairChanges impair_changes(const Argv& said, const Argv& is) {
  if (said == is) return {};
  const auto wanted = texts_by_group(said), present = texts_by_group(is);
  if (!wanted || !present) return {is.empty() ? Argv{} : Argv{"all"}, said};
  ImpairChanges changes;
  for (size_t i = 0; i < std::size(kGroups); i++) {
    const std::string &to = (*wanted)[i], &from = (*present)[i];
    if (to == from) continue;
    const std::string knob = kGroups[i].knob;
    // Of the limits each is set by itself.
    if (to.empty() || (knob == "limit" && !from.empty())) changes.gone.push_back(knob);
    Result<std::vector<std::string>> words = split_line(to);
    if (words) changes.come.insert(changes.come.end(), words->begin(), words->end());
  }
  return changes;
}

}  // namespace vnet::cli
