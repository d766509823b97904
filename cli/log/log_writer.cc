// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/log_writer.h"

#include <fmt/format.h>
#include <vnet/version.h>

#include <iterator>

#include "cli/log/log_format.h"
#include "user/clock.h"

namespace vnet::cli {
Result<LogWriter> LogWriter::open(const std::string& path, std::optional<LoggedScenario> scenario) {
  Result<OutputFile> file = OutputFile::open(path);
  if (!file) return file.error();
  return LogWriter(std::move(*file), std::move(scenario));
}

Failure LogWriter::add_link(Json link) {
  if (!has_begun()) {
    links_.push_back(std::move(link));
    return {};
  }
  Json line = {{"what", "link"}};
  line.update(link);
  add(user::realtime_ns(), line);
  return flush();
}

Failure LogWriter::begin() {
  started_ = user::realtime_ns();
  Json header = {{"format", kLogFormat},
                 {"version", kLogVersion},
                 {"program", VNET_VERSION},
                 {"started", started_},
                 {"links", links_}};
  if (scenario_) {
    header["scenario"] = scenario_->text;
    header["scenario_file"] = scenario_->file;
    header["scenario_seed"] = scenario_->seed;
  }
  pending_ += json_line(header) + '\n';
  return flush();
}

void LogWriter::add(vnet_u64 realtime, const Json& fields) {
  const std::string text = json_line(fields);
  add_text(realtime, text.substr(1, text.size() - 2));
}

// What was told before the log began is of its beginning.
void LogWriter::add_text(vnet_u64 realtime, const std::string& fields) {
  const vnet_u64 time = realtime > started_ ? realtime - started_ : 0;
  fmt::format_to(std::back_inserter(pending_), R"({{"time":{},{}}})", time, fields);
  pending_ += '\n';
}

Failure LogWriter::flush() {
  if (pending_.empty()) return {};
  const std::string lines = std::exchange(pending_, {});
  return file_.write(lines);
}

}  // namespace vnet::cli
