// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/document_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "cli/batch.h"
#include "cli/values.h"
#include "cli/words.h"

namespace vnet::cli {
namespace {

bool is_of_a_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '%' || c == '-' ||
         c == '_';
}

// Where the word stands by itself; else where it is a part of another.
size_t place_of(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_of_a_word(text[at - 1])) &&
        (end == text.size() || !is_of_a_word(text[end])))
      return at;
  }
  return text.find(word);
}

}  // namespace

void DocumentReader::fail(Place place, std::string_view text) {
  if (!failure_) failure_ = error_at(file_, place, text);
}

void DocumentReader::fail_word(const Node& value, std::string_view text) {
  Place place = value.place;
  const size_t begin = text.find('\''), end = text.find('\'', begin + 1);
  if (end != std::string_view::npos && value.text_is_as_written) {
    const size_t at = place_of(value.text, text.substr(begin + 1, end - begin - 1));
    if (at != std::string::npos) place.column += at;
  }
  fail(place, text);
}

std::string DocumentReader::text(const Node& value, std::string_view what) {
  if (value.kind != Node::kText) fail(value.place, fmt::format("{} must be a text", what));
  if (value.kind == Node::kText && value.text.empty())
    fail(value.place, fmt::format("{} is empty", what));
  if (value.text.find('\0') != std::string::npos)
    fail(value.place, fmt::format("{} has a zero byte in it", what));
  return value.text;
}

bool DocumentReader::yes_no(const Node& value, std::string_view what) {
  static constexpr std::string_view kWords[] = {"no", "yes", "off", "on", "false", "true"};
  return one_of(value, what, kWords) % 2 == 1;
}

vnet_u64 DocumentReader::number(const Node& value, std::string_view what) {
  const std::optional<vnet_u64> number = parse_hex64(text(value, what));
  if (!number)
    fail_word(value, fmt::format("{}: '{}' is not a number of 64 bits such as 42 or 0x2a", what,
                                 value.text));
  return number.value_or(0);
}

vnet_u64 DocumentReader::time_ns(const Node& value, std::string_view what) {
  // Some 146 years: two times added are a time, still.
  static constexpr vnet_u64 kMost = ~0ull >> 2;
  const std::string said = text(value, what);
  const bool has_unit = said == "0" || said.find_first_not_of("0123456789.") != std::string::npos;
  const std::optional<vnet_u64> time = has_unit ? parse_time(said, TimeUnit::kNs) : std::nullopt;
  if (!time || *time > kMost)
    fail_word(value, fmt::format("{}: '{}' is not a time such as 500ms or 1.5s", what, said));
  return time.value_or(0);
}

std::vector<std::string> DocumentReader::texts(const Node& value, std::string_view what) {
  std::vector<std::string> all;
  if (value.kind != Node::kList) return {text(value, what)};
  for (const Node& item : value.items) all.push_back(text(item, what));
  return all;
}

std::vector<std::string> DocumentReader::words(const Node& value, std::string_view what) {
  Result<std::vector<std::string>> words = split_line(text(value, what));
  if (words && !words->empty()) return *words;
  fail(value.place, words ? fmt::format("{} is empty", what) : words.error().text);
  return {};
}

size_t DocumentReader::one_of(const Node& value, std::string_view what,
                              std::span<const std::string_view> all) {
  const std::string word = text(value, what);
  for (size_t i = 0; i < all.size(); i++)
    if (all[i] == word) return i;
  std::string error = fmt::format("unknown {} '{}'", what, word);
  if (const std::string_view meant = nearest(word, all); !meant.empty()) {
    error += fmt::format(": did you mean '{}'?", meant);
  } else {
    for (size_t i = 0; i < all.size(); i++)
      error += (i ? ", " : ": it is one of ") + std::string(all[i]);
  }
  fail_word(value, error);
  return 0;
}

MapReader::MapReader(DocumentReader& reader, const Node& value, std::string_view what,
                     std::span<const std::string_view> keys)
    : reader_(reader), value_(value), what_(what) {
  if (value.kind != Node::kMap) {
    reader.fail(value.place, fmt::format("{} must have keys and values", what));
    return;
  }
  for (size_t i = 0; i < value.items.size(); i += 2) {
    const Node& key = value.items[i];
    if (key.kind != Node::kText) {
      reader.fail(key.place, fmt::format("a key of {} must be a word", what));
    } else if (value.find(key.text) != &value.items[i + 1]) {
      reader.fail(key.place, fmt::format("'{}' stands twice in {}", key.text, what));
    } else if (std::find(keys.begin(), keys.end(), key.text) == keys.end()) {
      reader.one_of(key, fmt::format("key of {}", what), keys);
    }
  }
}

const Node* MapReader::need(std::string_view key) const {
  const Node* const found = find(key);
  if (!found) reader_.fail(value_.place, fmt::format("{} needs '{}'", what_, key));
  return found;
}

}  // namespace vnet::cli
