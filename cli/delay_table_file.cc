// SPDX-License-Identifier: GPL-2.0-only
#include "cli/delay_table_file.h"

#include <fmt/core.h>
#include <vnet/impair.h>

#include <charconv>
#include <limits>

namespace vnet::cli {
namespace {

using user::Failure;
using user::Result;

Failure take(const TextFile& file, size_t line, const Field& field, std::vector<short>& values) {
  short value = 0;
  const char* const end = field.text.data() + field.text.size();
  const auto [rest, error] = std::from_chars(field.text.data(), end, value);
  if (error != std::errc() || rest != end)
    return file.error(
        line, field.column,
        fmt::format("'{}' is not a number from {} to {}", field.text,
                    std::numeric_limits<short>::min(), std::numeric_limits<short>::max()));
  if (!values.empty() && value < values.back())
    return file.error(line, field.column,
                      fmt::format("{} is less than the value before it", value));
  if (values.size() == VNET_TABLE_MAX)
    return file.error(line, field.column,
                      fmt::format("a table has at most {} values", VNET_TABLE_MAX));
  values.push_back(value);
  return {};
}

}  // namespace

Result<std::vector<short>> read_delay_table(const std::string& path) {
  Result<TextFile> file = TextFile::read(path);
  if (!file) return file.error();
  std::vector<short> values;
  for (size_t i = 0; i < file->lines().size(); i++)
    for (const Field& field : fields_of(file->lines()[i]))
      if (Failure failure = take(*file, i + 1, field, values)) return *failure;
  if (values.size() < VNET_TABLE_MIN)
    return file->error(fmt::format("a table has at least {} values", VNET_TABLE_MIN));
  return values;
}

}  // namespace vnet::cli
