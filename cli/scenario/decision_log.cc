// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/decision_log.h"

#include "cli/scenario/netns_scope.h"

namespace vnet::cli {

Result<std::unique_ptr<DecisionLog>> DecisionLog::open(const Scenario& scenario, const Lab& lab,
                                                       const LabHosts& hosts, LogWriter& log) {
  std::unique_ptr<DecisionLog> all(new DecisionLog);
  // The module is heard in the namespace of a link's first end, a driver everywhere.
  std::map<std::string, std::vector<std::string>> devices;
  for (size_t i = 0; i < scenario.links.size(); i++) {
    const EndName& first = scenario.links[i].ends[0].name;
    const bool kernel = hosts.host_of(i) == Host::kKernel;
    devices[kernel ? lab.real(first.netns) : ""].push_back(first.device);
  }
  for (const auto& [netns, names] : devices) {
    const Result<NetnsScope> scope = NetnsScope::enter(netns);
    if (!scope) return scope.error();
    const HostChoice choice = netns.empty() ? HostChoice::kUser : HostChoice::kKernel;
    Result<std::unique_ptr<LogRecorder>> recorder = LogRecorder::open(choice, names, log);
    if (!recorder) return recorder.error();
    all->recorders_.push_back(std::move(*recorder));
  }
  return all;
}

void DecisionLog::append_to(std::vector<pollfd>& wanted) const {
  for (const std::unique_ptr<LogRecorder>& recorder : recorders_) recorder->append_to(wanted);
}

void DecisionLog::work() {
  // A log that cannot be written ends the recording; the run is more than its log.
  std::erase_if(recorders_, [this](const auto& recorder) {
    const Failure failure = recorder->read();
    if (!failure_) failure_ = failure;
    return failure.has_value();
  });
}

Failure DecisionLog::close() {
  for (const std::unique_ptr<LogRecorder>& recorder : recorders_)
    if (const Failure failure = recorder->close(); !failure_) failure_ = failure;
  return failure_;
}

}  // namespace vnet::cli
