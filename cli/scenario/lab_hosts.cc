// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/lab_hosts.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/host_end.h"
#include "cli/hosts.h"
#include "cli/scenario/netns_scope.h"

namespace vnet::cli {
namespace {

using user::UniqueFd;

// stdout and stderr, for a while into memory.
class Captured {
 public:
  Captured() : memory_(memfd_create("said", MFD_CLOEXEC)) {
    std::fflush(nullptr);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
      before_[fd - 1] = UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 3));
      dup2(memory_.get(), fd);
    }
  }
  Captured(const Captured&) = delete;
  ~Captured() {
    std::fflush(nullptr);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) dup2(before_[fd - 1].get(), fd);
  }
  std::string text() const {
    std::fflush(nullptr);
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = pread(memory_.get(), buffer, sizeof(buffer), off_t(text.size()))) > 0;)
      text.append(buffer, static_cast<size_t>(n));
    return text;
  }

 private:
  UniqueFd memory_, before_[2];
};

}  // namespace

Failure LabHosts::open(const Scenario& scenario, const Lab& lab) {
  for (size_t i = 0; i < scenario.links.size(); i++) {
    for (const ScenarioEnd& end : scenario.links[i].ends) names_[end.name.device] = end.name.text();
    if (Failure failure = open_of_link(scenario, lab, i)) return failure;
  }
  return {};
}

Failure LabHosts::open_of_link(const Scenario& scenario, const Lab& lab, size_t index) {
  for (const ScenarioEnd& end : scenario.links[index].ends) {
    const std::string netns = lab.real(end.name.netns);
    Result<NetnsScope> scope = NetnsScope::enter(netns);
    if (!scope) return scope.error();
    Result<std::unique_ptr<Transport>> host = open_host_of(end.name.device, HostChoice::kAny);
    if (!host) return host.error();
    const Host kind = (*host)->host();
    const bool first = &end == &scenario.links[index].ends[0];
    if (first) link_hosts_.push_back(kind);
    // A driver has both ends; the module answers for the devices of one namespace.
    const bool known = kind == Host::kUser
                           ? !first
                           : std::find(asked_.begin(), asked_.end(), netns) != asked_.end();
    if (known) continue;
    if (kind == Host::kKernel) asked_.push_back(netns);
    hosts_.push_back(std::move(*host));
    Result<std::unique_ptr<Transport>> events = open_host_of(end.name.device, HostChoice::kAny);
    if (!events) return events.error();
    if (Failure failure = (*events)->subscribe(VNET_GROUP_EVENTS)) return failure;
    events_.push_back(std::move(*events));
  }
  return {};
}

Result<std::map<std::string, DeviceSample>> LabHosts::sample() {
  Result<Sample> sample = take_sample(hosts_);
  if (!sample) return sample.error();
  std::map<std::string, DeviceSample> devices;
  for (DeviceSample& device : sample->devices)
    if (const auto name = names_.find(device.name); name != names_.end())
      devices[name->second] = std::move(device);
  return devices;
}

void LabHosts::append_events_to(std::vector<pollfd>& wanted) const {
  for (const std::unique_ptr<Transport>& host : events_) wanted.push_back({host->fd(), POLLIN, 0});
}

void LabHosts::read_events(
    const std::function<void(const vnet_event_values&, const std::string&)>& visit) {
  const auto gone = [&](const std::unique_ptr<Transport>& host) {
    Failure failure;
    do {
      failure = host->receive([&](const Reply& reply) {
        vnet_event_values event{};
        if (!reply.decode(event)) return;
        const auto name =
            names_.find(std::string(static_cast<const char*>(event.ifname.data), event.ifname.len));
        if (name != names_.end()) visit(event, name->second);
      });
    } while (failure && failure->code == ENOBUFS);
    return failure.has_value();
  };
  std::erase_if(events_, gone);
}

CommandResult run_here(const std::string& real_netns, const Argv& words) {
  Result<NetnsScope> scope = NetnsScope::enter(real_netns);
  if (!scope) return {kRefused, scope.error().text};
  const Captured captured;
  Context context;
  context.place = "";
  CommandResult result;
  result.status = run_command(context, Words(words));
  result.text = captured.text();
  while (result.text.ends_with('\n')) result.text.pop_back();
  return result;
}

}  // namespace vnet::cli
