// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/log_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>

#include "cli/log/log_format.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

// What is wrong with a line; only within this file.
struct Malformed {
  std::string text;
};

[[noreturn]] void refuse(const std::string& text) {
  throw Malformed{text};
}

const Json& field(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) refuse(fmt::format("'{}' is missing", key));
  return *found;
}

std::string text(const Json& object, const char* key) {
  const Json& value = field(object, key);
  if (!value.is_string()) refuse(fmt::format("'{}' is not a string", key));
  return value.get<std::string>();
}

vnet_u64 number(const Json& object, const char* key, vnet_u64 most = ~0ull) {
  const Json& value = field(object, key);
  if (!value.is_number_unsigned()) refuse(fmt::format("'{}' is not a number from 0 on", key));
  if (value.get<vnet_u64>() > most) refuse(fmt::format("'{}' is more than {}", key, most));
  return value.get<vnet_u64>();
}

vnet_u32 small(const Json& object, const char* key) {
  return static_cast<vnet_u32>(number(object, key, 0xffffffff));
}

const Json& array(const Json& object, const char* key) {
  const Json& value = field(object, key);
  if (!value.is_array()) refuse(fmt::format("'{}' is not an array", key));
  for (const Json& each : value)
    if (!each.is_object() && !each.is_string())
      refuse(fmt::format("'{}' has what is neither an object nor a string", key));
  return value;
}

vnet_u64 hexadecimal(const Json& object, const char* key) {
  const std::optional<vnet_u64> value = parse_hex64(text(object, key));
  if (!value) refuse(fmt::format("'{}' is not a hexadecimal number", key));
  return *value;
}

std::string direction(const Json& object) {
  std::string word = text(object, "direction");
  if (word != "tx" && word != "rx") refuse("'direction' is neither tx nor rx");
  return word;
}

class Reader {
 public:
  explicit Reader(Log& log) : log_(log) {}

  void read(const std::string& line) {
    number_++;
    Json object = Json::parse(line, nullptr, false);
    if (object.is_discarded()) refuse("this is not JSON");
    if (!object.is_object()) refuse("this is not an object");
    if (number_ == 1) return header(std::move(object));
    // A scenario has an end for each host, and its verdict behind them.
    if (log_.complete && !log_.header.contains("scenario")) refuse("the log has ended before");
    time_ = number(object, "time");
    log_.last_time = std::max(log_.last_time, time_);
    take(text(object, "what"), object);
  }
  size_t line() const { return number_; }

 private:
  void header(Json object) {
    const bool ours = object.contains("format") && object["format"] == kLogFormat;
    if (!ours) refuse("this is not a log of vnet: a header is missing");
    if (number(object, "version") != kLogVersion)
      refuse(fmt::format("version {} is not known: this is version {}", number(object, "version"),
                         kLogVersion));
    for (const Json& each : array(object, "links")) link(each);
    log_.header = std::move(object);
  }

  void take(const std::string& what, const Json& object) {
    if (what == "settings") return change(object);
    if (what == "missed") return missed(object);
    if (what == "end") return end(object);
    if (what == "link") return link(object);
    if (object.contains("fault")) return fault(what, object);
    if (object.contains("frame")) return decision(what, object);
    // What else happened is for those who read.
  }

  void link(const Json& object) {
    std::vector<std::string> devices;
    for (const Json& device : array(object, "devices")) devices.push_back(device);
    if (devices.empty() || devices.size() > 2) refuse("'devices' are not one or two");
    log_.links.push_back(devices);
    for (const Json& each : array(object, "wires")) settings(each);
    for (const Json& each : array(object, "faults")) {
      fault_at(0, "fault_armed", each);
      log_.faults.back().fields["what"] = "fault_armed";
    }
  }

  WireKey key_of(const Json& object) {
    return {text(object, "device"), direction(object), small(object, "queue")};
  }

