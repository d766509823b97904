// SPDX-License-Identifier: GPL-2.0-only
#include "cli/options.h"

#include <fmt/core.h>

#include <array>

#include "cli/words.h"

namespace vnet::cli {
namespace {

// As in `ip`, an option is known by its first letters, of which the least are given here.
struct Option {
  OptionWord word;
  Failure (*apply)(Options&, const std::string& value);
};

template <bool Options::*kMember>
Failure switch_on(Options& options, const std::string&) {
  options.*kMember = true;
  return {};
}
template <std::string Options::*kMember>
Failure set_text(Options& options, const std::string& value) {
  options.*kMember = value;
  return {};
}
template <HostChoice kHost>
Failure choose_host(Options& options, const std::string&) {
  if (options.host != HostChoice::kAny && options.host != kHost)
    return Error{"--kernel excludes --user"};
  options.host = kHost;
  return {};
}

Failure set_color(Options& options, const std::string& value) {
  static constexpr std::array<std::string_view, 3> kNames{"always", "auto", "never"};
  if (value.empty()) {
    options.color = ColorChoice::kAlways;
    return {};
  }
  const Result<size_t> found = match("color", value, kNames);
  if (!found) return found.error();
  static constexpr std::array kChoices{ColorChoice::kAlways, ColorChoice::kAuto,
                                       ColorChoice::kNever};
  options.color = kChoices[*found];
  return {};
}

constexpr std::array kOptions{
    Option{{"json", "j", "", "JSON"}, switch_on<&Options::json>},
    Option{{"pretty", "p", "", "JSON over several lines"}, switch_on<&Options::pretty>},
    Option{{"statistics", "s", "", "counters, too"}, switch_on<&Options::statistics>},
    Option{{"details", "d", "", "all there is to say"}, switch_on<&Options::details>},
    Option{{"brief", "br", "", "link show: a line a device, the essence"},
           switch_on<&Options::brief>},
    Option{{"oneline", "o", "", "a line a record"}, switch_on<&Options::oneline>},
    Option{{"color", "c", "", "colors; -color=auto on a terminal only, =never"}, set_color},
    Option{{"timestamp", "t", "", "when events happened"}, switch_on<&Options::timestamp>},
    Option{{"netns", "n", "NETNS", "in this network namespace"}, set_text<&Options::netns>},
    Option{
        {"batch", "b", "FILE",
         "commands from FILE, one a line; a \\ at its end joins the next; - is the standard input"},
        set_text<&Options::batch>},
    Option{{"force", "force", "", "a batch goes on after an error"}, switch_on<&Options::force>},
    Option{{"kernel", "kernel", "", "only the kernel module"}, choose_host<HostChoice::kKernel>},
    Option{{"user", "user", "", "only user-space drivers"}, choose_host<HostChoice::kUser>},
    Option{{"Version", "V", "", "the version"}, switch_on<&Options::version>},
    Option{{"help", "h", "", "help on what is named"}, switch_on<&Options::help>},
};

constexpr auto kWords = [] {
  std::array<OptionWord, kOptions.size()> words{};
  for (size_t i = 0; i < words.size(); i++) words[i] = kOptions[i].word;
  return words;
}();

struct Written {
  std::string_view name;  // without dashes
  std::string value;      // behind '='
  bool has_value = false;
};

Written read_word(std::string_view word) {
  Written written;
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  const size_t equals = word.find('=');
  written.has_value = equals != std::string_view::npos;
  if (written.has_value) written.value = word.substr(equals + 1);
  written.name = word.substr(0, equals);
  return written;
}

const Option* find(std::string_view name) {
  if (name == "version") name = "Version";  // as others have it
  for (const Option& option : kOptions)
    if (name.size() >= option.word.least.size() && option.word.name.starts_with(name))
      return &option;
  return nullptr;
}

bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-';
}

Error unknown(const std::string& word, std::string_view name) {
  std::array<std::string_view, kWords.size()> names;
  for (size_t i = 0; i < names.size(); i++) names[i] = kWords[i].name;
  const std::string_view meant = nearest(name, names);
  return Error{meant.empty()
                   ? fmt::format("unknown option '{}'", word)
                   : fmt::format("unknown option '{}': did you mean '-{}'?", word, meant)};
}

// Takes the option at `at`, and its value.
Failure take(std::vector<std::string>& words, size_t at, Options& options) {
  const std::string word = words[at];
  Written written = read_word(word);
  const Option* const option = find(written.name);
  if (!option) return unknown(word, written.name);
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  if (!option->word.value.empty() && !written.has_value) {
    if (at >= words.size())
      return Error{fmt::format("option '{}' needs {}", word, option->word.value)};
    written.value = words[at];
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (option->word.value.empty() && written.has_value && option->apply != set_color) {
    return Error{fmt::format("option '{}' takes no value", word)};
  }
  return option->apply(options, written.value);
}

}  // namespace

std::span<const OptionWord> option_words() {
  return kWords;
}

Failure take_options(std::vector<std::string>& words, Options& options) {
  while (!words.empty() && looks_like_option(words[0]))
    if (Failure failure = take(words, 0, options)) return failure;
  for (size_t at = 1; at < words.size();) {
    const Option* const option =
        looks_like_option(words[at]) ? find(read_word(words[at]).name) : nullptr;
    if (!option || !option->word.value.empty()) {
      at++;
    } else if (Failure failure = take(words, at, options)) {
      return failure;
    }
  }
  return {};
}

}  // namespace vnet::cli
