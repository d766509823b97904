// SPDX-License-Identifier: GPL-2.0-only
// A link's delay, measured: an ICMP echo from end a's address to end b's at regular times. The
// probes are frames as any others: they count, and are lost.
#pragma once

#include <netinet/in.h>

#include "cli/scenario/lab.h"
#include "cli/scenario/run_recorder.h"
#include "cli/scenario/tick_timer.h"
#include "cli/scenario/ticker.h"

namespace vnet::cli {

class Probe : public Ticker {
 public:
  // Of the scenario's link with this number, which has IPv4 addresses at both ends.
  static Result<std::unique_ptr<Probe>> start(const Scenario& scenario, const Lab& lab, size_t link,
                                              RunRecorder& recorder);
  void append_to(std::vector<pollfd>& wanted) const override;
  void work() override;

 private:
  Probe(size_t link, RunRecorder& recorder) : link_(link), recorder_(recorder) {}
  void send();
  void receive();

  size_t link_;
  RunRecorder& recorder_;
  TickTimer timer_;
  user::UniqueFd socket_;
  sockaddr_in to_{};
};

}  // namespace vnet::cli
