// SPDX-License-Identifier: GPL-2.0-only
#include "cli/batch.h"

#include <fmt/core.h>

#include <fstream>
#include <iostream>

namespace vnet::cli {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// With the lines behind it that a backslash at its end adds, as in `ip -batch`. Returns how many.
size_t read_line(std::istream& in, std::string& line) {
  line.clear();
  std::string next;
  for (size_t count = 1; std::getline(in, next); count++) {
    line += next;
    if (!line.ends_with('\\')) return count;
    line.back() = ' ';
    if (in.peek() == std::istream::traits_type::eof()) return count;
  }
  return 0;
}

int run_line(const Options& options, const std::string& place, const std::string& line) {
  Context context;
  context.options = options;
  context.place = place;
  Result<std::vector<std::string>> words = split_line(line);
  if (!words) return context.syntax(words.error());
  if (words->empty()) return kOk;
  // What a line says is added to what the command line said.
  if (Failure failure = take_options(*words, context.options)) return context.syntax(*failure);
  if (!context.options.batch.empty() || context.options.netns != options.netns)
    return context.syntax(Error{"-batch and -netns stand on the command line"});
  return run_command(context, Words(*words));
}

}  // namespace

Result<std::vector<std::string>> split_line(const std::string& line) {
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      i++;
      continue;
    }
    if (line[i] == '#') break;
    std::string word;
    while (i < line.size() && !is_blank(line[i])) {
      const char quote = line[i];
      if (quote != '\'' && quote != '"') {
        word += line[i++];
        continue;
      }
      const size_t end = line.find(quote, i + 1);
      if (end == std::string::npos) return Error{fmt::format("a {} is not closed", quote)};
      word.append(line, i + 1, end - i - 1);
      i = end + 1;
    }
    words.push_back(std::move(word));
  }
  return words;
}

int run_batch(const Options& options) {
  const bool from_stdin = options.batch == "-";
  std::ifstream file;
  if (!from_stdin) {
    file.open(options.batch);
    if (!file) return Context().refused(user::errno_error(options.batch));
  }
  Options each = options;
  each.batch.clear();
  std::istream& in = from_stdin ? std::cin : file;
  std::string line;
  int status = kOk;
  for (size_t number = 1, lines = 0; (lines = read_line(in, line)) > 0; number += lines) {
    const std::string place =
        fmt::format("vnet: {}:{}: ", from_stdin ? "standard input" : options.batch, number);
    const int now = run_line(each, place, line);
    if (now == kOk) continue;
    if (status == kOk) status = now;
    if (!options.force) break;
  }
  if (in.bad()) return Context().refused(user::errno_error(options.batch));  // a folder
  return status;
}

}  // namespace vnet::cli
