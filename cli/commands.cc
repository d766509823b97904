// SPDX-License-Identifier: GPL-2.0-only
#include "cli/commands.h"

#include <fmt/core.h>

#include <array>

#include "cli/help.h"

namespace vnet::cli {
namespace {

constexpr std::array kObjects{&kLinkObject,    &kFaultObject,   &kStatsObject,   &kQueueObject,
                              &kRegsObject,    &kSeedObject,    &kImpairObject,  &kVerifyObject,
                              &kMonitorObject, &kExplainObject, &kDiffObject,    &kReplayObject,
                              &kTopObject,     &kCaptureObject, &kMetricsObject, &kUpObject,
                              &kDownObject,    &kRunObject,     &kSaveObject,    &kApplyObject};
constexpr std::string_view kHelp = "help";

// Who comes first in `vnet OBJECT VERB`, and what was wrong with a word, stands before the error.
Error of(const Object& object, const Verb& verb, const Error& error) {
  const std::string_view name = first_of(verb.name);
  return Error{fmt::format("{}{}{}: {}", object.name, name.empty() ? "" : " ", name, error.text)};
}

int run_verb(Context& context, const Object& object, const Verb& verb, Words words) {
  if (context.options.help || (!words.empty() && words.peek() == kHelp)) {
    print_help(object, &verb, context.options);
    return kOk;
  }
  Result<Arguments> arguments = parse_arguments(verb, words);
  if (!arguments) return context.syntax(of(object, verb, arguments.error()));
  return verb.run(context, *arguments);
}

// The names of a verb, of which only the first begins with `word`: "l" is "list" as well as "lst",
// and so not ambiguous.
std::vector<std::string_view> names_for(const Verb& verb, std::string_view word) {
  std::vector<std::string_view> names;
  bool begun = false;
  for (const std::string_view name : alternatives(verb.name)) {
    const bool begins = name != word && name.starts_with(word);
    if (!begins || !begun) names.push_back(name);
    begun |= begins;
  }
  return names;
}

int run_object(Context& context, const Object& object, Words words) {
  if (object.verbs.size() == 1 && object.verbs[0].name.empty())
    return run_verb(context, object, object.verbs[0], words);
  if (words.empty() && !context.options.help)
    return run_verb(context, object, object.verbs[0], words);
  if (words.empty()) {
    print_help(object, nullptr, context.options);
    return kOk;
  }
  std::vector<std::string_view> names{kHelp};
  std::vector<const Verb*> verbs{nullptr};
  for (const Verb& verb : object.verbs)
    for (const std::string_view name : names_for(verb, words.peek())) {
      names.push_back(name);
      verbs.push_back(&verb);
    }
  const Result<size_t> found = match("verb", words.next(), names);
  if (!found) return context.syntax(Error{fmt::format("{}: {}", object.name, found.error().text)});
  if (const Verb* const verb = verbs[*found]) return run_verb(context, object, *verb, words);
  print_help(object, nullptr, context.options);
  return kOk;
}

std::vector<std::string_view> object_names() {
  std::vector<std::string_view> names;
  names.reserve(kObjects.size() + 1);
  for (const Object* object : kObjects) names.push_back(object->name);
  return names;
}

int wrong_object(const Context& context, const Error& error) {
  const int status = context.syntax(error);
  if (error.code != kUnknownWord) return status;
  fmt::print(stderr, "{}", usage_text());
  return kUsage;
}

int run_help(Context& context, Words words) {
  if (words.empty()) {
    print_help(context.options);
    return kOk;
  }
  const Result<size_t> found = match("object", words.next(), object_names());
  if (!found) return wrong_object(context, found.error());
  context.options.help = true;
  return run_object(context, *kObjects[*found], words);
}

}  // namespace

std::span<const Object* const> objects() {
  return kObjects;
}

int Context::syntax(const Error& error) const {
  fmt::print(stderr, "{}{}\n", place, error.text);
  return kSyntax;
}

int Context::refused(const Error& error) const {
  fmt::print(stderr, "{}{}\n", place, error.text);
  return kRefused;
}

int Context::done(const Failure& failure, const std::string& device) const {
  if (!failure) return kOk;
  return refused(Error{fmt::format("'{}': {}", device, failure->text), failure->code});
}

int run_command(Context& context, Words words) {
  if (words.empty()) {
    if (context.options.help) return run_help(context, words);
    fmt::print(stderr, "{}", usage_text());
    return kUsage;
  }
  std::vector<std::string_view> names = object_names();
  names.push_back(kHelp);
  const std::string& word = words.next();
  const Result<size_t> found = match("object", word, names);
  if (!found) return wrong_object(context, found.error());
  if (names[*found] == kHelp) return run_help(context, words);
  return run_object(context, *kObjects[*found], words);
}

Failure check_command(std::string_view object, std::string_view verb, Words words) {
  for (const Object* const each : kObjects)
    for (const Verb& found : each->verbs) {
      if (each->name != object || first_of(found.name) != verb) continue;
      const Result<Arguments> arguments = parse_arguments(found, words);
      if (!arguments) return arguments.error();
      return found.check ? found.check(*arguments) : Failure();
    }
  return Error{fmt::format("no such command: '{} {}'", object, verb)};
}

}  // namespace vnet::cli
