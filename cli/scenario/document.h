// SPDX-License-Identifier: GPL-2.0-only
// A YAML document as a tree of plain values that know where they stand. yaml-cpp reads it; nothing
// else here knows that library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

struct Place {
  size_t line = 0, column = 0;  // from 1
};

struct Node {
  enum Kind { kNothing, kText, kList, kMap };

  Kind kind = kNothing;
  Place place;
  std::string text;
  // What a word's position in `text` adds to the column; false: lines were folded or quoted.
  bool text_is_as_written = false;
  std::vector<Node> items;  // of a list; of a map key, value, key, value, ...

  const Node* find(std::string_view key) const;
};

// "FILE:LINE:COLUMN: TEXT"
user::Error error_at(std::string_view file, Place place, std::string_view text);

// The one document that `text` is. `file` is for errors.
user::Result<Node> parse_document(const std::string& file, const std::string& text);

}  // namespace vnet::cli
