// SPDX-License-Identifier: GPL-2.0-only
// Files of values that people write: read whole, line by line, with the place of what is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

// A word of a line, and its column, from 1.
struct Field {
  std::string text;  // may be empty, between two commas
  size_t column;
};

// Words are divided by blanks or a comma; from '#' on the rest is a comment.
std::vector<Field> fields_of(std::string_view line);

// All of it. The error says which file, and why it cannot be read.
user::Result<std::string> read_text(const std::string& path, size_t most);

class TextFile {
 public:
  static user::Result<TextFile> read(const std::string& path);

  const std::vector<std::string>& lines() const { return lines_; }
  // "FILE: line 3, column 7: TEXT"; lines and columns are counted from 1.
  user::Error error(size_t line, size_t column, std::string_view text) const;
  user::Error error(std::string_view text) const;

 private:
  std::string path_;
  std::vector<std::string> lines_;
};

}  // namespace vnet::cli
