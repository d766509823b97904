// SPDX-License-Identifier: GPL-2.0-only
#include "cli/text_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "user/fd.h"

namespace vnet::cli {
namespace {

// More than the longest trace has in its widest form.
constexpr size_t kMost = 256u << 20;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

std::vector<Field> fields_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<Field> fields;
  size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < line.size() && is_blank(line[at])) at++;
  };
  for (skip_blanks(); at < line.size(); skip_blanks()) {
    const size_t start = at;
    while (at < line.size() && !is_blank(line[at]) && line[at] != ',') at++;
    fields.push_back({std::string(line.substr(start, at - start)), start + 1});
    skip_blanks();
    if (at < line.size() && line[at] == ',') at++;
  }
  return fields;
}

user::Result<std::string> read_text(const std::string& path, size_t most) {
  const user::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return user::errno_error(path);
  std::string text;
  std::vector<char> buffer(1u << 16);
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return user::errno_error(path);
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(n));
    if (text.size() > most)
      return user::Error{fmt::format("{}: it is longer than {} MiB", path, most >> 20)};
  }
}

user::Result<TextFile> TextFile::read(const std::string& path) {
  const user::Result<std::string> read = read_text(path, kMost);
  if (!read) return read.error();
  const std::string& text = *read;
  TextFile file;
  file.path_ = path;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    file.lines_.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return file;
}

user::Error TextFile::error(size_t line, size_t column, std::string_view text) const {
  return {fmt::format("{}: line {}, column {}: {}", path_, line, column, text)};
}

user::Error TextFile::error(std::string_view text) const {
  return {fmt::format("{}: {}", path_, text)};
}

}  // namespace vnet::cli
