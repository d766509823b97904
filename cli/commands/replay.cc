// SPDX-License-Identifier: GPL-2.0-only
// `vnet replay`: a recorded run again.
#include "cli/log/replay.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include "cli/commands.h"
#include "cli/log/verdict.h"
#include "cli/scenario/read.h"
#include "cli/scenario/run.h"
#include "cli/scenario/same_run_dir.h"
#include "cli/show.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 kPatienceNs = 5'000'000'000;

constexpr Parameter kParameters[] = {
    {.keyword = "record",
     .value = "FILE",
     .help = "the log of the run",
     .kind = Parameter::kPositional,
     .required = true},
    {.keyword = "--log", .value = "FILE", .help = "where the new log goes; without it nowhere"},
    {.keyword = "patience", .value = "TIME", .help = "how long missing frames are waited for, 5s"},
};

// Without a file the log is in memory.
Result<std::string> path_of(const Arguments& arguments) {
  if (arguments.has("--log")) return arguments.get("--log");
  const int fd = memfd_create("vnet-log", MFD_CLOEXEC);
  if (fd < 0) return user::errno_error("memory");
  return fmt::format("/proc/self/fd/{}", fd);
}

int compare(Context& context, const Arguments& arguments, const Log& record,
            const std::string& path) {
  Result<Log> log = read_log(path);
  if (!log) return context.refused(log.error());
  log->name = arguments.has("--log") ? path : "replay";
  return print_verdict(context, record, *log);
}

// A scenario has its traffic with it: it is played again, with the seed of then.
int play_again(Context& context, const Arguments& arguments, const Log& record,
               const std::string& path) {
  const auto header = [&](const char* key) {
    const Json value = record.header.value(key, Json());
    return value.is_string() ? value.get<std::string>() : std::string();
  };
  Result<Scenario> scenario =
      parse_scenario(header("scenario_file"), header("scenario"), FileUse::kRun);
  if (!scenario) return context.refused(scenario.error());
  RunRequest request;
  request.scenario = std::move(*scenario);
  request.scenario.seed = parse_hex64(header("scenario_seed"));
  if (!request.scenario.seed)
    return context.refused(Error{fmt::format("{}:1: 'scenario_seed' is missing", record.name)});
  request.log = path;
  request.quiet = context.options.json;
  const SameRunDirAfterwards scope;
  Result<History> history = run_scenario(request);
  if (!history)
    return context.refused(
        Error{fmt::format("{}: {}", request.scenario.file, history.error().text)});
  if (!context.options.json) fmt::print("{}\n", verdict_text(request.scenario, *history));
  return compare(context, arguments, record, path);
}

int run_replay(Context& context, const Arguments& arguments) {
  Replay::Request request{context.options.host, "", kPatienceNs};
  if (arguments.has("patience")) {
    const auto patience = parse_time(arguments.get("patience"), TimeUnit::kNs);
    if (!patience)
      return context.syntax(Error{fmt::format("replay: patience: '{}' is not a time such as 5s",
                                              arguments.get("patience"))});
    request.patience_ns = *patience;
  }
  if (arguments.has("--log") && arguments.get("--log") == arguments.get("record"))
    return context.syntax(Error{"replay: --log: the record itself would be overwritten"});
  Result<Log> record = read_log(arguments.get("record"));
  if (!record) return context.refused(record.error());
  Result<std::string> path = path_of(arguments);
  if (!path) return context.refused(path.error());
  if (record->header.contains("scenario")) return play_again(context, arguments, *record, *path);
  request.log = *path;
  Result<std::unique_ptr<Replay>> replay = Replay::open(*record, request);
  if (!replay) return context.refused(replay.error());
  if (Failure failure = (*replay)->prepare()) return context.refused(*failure);
  fmt::print(stderr, "{}: it is set up; the same traffic as then is to come now\n", record->name);
  if (Failure failure = (*replay)->run()) return context.refused(*failure);
  return compare(context, arguments, *record, *path);
}

constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "settings, faults and seed of a log, and their changes, on the same devices, or its "
             "scenario from the beginning; says where decisions differ. Exit status 0: nowhere, 1: "
             "somewhere, 2: trouble",
     .parameters = kParameters,
     .run = run_replay},
};

}  // namespace

const Object kReplayObject{"replay", "repeats a recorded run and compares it", kVerbs};

}  // namespace vnet::cli
