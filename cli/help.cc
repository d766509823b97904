// SPDX-License-Identifier: GPL-2.0-only
#include "cli/help.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "cli/knobs.h"
#include "cli/output.h"

namespace vnet::cli {
namespace {

constexpr size_t kWidth = 100;

// "[ queue N ]", "NAME", "[ dev ] DEV"
std::string usage_part(const Parameter& parameter) {
  std::string part(first_of(parameter.keyword));
  if (parameter.kind == Parameter::kPositional) {
    part = parameter.value;
  } else if (!parameter.value.empty()) {
    part += fmt::format(" {}", parameter.value);
  }
  return parameter.required ? part : fmt::format("[ {} ]", part);
}

// The parts of a usage line, broken where it would be too long.
std::string wrapped(const std::string& head, const std::vector<std::string>& parts) {
  std::string text = head, indent(std::min<size_t>(head.size(), 16), ' ');
  size_t column = head.size();
  for (const std::string& part : parts) {
    if (column + part.size() + 1 > kWidth) {
      text += "\n" + indent;
      column = indent.size();
    }
    text += " " + part;
    column += part.size() + 1;
  }
  return text + "\n";
}

std::string usage_of(const Object& object, const Verb& verb) {
  std::vector<std::string> parts;
  const auto add = [&](bool of_peer) {
    for (const Parameter& parameter : verb.parameters)
      if (of_peer ? parameter.side != Side::kOwn : parameter.side != Side::kPeer)
        parts.push_back(usage_part(parameter));
  };
  if (!verb.name.empty()) parts.emplace_back(first_of(verb.name));
  add(false);
  if (verb.knobs != Knobs::kNone) parts.emplace_back("[ KNOB VALUE ]...");
  if (verb.peer) {
    parts.emplace_back("[ peer");
    add(true);
    parts.emplace_back("[ KNOB VALUE ]... ]");
  }
  return wrapped(fmt::format("vnet {}", object.name), parts);
}

std::string hosts_of(const Knob& knob) {
  if (knob.kernel && knob.user) return "";
  return knob.kernel ? "; kernel module only" : "; user-space driver only";
}

void add_line(std::string& text, const std::string& left, const std::string& right) {
  text += fmt::format("    {:<24} {}\n", left, right);
}

std::string words_of(const Verb& verb) {
  std::string text;
  for (const Parameter& parameter : verb.parameters) {
    std::string left(parameter.keyword);
    if (parameter.kind == Parameter::kPositional) {
      left = fmt::format("[ {} ] {}", first_of(parameter.keyword), parameter.value);
    } else if (!parameter.value.empty()) {
      left += fmt::format(" {}", parameter.value);
    }
    add_line(text, left, std::string(parameter.help));
  }
  if (verb.knobs == Knobs::kNone) return text;
  text += verb.peer ? "  KNOBs, of the link (l) or, also behind `peer`, of an end (e):\n"
                    : "  KNOBs, of the link (l) or of a device (e):\n";
  for (const Knob& knob : knobs()) {
    if (!takes(verb, knob)) continue;
    add_line(text, fmt::format("{} {}", knob.keyword, values_of(knob)),
             fmt::format("{} {} Default {}{}.", knob.scope == Scope::kLink ? "l" : "e", knob.doc,
                         knob.default_text, hosts_of(knob)));
  }
  return text;
}

std::string object_list(char separator) {
  std::string list;
  for (const Object* object : objects()) {
    if (!list.empty()) list += fmt::format(" {} ", separator);
    list += object->name;
  }
  return list;
}

std::string option_text(const OptionWord& option) {
  const std::string_view rest = option.name.substr(option.least.size());
  std::string text = fmt::format("-{}{}", option.name == option.least ? "-" : "", option.least);
  if (!rest.empty()) text += fmt::format("[{}]", rest);
  if (!option.value.empty()) text += fmt::format(" {}", option.value);
  return text;
}

// ---- the grammar as JSON

Json parameter_json(const Parameter& parameter) {
  Json json;
  json["keywords"] = alternatives(parameter.keyword);
  json["values"] = Json::array();
  std::string_view values = parameter.value;
  while (!values.empty()) {
    const size_t end = std::min(values.find(' '), values.size());
    json["values"].push_back(values.substr(0, end));
    values.remove_prefix(std::min(end + 1, values.size()));
  }
  json["positional"] = parameter.kind == Parameter::kPositional;
  json["required"] = parameter.required;
  json["own"] = parameter.side != Side::kPeer;
  json["peer"] = parameter.side != Side::kOwn;
  json["help"] = parameter.help;
  return json;
}

Json knob_json(const Knob& knob) {
  Json json;
  json["keyword"] = knob.keyword;
  json["value"] = values_of(knob);
  if (knob.attribute->enumeration)
    for (const EnumEntry& entry : knob.attribute->enumeration->entries)
      json["values"].push_back(entry.name);
  if (knob.value == Value::kOnOff) json["values"] = {"on", "off"};
  json["min"] = knob.min;
  json["max"] = knob.max;
  json["unit"] = knob.unit;
  json["default"] = knob.default_text;
  json["scope"] = knob.scope == Scope::kLink ? "link" : "device";
  json["kernel"] = knob.kernel;
  json["user"] = knob.user;
  json["new"] = knob.when != When::kSet;
  json["set"] = knob.when != When::kNew;
  json["help"] = knob.doc;
  return json;
}

Json verb_json(const Object& object, const Verb& verb) {
  Json json;
  json["names"] = alternatives(verb.name);
  json["help"] = verb.help;
  json["usage"] = usage_of(object, verb);
  json["parameters"] = Json::array();
  for (const Parameter& parameter : verb.parameters)
    json["parameters"].push_back(parameter_json(parameter));
  json["knobs"] = Json::array();  // their keywords
  for (const Knob& knob : knobs())
    if (takes(verb, knob)) json["knobs"].push_back(knob.keyword);
  json["peer"] = verb.peer;
  return json;
}

Json object_json(const Object& object) {
  Json json;
  json["name"] = object.name;
  json["help"] = object.help;
  json["verbs"] = Json::array();
  for (const Verb& verb : object.verbs) json["verbs"].push_back(verb_json(object, verb));
  return json;
}

Json grammar_json() {
  Json json;
  json["options"] = Json::array();
  for (const OptionWord& option : option_words())
    json["options"].push_back({{"name", option.name},
                               {"least", option.least},
                               {"value", option.value},
                               {"help", option.help}});
  json["objects"] = Json::array();
  for (const Object* object : objects()) json["objects"].push_back(object_json(*object));
  json["knobs"] = Json::array();
  for (const Knob& knob : knobs()) json["knobs"].push_back(knob_json(knob));
  return json;
}

}  // namespace

std::string usage_text() {
  return fmt::format(
      "Usage: vnet [ OPTIONS ] OBJECT {{ COMMAND | help }}\n"
      "       vnet [ -force ] -batch FILE\n"
      "where  OBJECT := {{ {} }}\n"
      "       vnet help, vnet OBJECT help, vnet OBJECT COMMAND help\n",
      object_list('|'));
}

void print_help(const Options& options) {
  if (options.json) return print_json(grammar_json(), options);
  std::string text = usage_text();
  text += "Objects:\n";
  for (const Object* object : objects())
    add_line(text, std::string(object->name), std::string(object->help));
  text += "Options:\n";
  for (const OptionWord& option : option_words())
    add_line(text, option_text(option), std::string(option.help));
  text += "Words can be abbreviated as long as they are not ambiguous.\n";
  fmt::print("{}", text);
}

void print_help(const Object& object, const Verb* verb, const Options& options) {
  if (options.json)
    return print_json(verb ? verb_json(object, *verb) : object_json(object), options);
  std::string text;
  if (!verb) text = fmt::format("{}: {}\n", object.name, object.help);
  for (const Verb& each : object.verbs) {
    if (verb && verb != &each) continue;
    text += fmt::format("Usage: {}  {}\n", usage_of(object, each), each.help);
    text += words_of(each);
  }
  fmt::print("{}", text);
}

}  // namespace vnet::cli
