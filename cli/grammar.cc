// SPDX-License-Identifier: GPL-2.0-only
#include "cli/grammar.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/knobs.h"

namespace vnet::cli {
namespace {

constexpr std::string_view kPeer = "peer";
constexpr std::string_view kExpression = "EXPR";
// What one may look for here; there is one home for each thing.
constexpr std::string_view kIpWords[] = {"up", "down", "mtu", "address", "name", "netns", "arp"};

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz-|";

bool is_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-';
}

size_t count_values(std::string_view value) {
  return value.empty() ? 0 : 1 + static_cast<size_t>(std::count(value.begin(), value.end(), ' '));
}

size_t count_optional(std::string_view value) {
  return static_cast<size_t>(std::count(value.begin(), value.end(), '['));
}

bool begins_with_digit(std::string_view word) {
  return !word.empty() && word[0] >= '0' && word[0] <= '9';
}

// Whether the word may be this positional one: of "good|bad" it is one, or the next keyword. "DEV"
// and "ID|all" may be anything.
bool may_be(const Parameter& parameter, std::string_view word) {
  if (parameter.required || parameter.value.find_first_not_of(kLetters) != std::string_view::npos)
    return true;
  const std::vector<std::string_view> words = alternatives(parameter.value);
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Whether `next` belongs to what has been taken, whatever it looks like.
bool is_bound(std::string_view binds, const std::vector<std::string>& taken,
              std::string_view next) {
  const size_t space = std::min(binds.find(' '), binds.size());
  if (binds.empty() || taken.empty() || taken.back() != binds.substr(0, space)) return false;
  return space == binds.size() || next == binds.substr(space + 1);
}

// One keyword that can stand next: of a parameter, of a knob, or `peer`.
struct Choice {
  const Parameter* parameter = nullptr;
  const Knob* knob = nullptr;
};

class Reader {
 public:
  Reader(const Verb& verb, Words words) : verb_(verb), words_(words) {}

  Result<Arguments> read() {
    while (!words_.empty())
      if (Failure failure = read_one()) return *failure;
    if (Failure failure = check_complete()) return *failure;
    return std::move(arguments_);
  }

  Expected expect() {
    while (!words_.empty())
      if (read_one()) return expected_;  // empty, but where only a value is missing
    for (const Parameter& parameter : verb_.parameters)
      if (can_stand(parameter) && !end_of(parameter).has(first_of(parameter.keyword)))
        expected_.keywords.push_back({parameter.keyword, parameter.help});
    for (const Knob& knob : knobs())
      if (takes(verb_, knob) && !is_given(knob))
        expected_.keywords.push_back({knob.keyword, knob.doc});
    if (verb_.peer && !behind_peer()) expected_.keywords.push_back({kPeer, "the other end"});
    if (const Parameter* const positional = open_positional()) expect_value(*positional, 0);
    return expected_;
  }

 private:
  bool behind_peer() const { return arguments_.has_peer; }
  EndArguments& end_of(const Parameter& parameter) {
    return behind_peer() && parameter.side != Side::kOwn ? arguments_.peer : arguments_.own;
  }
  EndArguments& end_of(const Knob& knob) {
    return behind_peer() && knob.scope == Scope::kDevice ? arguments_.peer : arguments_.own;
  }
  // Of two with the same keyword, the peer's stands for what is behind `peer`.
  bool can_stand(const Parameter& parameter) const {
    if (!behind_peer()) return parameter.side != Side::kPeer;
    if (parameter.side != Side::kOwn) return true;
    return std::none_of(verb_.parameters.begin(), verb_.parameters.end(), [&](const auto& other) {
      return other.side == Side::kPeer && other.keyword == parameter.keyword;
    });
  }

  bool is_given(const Knob& knob) {
    const std::vector<KnobArgument>& given = end_of(knob).knobs;
    return std::any_of(given.begin(), given.end(),
                       [&](const auto& each) { return each.knob == &knob; });
  }

  // The value of this number, from 0 on.
  void expect_value(const Parameter& parameter, size_t number) {
    std::string_view values = parameter.value;
    while (number-- > 0) values.remove_prefix(values.find(' ') + 1);
    expected_.value = values.substr(0, values.find(' '));
    expected_.help = parameter.help;
  }

  void list_choices() {
    names_.clear();
    choices_.clear();
    for (const Parameter& parameter : verb_.parameters) {
      if (!can_stand(parameter)) continue;
      for (const std::string_view name : alternatives(parameter.keyword))
        add_choice(name, {&parameter, nullptr});
    }
    for (const Knob& knob : knobs())
      if (takes(verb_, knob)) add_choice(knob.keyword, {nullptr, &knob});
    if (verb_.peer && !behind_peer()) add_choice(kPeer, {});
  }
  void add_choice(std::string_view name, Choice choice) {
    names_.push_back(name);
    choices_.push_back(choice);
  }

  Failure read_one() {
    list_choices();
    std::string word = words_.next();
    // "--mtu=1500"
    std::string value;
    const size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const bool has_value = equals != std::string::npos;
    if (has_value) {
      value = word.substr(equals + 1);
      word.resize(equals);
    }
    const bool exact = std::find(names_.begin(), names_.end(), word) != names_.end();
    if (!exact && !is_option(word))
      if (const Parameter* const positional = open_positional();
          positional && may_be(*positional, word))
        return take(*positional, {word});
    const Result<size_t> found = match(is_option(word) ? "option" : "keyword", word, names_);
    if (!found) return misplaced(word, found.error());
    return take(names_[*found], choices_[*found], has_value ? &value : nullptr);
  }

  // The first that has not been given.
  const Parameter* open_positional() {
    for (const Parameter& parameter : verb_.parameters)
      if (parameter.kind == Parameter::kPositional && can_stand(parameter) &&
          (parameter.side != Side::kOwn || !behind_peer()) &&
          !end_of(parameter).has(first_of(parameter.keyword)))
        return &parameter;
    return nullptr;
  }

  Error misplaced(std::string_view word, const Error& error) const {
    for (const Parameter& parameter : verb_.parameters)
      if (parameter.side == Side::kPeer && parameter.keyword == word)
        return Error{fmt::format("'{}' is the peer's: it stands behind 'peer'", word)};
    for (const Knob& knob : knobs())
      if (knob.keyword == word && !takes(verb_, knob) && verb_.knobs != Knobs::kNone)
        return Error{fmt::format("'{}' can be given only {}", word,
                                 knob.when == When::kNew ? "when the pair is made" : "later")};
    if (last_ && last_->value == kExpression)
      return Error{fmt::format("{}: the {} of '{}' is one argument, in quotes", error.text,
                               kExpression, last_->keyword)};
    if (verb_.knobs == Knobs::kSet)
      for (const std::string_view standard : kIpWords)
        if (standard == word)
          return Error{fmt::format("'{}' has its home in ip: ip link set DEV {} ...", word, word)};
    return error;
  }

  Failure take(std::string_view name, const Choice& choice, const std::string* value) {
    if (!choice.parameter && !choice.knob) {
      arguments_.has_peer = true;
      return {};
    }
    const size_t most = choice.knob ? 1 : count_values(choice.parameter->value);
    const size_t wanted = choice.knob ? 1 : most - count_optional(choice.parameter->value);
    std::vector<std::string> values;
    if (value) values.push_back(*value);
    while (values.size() < most && !words_.empty() && !words_.peek().starts_with("--") &&
           (values.size() < wanted || begins_with_digit(words_.peek()) ||
            (choice.parameter && is_bound(choice.parameter->binds, values, words_.peek()))))
      values.push_back(words_.next());
    if (values.size() < wanted && words_.empty()) {
      if (choice.parameter) expect_value(*choice.parameter, values.size());
      if (choice.knob) expected_ = {{}, values_of(*choice.knob), choice.knob->doc};
    }
    if (values.size() < wanted || values.size() > most) {
      if (most == 0) return Error{fmt::format("'{}' takes no value", name)};
      return Error{
          fmt::format("'{}' needs {}", name,
                      choice.knob ? std::string_view("a value") : choice.parameter->value)};
    }
    if (choice.parameter) return take(*choice.parameter, std::move(values));
    EndArguments& end = end_of(*choice.knob);
    for (const KnobArgument& given : end.knobs)
      if (given.knob == choice.knob) return twice(name);
    end.knobs.push_back({choice.knob, values[0]});
    return {};
  }

  Failure take(const Parameter& parameter, std::vector<std::string> values) {
    const std::string_view name = first_of(parameter.keyword);
    last_ = &parameter;
    if (!end_of(parameter).values.emplace(name, std::move(values)).second) return twice(name);
    return {};
  }

  static Error twice(std::string_view name) {
    return Error{fmt::format("'{}' is given twice", name)};
  }

  Failure check_complete() {
    for (const Parameter& parameter : verb_.parameters) {
      if (!parameter.required) continue;
      const bool of_peer = parameter.side == Side::kPeer;
      if (of_peer && !arguments_.has_peer) continue;
      const EndArguments& end = of_peer ? arguments_.peer : arguments_.own;
      if (end.has(first_of(parameter.keyword))) continue;
      return Error{fmt::format(
          "{}{} is missing", of_peer ? "the peer's " : "",
          parameter.kind == Parameter::kPositional ? parameter.value : parameter.keyword)};
    }
    return {};
  }

  const Verb& verb_;
  Words words_;
  const Parameter* last_ = nullptr;  // that was taken
  Arguments arguments_;
  std::vector<std::string_view> names_;
  std::vector<Choice> choices_;
  Expected expected_;
};

}  // namespace

const std::string& EndArguments::get(std::string_view keyword) const {
  static const std::string none;
  const auto found = values.find(keyword);
  return found == values.end() || found->second.empty() ? none : found->second[0];
}

Result<Arguments> parse_arguments(const Verb& verb, Words words) {
  return Reader(verb, words).read();
}

Expected expected_after(const Verb& verb, Words words) {
  return Reader(verb, words).expect();
}

bool takes(const Verb& verb, const Knob& knob) {
  switch (verb.knobs) {
    case Knobs::kNone:
      return false;
    case Knobs::kNew:
      return knob.when != When::kSet;
    case Knobs::kSet:
      return knob.when != When::kNew;
  }
  return false;
}

std::vector<std::string_view> alternatives(std::string_view words) {
  std::vector<std::string_view> parts;
  while (!words.empty()) {
    const size_t end = std::min(words.find('|'), words.size());
    parts.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return parts;
}

std::string_view first_of(std::string_view words) {
  return words.substr(0, words.find('|'));
}

}  // namespace vnet::cli
