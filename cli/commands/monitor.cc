// SPDX-License-Identifier: GPL-2.0-only
// `vnet monitor`: what happens, as it happens.
#include "cli/commands/monitor.h"

#include <fmt/core.h>
#include <poll.h>
#include <time.h>

#include <cerrno>

#include "cli/commands.h"
#include "cli/event_feed.h"
#include "cli/log/log_recorder.h"
#include "cli/output.h"
#include "cli/output_file.h"
#include "cli/schema_words.h"
#include "cli/stop_signals.h"

namespace vnet::cli {
namespace {

// "[2026-11-26T09:30:19.123456]", local time, as of `ip -ts monitor`.
std::string time_stamp(vnet_u64 ns) {
  const auto seconds = static_cast<time_t>(ns / 1000000000);
  tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  const size_t length = strftime(text, sizeof(text), "%FT%T", &local);
  return fmt::format("[{}.{:06}]", std::string_view(text, length), ns % 1000000000 / 1000);
}

bool has(const vnet_event_values& event, unsigned attribute) {
  return event.has & (1ull << attribute);
}

std::string_view device_of(const vnet_event_values& event) {
  return {static_cast<const char*>(event.ifname.data), event.ifname.len};
}

// What the value of such an event counts (event-type in spec/vnet.yaml).
std::string_view value_word(vnet_u32 type) {
  switch (type) {
    case VNET_EVENT_TYPE_LOCKUP:
      return "frame";
    case VNET_EVENT_TYPE_TX_TIMEOUT:
      return "timeouts";
    case VNET_EVENT_TYPE_LOST:
      return "messages";
    case VNET_EVENT_TYPE_FAULT_FIRED:
      return "at";
    case VNET_EVENT_TYPE_FAULT_ENDED:
    case VNET_EVENT_TYPE_FAULT_FORCED:
      return "fired";
    default:
      return "value";
  }
}

// "5: v0: tx_timeout queue 0 timeouts 3"
std::string text_line(const vnet_event_values& event, const Options& options) {
  std::string line;
  if (options.timestamp && has(event, VNET_A_EVENT_TIME)) line += time_stamp(event.time) + ' ';
  if (has(event, VNET_A_EVENT_IFINDEX)) line += fmt::format("{}: ", event.ifindex);
  if (has(event, VNET_A_EVENT_IFNAME))
    line += painted(Paint::kDevice, device_of(event), options) + ": ";
  line += event_word(event.type);
  if (has(event, VNET_A_EVENT_FAULT))
    line += fmt::format(" {} {}", event.fault, fault_word(event.fault_what));
  if (has(event, VNET_A_EVENT_QUEUE)) line += fmt::format(" queue {}", event.queue);
  if (has(event, VNET_A_EVENT_VALUE) && event.type != VNET_EVENT_TYPE_FAULT_ARMED)
    line += fmt::format(" {} {}", value_word(event.type), event.value);
  if (has(event, VNET_A_EVENT_FRAME)) line += fmt::format(" frame {}", event.frame);
  if (has(event, VNET_A_EVENT_SEED)) line += " seed " + seed_text(event.seed);
  return line;
}

bool of_fault(vnet_u32 type) {
  return type == VNET_EVENT_TYPE_FAULT_ARMED || type == VNET_EVENT_TYPE_FAULT_FIRED ||
         type == VNET_EVENT_TYPE_FAULT_ENDED || type == VNET_EVENT_TYPE_FAULT_FORCED;
}
bool of_link(vnet_u32 type) {
  return !of_fault(type);
}

// Which events are shown. That some were lost always is: they may have been among them.
struct Wanted {
  std::string device;                // empty: of all
  bool (*type)(vnet_u32) = nullptr;  // null: each

