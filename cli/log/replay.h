// SPDX-License-Identifier: GPL-2.0-only
// Repeats a recorded run on living devices: the same settings, faults and seed, and the same
// changes at the same times. The traffic is the user's.
#pragma once

#include <memory>
#include <vector>

#include "cli/log/comparison.h"
#include "cli/log/log_recorder.h"
#include "cli/stop_signals.h"

namespace vnet::cli {

class Replay {
 public:
  struct Request {
    HostChoice host = HostChoice::kAny;
    std::string log;           // where the new log goes
    vnet_u64 patience_ns = 0;  // how long frames that are missing are waited for, at the end
  };

  // The error names what the living devices do not have, or what of a log cannot be repeated.
  static Result<std::unique_ptr<Replay>> open(const Log& record, Request request);

  // Makes the beginning as it was.
  Failure prepare();
  // Until as many frames have come as then, a signal, or `patience` without a frame after the
  // recorded time. Says the first difference as soon as it is seen.
  Failure run();

 private:
  // What was changed in the recorded run.
  struct Step {
    vnet_u64 time;
    std::string device, direction;
    std::string words;                  // of the direction's settings, or of a fault
    std::optional<vnet_u64> seed = {};  // a run began
    enum Kind { kSettings, kArm, kFire, kDelete } kind = kSettings;
    vnet_u32 fault = 0;
    // That had come in the run, of the direction, or of both; none: a run began.
    std::optional<vnet_u64> frames = {};
  };

  Replay(const Log& record, Request request, LogWriter log, StopSignals signals)
      : record_(record),
        request_(std::move(request)),
        log_(std::move(log)),
        signals_(std::move(signals)) {}

  Failure find_hosts();
  void plan();
  void plan_fault(const LoggedFault& fault);
  Failure apply(const Step& step);
  Failure set_words(const std::string& device, const std::string& direction,
                    const std::string& words);
  Failure set_seed(const std::string& device, vnet_u64 seed);
  Failure add_fault(const std::string& device, vnet_u32 id, const std::string& words);
  Failure change_fault(const Step& step);
  Failure delete_faults(const std::string& device);
  bool is_due(const Step& step, vnet_u64 time, const std::map<WireKey, vnet_u64>& frames) const;
  Failure steps_due(vnet_u64 time, const std::map<WireKey, vnet_u64>& frames);
  bool wait(int milliseconds);
  // Whether as many frames have come as then.
  bool all_came(const std::map<WireKey, vnet_u64>& frames) const;
  void look();

  const Log& record_;
  Request request_;
  LogWriter log_;
  StopSignals signals_;
  std::unique_ptr<LogRecorder> recorder_;
  std::map<std::string, std::unique_ptr<Transport>> hosts_;           // by device
  std::map<std::pair<std::string, std::string>, std::string> words_;  // in force
  std::vector<Step> steps_;
  size_t next_step_ = 0;
  vnet_u64 looked_at_ = 0;  // frames
  vnet_u64 looked_ns_ = 0;
  std::map<WireKey, vnet_u64> had_;  // then
  bool differs_ = false;
  bool is_quiet_ = false;  // for the patience, no frame has come
};

}  // namespace vnet::cli
