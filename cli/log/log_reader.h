// SPDX-License-Identifier: GPL-2.0-only
// A log that was written, read back. What is malformed is said with its line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "cli/output.h"

namespace vnet::cli {

// A queue of a direction of a link, seen from the link's first device.
struct WireKey {
  std::string device, direction;
  vnet_u32 queue = 0;
  bool operator<(const WireKey& other) const {
    return std::tie(device, direction, queue) <
           std::tie(other.device, other.direction, other.queue);
  }
};
std::string text_of(const WireKey& key);  // "v0 tx queue 0"

struct LoggedDecision {
  size_t line;
  vnet_u64 time, frame;
  vnet_u32 run;
  std::string what, stream;  // no stream: it depends on time
  Json fields;               // all of the line
};

// What decides from a frame on.
struct LoggedSettings {
  size_t line;
  vnet_u64 time;  // 0: from the beginning
  std::string words;
  vnet_u64 seed;
  vnet_u32 place, run;
  vnet_u64 frames;  // that had come when it was asked
  vnet_u64 after;   // the last frame before
  vnet_u32 loss_state, since_early;
};

struct LoggedWire {
  std::vector<LoggedSettings> settings;  // the first is the log's beginning
  std::vector<LoggedDecision> decisions;
  std::optional<vnet_u64> frames;  // at the end
  vnet_u64 missed = 0;
};

// fault_armed, _forced, _fired, _ended, or what there was at the beginning.
struct LoggedFault {
  size_t line;
  vnet_u64 time;
  std::string what, device;
  vnet_u32 fault;
  Json fields;
};

struct Log {         // NOLINT(bugprone-exception-escape): the JSON's move is not noexcept
  std::string name;  // of the file
  Json header;
  std::map<WireKey, LoggedWire> wires;
  std::vector<std::vector<std::string>> links;  // their devices
  std::vector<LoggedFault> faults;
  std::vector<Json> changes;  // of settings, a line for all queues of a wire, with "time"
  vnet_u64 missed_messages = 0;
  vnet_u64 last_time = 0;
  bool complete = false;  // it has an end

  // The wire as the log has it, from either end of its link; none if it is not there.
  std::optional<WireKey> find(const std::string& device, const std::string& direction,
                              vnet_u32 queue) const;
};

// The run that a wire was in when a line was written.
vnet_u32 run_at(const LoggedWire& wire, size_t line);

// The error is "FILE:LINE: what is wrong".
Result<Log> read_log(const std::string& path);

}  // namespace vnet::cli