  bool takes(const vnet_event_values& event) const {
    if (event.type == VNET_EVENT_TYPE_LOST) return true;
    return (device.empty() || device == device_of(event)) && (!type || type(event.type));
  }
};

// Collects lines.
EventFeed::Visitor printer(const Wanted& wanted, const Options& options, std::string& lines) {
  return [&](const Reply& reply) {
    vnet_event_values event{};
    if (reply.command != VNET_CMD_EVENT || !reply.decode(event) || !wanted.takes(event)) return;
    lines += options.json ? json_line(to_json(event)) : text_line(event, options);
    lines += '\n';
  };
}

// False: it is time to end. `Feed` is an EventFeed or a LogRecorder.
template <typename Feed>
bool wait(const Feed& feed, StopSignals& signals, const OutputFile& out) {
  std::vector<pollfd> wanted{{signals.fd(), POLLIN, 0}, {out.fd(), 0, 0}};
  feed.append_to(wanted);
  if (poll(wanted.data(), wanted.size(), feed.patience_ms()) < 0) return errno == EINTR;
  return !(wanted[0].revents && signals.came()) && !(wanted[1].revents & POLLERR);
}

// Until a signal, or until nobody reads any more. `read` visits what has come.
template <typename Feed, typename Read>
Failure follow(StopSignals& signals, const Feed& feed, const Read& read, const Wanted& wanted,
               const Options& options, bool prints) {
  Result<OutputFile> out = OutputFile::open("-");
  if (!out) return out.error();
  bool running = true;
  while (running) {
    running = wait(feed, signals, *out);
    std::string lines;
    Failure failure = read(printer(wanted, options, lines));
    if (!failure && prints && !lines.empty()) failure = out->write(lines);
    if (failure && failure->code == EPIPE) return {};
    if (failure) return failure;
  }
  return {};
}

Failure monitor(StopSignals& signals, const Wanted& wanted, const Options& options) {
  Result<std::unique_ptr<EventFeed>> feed = EventFeed::open(options.host, VNET_GROUP_EVENTS);
  if (!feed) return feed.error();
  const auto read = [&](const EventFeed::Visitor& visit) {
    (*feed)->read(visit);
    return Failure();
  };
  return follow(signals, **feed, read, wanted, options, true);
}

// The same, and a log of the device's link beside it.
Failure monitor_and_log(StopSignals& signals, const std::string& device, const std::string& path,
                        const Options& options) {
  Result<LogWriter> log = LogWriter::open(path);
  if (!log) return log.error();
  std::vector<std::string> devices;
  if (!device.empty()) devices.push_back(device);
  Result<std::unique_ptr<LogRecorder>> recorder = LogRecorder::open(options.host, devices, *log);
  if (!recorder) return recorder.error();
  if (Failure failure = log->begin()) return failure;
  const auto read = [&](const EventFeed::Visitor& visit) { return (*recorder)->read(visit); };
  if (Failure failure = follow(signals, **recorder, read, {device}, options, path != "-"))
    return failure;
  return (*recorder)->close();
}

int monitor_of(Context& context, const Arguments& arguments, bool (*type)(vnet_u32)) {
  const std::string& device = arguments.get("dev");
  Result<StopSignals> signals = StopSignals::open();
  if (!signals) return context.refused(signals.error());
  const Failure failure =
      arguments.has("--log")
          ? monitor_and_log(*signals, device, arguments.get("--log"), context.options)
          : monitor(*signals, {device, type}, context.options);
  return failure ? context.refused(*failure) : kOk;
}

int run_monitor(Context& context, const Arguments& arguments) {
  return monitor_of(context, arguments, nullptr);
}

constexpr Parameter kParameters[] = {
    {.keyword = "dev",
     .value = "DEV",
     .help = "only what happens to this device",
     .kind = Parameter::kPositional},
    {.keyword = "--log",
     .value = "FILE",
     .help = "also a log of each decision about a frame, each fault and each setting, for vnet "
             "explain, diff and replay"},
};
constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "one line for each event until SIGINT or SIGTERM; with -j one JSON object",
     .parameters = kParameters,
     .run = run_monitor},
};

}  // namespace

int link_monitor(Context& context, const Arguments& arguments) {
  return monitor_of(context, arguments, of_link);
}

int fault_monitor(Context& context, const Arguments& arguments) {
  return monitor_of(context, arguments, of_fault);
}

const Object kMonitorObject{"monitor", "events as they happen", kVerbs};

}  // namespace vnet::cli
