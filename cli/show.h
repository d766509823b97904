// SPDX-License-Identifier: GPL-2.0-only
// What the verbs that show something share: asking the hosts, and printing what they answered.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/hosts.h"
#include "cli/output.h"

namespace vnet::cli {

// Into an ifname member; false if it does not fit one.
template <size_t kSize>
bool set_name(char (&to)[kSize], const std::string& name) {
  if (name.empty() || name.size() >= kSize) return false;
  to[name.copy(to, kSize - 1)] = '\0';
  return true;
}

// Of the device `name` the one host, of none all hosts: `ask` asks one. Nothing is shown yet if it
// fails. A host that ends while all are asked is left out.
Failure ask_hosts(const std::string& name, const Options& options,
                  const std::function<Failure(Transport&)>& ask);

// With -details: which host it is of.
Json with_host(Json object, Host host, const Options& options);
std::string_view host_name(Host host);

// Lines of columns, each as wide as its widest cell; the first line is the heading. Numbers stand
// right.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::vector<std::string> lines() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace vnet::cli
