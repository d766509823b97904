// SPDX-License-Identifier: GPL-2.0-only
#include "cli/completion.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/netns.h"
#include "cli/schema_gen.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

constexpr std::string_view kHelp = "help";
constexpr std::string_view kFaultHow = "good|bad|leak|deaf";

class Completion {
 public:
  explicit Completion(std::string partial) : partial_(std::move(partial)) {}

  void run(std::vector<std::string> before) {
    if (before.empty() || !complete_option_value(before)) {
      if (take_options(before, options_)) return;
      if (partial_.starts_with('-')) offer_options();
      complete_object(Words(before));
    }
  }

 private:
  // The first of the words that mean the same and go on from what is there.
  void offer(std::string_view keyword, std::string_view help) {
    for (const std::string_view name : alternatives(keyword)) {
      if (name.empty() || !name.starts_with(partial_)) continue;
      fmt::print("{}\t{}\n", name, help);
      return;
    }
  }

  void offer_options() {
    for (const OptionWord& option : option_words()) {
      const bool two = partial_.starts_with("--") || option.least == option.name;
      offer(fmt::format("{}{}", two ? "--" : "-", option.name), option.help);
    }
  }

  // Whether the partial word is the value of the option before it, which stands before the object.
  bool complete_option_value(const std::vector<std::string>& before) {
    std::vector<std::string> earlier(before.begin(), before.end() - 1);
    if (take_options(earlier, options_) || !earlier.empty()) return false;
    const std::string& word = before.back();
    const size_t dashes = word.find_first_not_of('-');
    if (dashes != 1 && dashes != 2) return false;
    const std::string_view name = std::string_view(word).substr(dashes);
    for (const OptionWord& option : option_words()) {
      if (option.value.empty() || name.size() < option.least.size()) continue;
      if (!option.name.starts_with(name)) continue;
      offer_value(option.value, option.help);
      return true;
    }
    return false;
  }

  void complete_object(Words words) {
    std::vector<std::string_view> names;
    for (const Object* object : objects()) names.push_back(object->name);
    bool only_names = false;  // `vnet help OBJECT`
    if (!words.empty() && words.peek() == kHelp) {
      only_names = true;
      words.next();
    }
    if (words.empty()) {
      for (const Object* object : objects()) offer(object->name, object->help);
      if (!only_names) offer(kHelp, "what can be said here");
      return;
    }
    Result<size_t> found = match("object", words.next(), names);
    if (found) complete_verb(*objects()[found.value()], words, only_names);
  }

  void complete_verb(const Object& object, Words words, bool only_names) {
    if (object.verbs.size() == 1 && object.verbs[0].name.empty()) {
      if (!only_names) complete_words(object.verbs[0], words);
      return;
    }
    if (words.empty()) {
      for (const Verb& verb : object.verbs) offer(verb.name, verb.help);
      if (!only_names) offer(kHelp, "what can be said here");
      return;
    }
    std::vector<std::string_view> names;
    std::vector<const Verb*> verbs;
    for (const Verb& verb : object.verbs)
      for (const std::string_view name : alternatives(verb.name)) {
        names.push_back(name);
        verbs.push_back(&verb);
      }
    Result<size_t> found = match("verb", words.next(), names);
    if (found && !only_names) complete_words(*verbs[found.value()], words);
  }

  void complete_words(const Verb& verb, Words words) {
    if (!words.empty() && words.peek() == kHelp) return;
    if (words.empty()) offer(kHelp, "what can be said here");
    const Expected expected = expected_after(verb, words);
    std::string_view last;
    while (!words.empty()) last = words.next();
    for (const Expected::Word& word : expected.keywords)
      // A word of the command's options is found only by its dash.
      if (!word.keyword.starts_with('-') || partial_.starts_with('-'))
        offer(word.keyword, word.help);
    if (expected.value == "WHAT") return offer_faults("");
    if (expected.value == kFaultHow) return offer_faults(last);
    if (!expected.value.empty()) offer_value(expected.value, expected.help);
  }

  // What a fault is called: the first words, or the second behind this first one.
  void offer_faults(std::string_view first) {
    std::string_view offered;
    for (const EnumEntry& entry : fault_what_type().entries) {
      const std::string_view name = entry.name;
      const size_t end = std::min(name.find(' '), name.size());
      if (first.empty() && name.substr(0, end) != offered)
        offer(offered = name.substr(0, end), entry.doc);
      else if (name.substr(0, end) == first && end < name.size())
        offer(name.substr(end + 1), entry.doc);
    }
  }

  void offer_value(std::string_view value, std::string_view help) {
    if (value == "DEV") return offer_devices();
    if (value == "NETNS") return offer_netns();
    if (value.find('|') == std::string_view::npos) return fmt::print("\t{}\t{}\n", value, help);
    for (const std::string_view each : alternatives(value)) offer(each, help);
  }

  void offer_devices() {
    if (!options_.netns.empty() && enter_netns(options_.netns)) return;
    // A host that does not answer has no devices to offer.
    (void)ask_hosts("", options_, [&](Transport& host) {
      return host.dump(VNET_CMD_DEVICE_GET, vnet_device_values{}, [&](const Reply& reply) {
        vnet_device_values device{};
        if (!reply.decode(device)) return;
        offer(device.ifname, host_name(host.host()));
      });
    });
  }

  void offer_netns() {
    std::error_code none;
    for (const auto& each : std::filesystem::directory_iterator("/run/netns", none))
      offer(each.path().filename().native(), "network namespace");
  }

  std::string partial_;
  Options options_;
};

}  // namespace

int run_completion(Words words) {
  std::vector<std::string> before;
  while (words.size() > 1) before.push_back(words.next());
  Completion(words.empty() ? "" : words.next()).run(std::move(before));
  return kOk;
}

}  // namespace vnet::cli
