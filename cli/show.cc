// SPDX-License-Identifier: GPL-2.0-only
#include "cli/show.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/host_end.h"

namespace vnet::cli {
namespace {

bool is_number(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789./-") == std::string::npos;
}

}  // namespace

Failure ask_hosts(const std::string& name, const Options& options,
                  const std::function<Failure(Transport&)>& ask) {
  if (!name.empty()) {
    Result<std::unique_ptr<Transport>> host = open_host_of(name, options.host);
    if (!host) return host.error();
    Failure failure = ask(**host);
    if (failure) failure->text = fmt::format("'{}': {}", name, failure->text);
    return failure;
  }
  Result<std::vector<std::unique_ptr<Transport>>> hosts = open_hosts(options.host);
  if (!hosts) return hosts.error();
  for (const std::unique_ptr<Transport>& host : *hosts)
    if (Failure failure = ask(*host); failure && !has_ended(*failure)) return failure;
  return {};
}

std::string_view host_name(Host host) {
  return host == Host::kKernel ? "kernel" : "user";
}

Json with_host(Json object, Host host, const Options& options) {
  if (options.details) object["host"] = host_name(host);
  return object;
}

std::vector<std::string> Table::lines() const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], row[i].size());
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); i++) {
      // A heading stands as what is under it.
      const bool right = is_number(rows_.size() > 1 ? rows_[1][i] : row[i]);
      const bool last = i + 1 == row.size();
      if (i > 0) line += "  ";
      if (right) {
        line += fmt::format("{:>{}}", row[i], widths[i]);
      } else {
        line += last ? row[i] : fmt::format("{:<{}}", row[i], widths[i]);
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace vnet::cli
