// SPDX-License-Identifier: GPL-2.0-only
// Words of the command line: abbreviations as in iproute2, and what was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

using user::Error;
using user::Failure;
using user::Result;

// Reads words one after the other. Does not own them.
class Words {
 public:
  explicit Words(std::span<const std::string> words) : rest_(words) {}

  bool empty() const { return rest_.empty(); }
  size_t size() const { return rest_.size(); }
  // Only if there is one.
  const std::string& peek() const { return rest_.front(); }
  const std::string& next() {
    const std::string& word = rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }

 private:
  std::span<const std::string> rest_;
};

// The code of match()'s error if no candidate begins with the word; else there are several.
inline constexpr int kUnknownWord = ENOENT;

// The index of the candidate that `word` is, or is the beginning of. `what` is what the candidates
// are, for the error: "object". Empty candidates match nothing.
Result<size_t> match(std::string_view what, std::string_view word,
                     std::span<const std::string_view> candidates);

// The candidate that is so near to `word` that it was probably meant; empty: none.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// As a shell and a batch file read it as one word.
std::string quoted(const std::string& word);

// How many letters are to be put in, taken out, changed or swapped with their neighbour (Damerau's
// distance, each letter moved at most once).
size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace vnet::cli
