// SPDX-License-Identifier: GPL-2.0-only
// `vnet run`: a lab from a file.
#include "cli/scenario/run.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "cli/output.h"
#include "cli/output_file.h"
#include "cli/scenario/lab.h"
#include "cli/scenario/plan.h"
#include "cli/scenario/read.h"
#include "cli/scenario/report.h"
#include "cli/scenario/same_run_dir.h"
#include "cli/show.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr Parameter kParameters[] = {
    {"file", "FILE", "the scenario: docs/scenarios.md has its form", Parameter::kPositional, true},
    {"-l|--log", "LOG", "writes what happens there, a JSON object a line"},
    {"-r|--report", "HTML", "writes a page with plots there"},
    {"--seed", "SEED", "instead of the file's"},
    {"--interval", "TIME", "how often counters are read for the report (100ms)"},
    {"--dry-run", "", "prints the commands that do the same, and does nothing"},
    {"--keep", "", "leaves the lab as it is at the end"},
    {"--down", "", "takes away what a kept or killed run of this file has left"},
};

Failure read_request(const Arguments& arguments, RunRequest& request) {
  if (arguments.has("--seed")) {
    request.scenario.seed = parse_hex64(arguments.get("--seed"));
    if (!request.scenario.seed)
      return Error{fmt::format("run: --seed: '{}' is not a number of 64 bits such as 42 or 0x2a",
                               arguments.get("--seed"))};
  }
  if (arguments.has("--interval")) {
    const std::optional<vnet_u64> time = parse_time(arguments.get("--interval"), TimeUnit::kNs);
    if (!time || *time < 1000000 || *time > 3600000000000)
      return Error{fmt::format("run: --interval: '{}' is not a time from 1ms to 3600s",
                               arguments.get("--interval"))};
    request.interval_ns = *time;
  }
  request.log = arguments.get("-l");
  request.report = arguments.get("-r");
  request.keep = arguments.has("--keep");
  return {};
}

int take_down(Context& context, const std::string& name) {
  Result<std::unique_ptr<Lab>> lab = Lab::take_over(name);
  if (!lab) return context.refused(lab.error());
  int status = kOk;
  for (const Error& error : (*lab)->take_down()) status = context.refused(error);
  return status;
}

Json verdict_json(const Scenario& scenario, const History& history) {
  Json outcomes = Json::array();
  for (const History::Outcome& outcome : history.outcomes)
    outcomes.push_back({{"line", outcome.place.line},
                        {"expected", outcome.expected},
                        {"found", outcome.found},
                        {"met", outcome.met}});
  return Json::array({{{"name", scenario.name},
                       {"seed", seed_text(*scenario.seed)},
                       {"passed", history.passed()},
                       {"interrupted", history.interrupted},
                       {"seconds", double(history.end_ns) / 1e9},
                       {"hosts", history.hosts},
                       {"expectations", std::move(outcomes)}}});
}

int play(Context& context, RunRequest& request) {
  const Scenario& scenario = request.scenario;
  // A page that cannot be written is better known before.
  const size_t slash = request.report.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : request.report.substr(0, slash + 1);
  if (!request.report.empty() && access(folder.c_str(), W_OK) != 0)
    return context.refused(user::errno_error(request.report));
  Result<History> history = run_scenario(request);
  if (!history)
    return context.refused({fmt::format("{}: {}", scenario.file, history.error().text)});
  if (!request.report.empty())
    if (Failure failure = replace_file(request.report, report_html(scenario, *history)))
      return context.refused(*failure);
  if (context.options.json) {
    print_json(verdict_json(scenario, *history), context.options);
  } else {
    fmt::print("{}\n", verdict_text(scenario, *history));
  }
  if (request.keep)
    fmt::print(stderr, "{}kept: VNET_RUN_DIR={} vnet top; vnet run --down {} takes it away\n",
               context.place, std::getenv("VNET_RUN_DIR"), scenario.file);
  if (history->log_failure) return context.refused(*history->log_failure);
  return history->passed() ? kOk : kRefused;
}

int run(Context& context, const Arguments& arguments) {
  Result<Scenario> scenario = read_scenario(arguments.get("file"), FileUse::kRun);
  if (!scenario)
    return scenario.error().code ? context.refused(scenario.error())
                                 : context.syntax(scenario.error());
  RunRequest request;
  request.scenario = std::move(*scenario);
  request.quiet = context.options.json;
  if (Failure failure = read_request(arguments, request)) return context.syntax(*failure);
  const SameRunDirAfterwards scope;
  if (arguments.has("--down")) return take_down(context, request.scenario.name);
  if (!arguments.has("--dry-run")) return play(context, request);
  fmt::print("{}", plan_text(request.scenario));
  return kOk;
}

constexpr Verb kVerbs[] = {
    {"", "makes a lab, plays its timeline, and says whether what is expected was so", kParameters,
     run},
};

}  // namespace

const Object kRunObject{"run", "a lab from a file: namespaces, pairs, faults at their times",
                        kVerbs};

}  // namespace vnet::cli
