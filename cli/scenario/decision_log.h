// SPDX-License-Identifier: GPL-2.0-only
// What befalls each frame, into the run's log, as `vnet monitor --log` has it.
#pragma once

#include <memory>
#include <vector>

#include "cli/log/log_recorder.h"
#include "cli/scenario/lab_hosts.h"
#include "cli/scenario/ticker.h"

namespace vnet::cli {

class DecisionLog : public Ticker {
 public:
  // Of all links; `log`, which outlives this, has not begun yet.
  static Result<std::unique_ptr<DecisionLog>> open(const Scenario& scenario, const Lab& lab,
                                                   const LabHosts& hosts, LogWriter& log);
  void append_to(std::vector<pollfd>& wanted) const override;
  void work() override;
  // Writes how many frames each wire has had. The failure is the first there was.
  Failure close();

 private:
  DecisionLog() = default;
  std::vector<std::unique_ptr<LogRecorder>> recorders_;
  Failure failure_;
};

}  // namespace vnet::cli
