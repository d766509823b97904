// SPDX-License-Identifier: GPL-2.0-only
// The counters of a lab's devices at regular times, for the report.
#pragma once

#include "cli/scenario/history.h"
#include "cli/scenario/lab_hosts.h"
#include "cli/scenario/run_recorder.h"
#include "cli/scenario/tick_timer.h"
#include "cli/scenario/ticker.h"

namespace vnet::cli {

class Sampler : public Ticker {
 public:
  // From now on.
  static Result<std::unique_ptr<Sampler>> start(LabHosts& hosts, RunRecorder& recorder,
                                                vnet_u64 interval_ns);

  void append_to(std::vector<pollfd>& wanted) const override {
    wanted.push_back({timer_.fd(), POLLIN, 0});
  }
  void work() override;
  void take();  // one more, now

 private:
  Sampler(LabHosts& hosts, RunRecorder& recorder, vnet_u64 interval_ns)
      : hosts_(hosts), recorder_(recorder), interval_ns_(interval_ns) {}
  void thin_out();

  LabHosts& hosts_;
  RunRecorder& recorder_;
  vnet_u64 interval_ns_;
  TickTimer timer_;
};

}  // namespace vnet::cli