  void settings(const Json& object) {
    for (const Json& each : array(object, "queues")) {
      const WireKey key{text(object, "device"), direction(object), small(each, "queue")};
      log_.wires[key].settings.push_back(
          {number_, time_, text(object, "words"), hexadecimal(object, "seed"),
           small(object, "place"), small(each, "run"), number(each, "frames"),
           number(each, "after"), small(each, "loss_state"), small(each, "since_early")});
    }
  }

  void change(const Json& object) {
    settings(object);
    log_.changes.push_back(object);
  }

  LoggedWire& wire_at(const WireKey& key) {
    const auto wire = log_.wires.find(key);
    if (wire == log_.wires.end()) refuse("no link before has such a wire");
    return wire->second;
  }

  void decision(const std::string& what, const Json& object) {
    LoggedWire& wire = wire_at(key_of(object));
    const std::string of = text(object, "class");
    if (of != "stream" && of != "timing") refuse("'class' is neither stream nor timing");
    const std::string stream = of == "stream" ? text(object, "stream") : "";
    if (object.contains("value")) (void)number(object, "value");
    if (object.contains("length")) (void)small(object, "length");
    if (object.contains("draw")) (void)hexadecimal(object, "draw");
    const vnet_u64 frame = number(object, "frame");
    wire.decisions.push_back({number_, time_, frame, small(object, "run"), what, stream, object});
  }

  void fault(const std::string& what, const Json& object) { fault_at(time_, what, object); }
  void fault_at(vnet_u64 time, const std::string& what, const Json& object) {
    if (what == "fault_fired") {
      (void)number(object, "number");
      (void)small(object, "queue");
    }
    for (const char* key : {"frame", "frames"})
      if (object.contains(key)) (void)number(object, key);
    for (const char* key : {"words", "class"})
      if (object.contains(key)) (void)text(object, key);
    log_.faults.push_back(
        {number_, time, what, text(object, "device"), small(object, "fault"), object});
  }

  void missed(const Json& object) {
    if (!object.contains("decisions")) {
      log_.missed_messages += object.contains("messages") ? number(object, "messages") : 1;
      return;
    }
    wire_at(key_of(object)).missed += number(object, "decisions");
  }

  void end(const Json& object) {
    for (const Json& wire : array(object, "wires"))
      for (const Json& each : array(wire, "queues"))
        wire_at({text(wire, "device"), direction(wire), small(each, "queue")}).frames =
            number(each, "frames");
    log_.complete = true;
  }

  Log& log_;
  size_t number_ = 0;
  vnet_u64 time_ = 0;
};

}  // namespace

std::string text_of(const WireKey& key) {
  return fmt::format("{} {} queue {}", key.device, key.direction, key.queue);
}

std::optional<WireKey> Log::find(const std::string& device, const std::string& direction,
                                 vnet_u32 queue) const {
  for (const std::vector<std::string>& devices : links) {
    WireKey key{devices[0], direction, queue};
    if (devices.size() > 1 && device == devices[1]) key.direction = direction == "tx" ? "rx" : "tx";
    if (std::find(devices.begin(), devices.end(), device) != devices.end() && wires.contains(key))
      return key;
  }
  return {};
}

vnet_u32 run_at(const LoggedWire& wire, size_t line) {
  vnet_u32 run = 0;
  for (const LoggedSettings& each : wire.settings)
    if (each.line < line) run = each.run;
  return run;
}

Result<Log> read_log(const std::string& path) {
  std::ifstream in(path);
  if (!in) return user::errno_error(path);
  Log log;
  log.name = path;
  Reader reader(log);
  try {
    for (std::string line; std::getline(in, line);) reader.read(line);
  } catch (const Malformed& malformed) {
    return Error{fmt::format("{}:{}: {}", path, reader.line(), malformed.text), EINVAL};
  } catch (const Json::exception& error) {
    return Error{fmt::format("{}:{}: {}", path, reader.line(), error.what()), EINVAL};
  }
  if (in.bad()) return user::errno_error(path);
  if (reader.line() == 0) return Error{fmt::format("{}:1: the file is empty", path), EINVAL};
  return log;
}

}  // namespace vnet::cli
