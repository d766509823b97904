// SPDX-License-Identifier: GPL-2.0-only
// The grammar of a verb as a table: the parser, `help`, the man pages and the completions read it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/schema_gen.h"
#include "cli/words.h"

namespace vnet::cli {

// Which end a parameter can be said of: behind `peer` stands what is the peer's.
enum class Side { kOwn, kPeer, kBoth };

struct Parameter {
  // "queue", "--listen"; "-w|--write": either. A positional one stands by itself, and may have this
  // before it; one that may be left out and is "good|bad" is one of these words.
  std::string_view keyword;
  // The values that follow: "N", "A B"; nothing for a flag. Last those that may be left out,
  // "TIME [JITTER]": they are taken if they begin with a digit.
  std::string_view value;
  std::string_view help;
  enum Kind { kKeyword, kPositional } kind = kKeyword;
  bool required = false;
  Side side = Side::kOwn;
  // Behind this value any word is one that may be left out; or, of two, behind the first the
  // second.
  std::string_view binds = {};
};

// Which attributes of the info set (knobs(), schema_gen.h) a verb takes as keywords, beside its
// parameters.
enum class Knobs { kNone, kNew, kSet };

struct Arguments;
class Context;

struct Verb {
  std::string_view name;  // "show|list": the first is the one that is shown
  std::string_view help;  // one line
  std::span<const Parameter> parameters;
  int (*run)(Context&, const Arguments&) = nullptr;  // returns the exit status
  Knobs knobs = Knobs::kNone;
  bool peer = false;  // `peer` and the peer's parameters and knobs may follow
  // Whether the values can be read, without asking a host. None: they are texts.
  Failure (*check)(const Arguments&) = nullptr;
};

struct KnobArgument {
  const Knob* knob;
  std::string text;
};

// What was said of one end, or, in the own one, of both.
struct EndArguments {
  std::map<std::string, std::vector<std::string>, std::less<>> values;  // by keyword
  std::vector<KnobArgument> knobs;

  // By the keyword as it is in the table, up to the first '|'.
  bool has(std::string_view keyword) const { return values.contains(keyword); }
  // The value; empty if it was not given.
  const std::string& get(std::string_view keyword) const;
};

struct Arguments {
  EndArguments own, peer;
  bool has_peer = false;

  bool has(std::string_view keyword) const { return own.has(keyword); }
  const std::string& get(std::string_view keyword) const { return own.get(keyword); }
};

// Reads all words, or says which one is wrong and what was probably meant.
Result<Arguments> parse_arguments(const Verb& verb, Words words);

// What can stand next, for completion.
struct Expected {
  struct Word {
    std::string_view keyword;  // "dev", "-w|--write"
    std::string_view help;
  };
  std::vector<Word> keywords;
  // What a value that can stand next is: "DEV", "on|off". Empty: none can.
  std::string value;
  std::string_view help;  // of the value
};
// Behind words that are complete. Behind wrong ones nothing can stand.
Expected expected_after(const Verb& verb, Words words);

bool takes(const Verb& verb, const Knob& knob);
// The parts of "a|b".
std::vector<std::string_view> alternatives(std::string_view words);
std::string_view first_of(std::string_view words);

}  // namespace vnet::cli
