// SPDX-License-Identifier: GPL-2.0-only
#include "cli/trace_file.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/values.h"

namespace vnet::cli {
namespace {

using user::Failure;
using user::Result;

constexpr vnet_u64 kTimeEnd = 1ull << 63;
constexpr vnet_u64 kMs = 1000000;
constexpr vnet_u64 kOpportunityBits = 8 * 1500;

// A value in a row: how it is read, what it must be, and what it should have looked like.
struct Column {
  vnet_u64 vnet_trace_row::*member;
  std::optional<vnet_u64> (*parse)(const std::string&);
  vnet_u64 min, end;
  const char* form;
  const char* range;
};

std::optional<vnet_u64> parse_ns(const std::string& text) {
  return parse_time(text, TimeUnit::kNs);
}

constexpr Column kColumns[] = {
    {&vnet_trace_row::time, parse_ns, 0, kTimeEnd, "a time such as 500ms",
     "a time is below 2^63 ns"},
    {&vnet_trace_row::rate, parse_rate, 1, VNET_RATE_MAX + 1, "a rate such as 10mbit",
     "a rate is 1bit to 4tbit"},
    {&vnet_trace_row::delay, parse_ns, 0, kTimeEnd, "a time such as 20ms",
     "a delay is below 2^63 ns"},
    {&vnet_trace_row::loss, parse_percent, 0, VNET_ALWAYS + 1, "a percentage such as 1%, 0 to 100%",
     ""},
};

// What is left out is as the knob beside the trace says; the time is not.
Failure read_field(const TextFile& file, size_t line, const Field& field, const Column& column,
                   vnet_trace_row& row) {
  const bool left_out = field.text.empty() || field.text == "-";
  if (left_out && column.member != &vnet_trace_row::time) return {};
  const std::optional<vnet_u64> value = column.parse(field.text);
  if (!value)
    return file.error(line, field.column, fmt::format("'{}' is not {}", field.text, column.form));
  if (*value < column.min || *value >= column.end)
    return file.error(line, field.column, fmt::format("'{}': {}", field.text, column.range));
  row.*column.member = *value;
  return {};
}

Failure read_row(const TextFile& file, size_t line, const std::vector<Field>& fields,
                 TraceRows& rows) {
  if (rows.size() == VNET_TRACE_MAX)
    return file.error(line, 1, fmt::format("a trace has at most {} rows", VNET_TRACE_MAX));
  if (fields.size() > std::size(kColumns))
    return file.error(line, fields[std::size(kColumns)].column,
                      "a row is time, rate, delay and loss");
  vnet_trace_row row{0, VNET_TRACE_KEEP, VNET_TRACE_KEEP, VNET_TRACE_KEEP};
  for (size_t i = 0; i < fields.size(); i++)
    if (Failure failure = read_field(file, line, fields[i], kColumns[i], row)) return failure;
  if (rows.empty() && row.time != 0)
    return file.error(line, fields[0].column, "the first row's time is 0");
  if (!rows.empty() && row.time <= rows.back().time)
    return file.error(line, fields[0].column,
                      fmt::format("'{}' is not after the row before it", fields[0].text));
  rows.push_back(row);
  return {};
}

}  // namespace

Result<TraceRows> read_trace(const std::string& path) {
  Result<TextFile> file = TextFile::read(path);
  if (!file) return file.error();
  TraceRows rows;
  bool named = false;
  for (size_t i = 0; i < file->lines().size(); i++) {
    const std::vector<Field> fields = fields_of(file->lines()[i]);
    if (fields.empty()) continue;
    // A table's heading.
    if (rows.empty() && !named && fields[0].text == "time") {
      named = true;
      continue;
    }
    if (Failure failure = read_row(*file, i + 1, fields, rows)) return *failure;
  }
  if (rows.empty()) return file->error("it has no rows");
  return rows;
}

// Between two milliseconds with opportunities the rate is what sends as much by the second.
Result<TraceRows> read_mahimahi(const std::string& path) {
  Result<TextFile> file = TextFile::read(path);
  if (!file) return file.error();
  TraceRows rows;
  vnet_u64 begin = 0, now = 0, opportunities = 0;
  const auto end_step = [&] {
    if (now == begin) return;
    const vnet_u64 rate =
        (opportunities * kOpportunityBits * 1000 + (now - begin) / 2) / (now - begin);
    rows.push_back({begin * kMs, std::clamp<vnet_u64>(rate, 1, VNET_RATE_MAX), VNET_TRACE_KEEP,
                    VNET_TRACE_KEEP});
    begin = now;
    opportunities = 0;
  };
  for (size_t i = 0; i < file->lines().size(); i++) {
    const std::vector<Field> fields = fields_of(file->lines()[i]);
    if (fields.empty()) continue;
    const std::optional<vnet_u64> time = parse_number(fields[0].text);
    if (!time || *time >= kTimeEnd / kMs)
      return file->error(i + 1, fields[0].column,
                         fmt::format("'{}' is not a number of milliseconds", fields[0].text));
    if (fields.size() > 1)
      return file->error(i + 1, fields[1].column, "one number stands on a line");
    if (*time < now)
      return file->error(i + 1, fields[0].column,
                         fmt::format("'{}' is before the line before it", fields[0].text));
    if (*time > now) end_step();
    now = *time;
    opportunities++;
    if (rows.size() + 2 > VNET_TRACE_MAX)
      return file->error(i + 1, 1, fmt::format("a trace has at most {} rows", VNET_TRACE_MAX));
  }
  if (now == 0) return file->error("it has no opportunity to send after 0 ms");
  end_step();
  // Where a loop begins anew, and what holds without one.
  rows.push_back({now * kMs, rows.back().rate, VNET_TRACE_KEEP, VNET_TRACE_KEEP});
  return rows;
}

}  // namespace vnet::cli
