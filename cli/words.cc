// SPDX-License-Identifier: GPL-2.0-only
#include "cli/words.h"

#include <fmt/core.h>

#include <algorithm>
namespace vnet::cli {
namespace {

std::string quoted_list(const std::vector<std::string_view>& words) {
  std::string list;
  for (size_t i = 0; i < words.size(); i++) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
    list += fmt::format("'{}'", words[i]);
  }
  return list;
}

Error unknown(std::string_view what, std::string_view word,
              std::span<const std::string_view> candidates) {
  std::string text = fmt::format("unknown {} '{}'", what, word);
  if (const std::string_view meant = nearest(word, candidates); !meant.empty())
    text += fmt::format(": did you mean '{}'?", meant);
  return Error{text, kUnknownWord};
}

}  // namespace

Result<size_t> match(std::string_view what, std::string_view word,
                     std::span<const std::string_view> candidates) {
  std::vector<std::string_view> begun;
  size_t found = 0;
  for (size_t i = 0; i < candidates.size(); i++) {
    if (candidates[i].empty()) continue;
    if (candidates[i] == word) return i;
    if (word.empty() || !candidates[i].starts_with(word)) continue;
    begun.push_back(candidates[i]);
    found = i;
  }
  if (begun.size() == 1) return found;
  if (begun.empty()) return unknown(what, word, candidates);
  return Error{fmt::format("{} '{}' is ambiguous: {}", what, word, quoted_list(begun))};
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  // A third of the letters may be wrong: more, and it is another word.
  size_t least = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty()) continue;
    const size_t distance = edit_distance(word, candidate);
    if (distance >= least || distance >= candidate.size()) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

std::string quoted(const std::string& word) {
  static constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  if (word.find('\'') == std::string::npos) return '\'' + word + '\'';
  if (word.find('"') == std::string::npos) return '"' + word + '"';
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\"'\"'" : std::string(1, c);
  return text + "'";
}

size_t edit_distance(std::string_view a, std::string_view b) {
  const size_t width = b.size() + 1;
  std::vector<size_t> before(width), above(width), row(width);
  for (size_t j = 0; j < width; j++) above[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    row[0] = i;
    for (size_t j = 1; j < width; j++) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace vnet::cli
