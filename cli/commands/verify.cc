// SPDX-License-Identifier: GPL-2.0-only
// `vnet verify`: whether a wire does what it is asked to.
#include <fmt/core.h>

#include "cli/show.h"
#include "cli/values.h"
#include "cli/verify/golden.h"
#include "cli/verify/judge.h"

namespace vnet::cli {
namespace {

constexpr vnet_u32 kGoldenMost = 1000000;  // decisions, and the default

constexpr Parameter kParameters[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
    {"direction", "tx|rx", "what the device sends (the default), or what it receives"},
    {"time", "TIME", "how long to measure; without it 5s, or what the jitter needs"},
    {"probe", "N|RATE",
     "sends frames of its own from DEV, so many, or so many a second (100pps); without it only "
     "where there is no traffic"},
    {"golden", "[SEED]", "instead, whether the host decides as this command does: 0 without it"},
    {"count", "N", "with golden: how many decisions of each stream, 1 to 1000000"},
};

int status_of(Verdict verdict) {
  if (verdict == Verdict::kValid) return kOk;
  return verdict == Verdict::kInvalid ? kWireInvalid : kWireUndetermined;
}

// ---- golden vectors

int verify_golden(Context& context, const Arguments& arguments, Transport& host) {
  const std::string& said = arguments.get("golden");
  const std::optional<vnet_u64> seed = said.empty() ? 0 : parse_hex64(said);
  if (!seed) return context.syntax(Error{fmt::format("verify: golden: '{}' is no seed", said)});
  const std::optional<vnet_u64> count =
      arguments.has("count") ? parse_number(arguments.get("count")) : kGoldenMost;
  if (!count || !*count || *count > kGoldenMost)
    return context.syntax(Error{"verify: count: must be 1 to 1000000"});
  const std::string& name = arguments.get("dev");
  const auto all = golden_vectors(host, name, *seed, static_cast<vnet_u32>(*count));
  if (!all) return context.done(all.error(), name);
  Json array = Json::array();
  bool valid = true;
  for (const GoldenVector& each : *all) {
    valid = valid && each.valid;
    if (context.options.json)
      array.push_back({{"stream", each.stream},
                       {"seed", seed_text(*seed)},
                       {"count", *count},
                       {"hash", seed_text(each.hash)},
                       {"verdict", each.valid ? "valid" : "invalid"}});
    else
      fmt::print("seed {} stream {} hash {}: {}\n", seed_text(*seed), each.stream,
                 seed_text(each.hash), each.valid ? "valid" : "invalid");
  }
  if (context.options.json) print_json(array, context.options);
  return valid ? kOk : kWireInvalid;
}

// ---- a wire

std::string number_text(const Check& check, double number) {
  if (check.unit == "ns") return fmt::format("{:.1f}us", number / 1000);
  return check.unit == "ratio" ? fmt::format("{:.4f}", number) : fmt::format("{:.0f}", number);
}

std::string limit_text(const Check& check) {
  if (check.least == check.most) return number_text(check, check.most);
  if (check.least == 0) return "at most " + number_text(check, check.most);
  return number_text(check, check.least) + " to " + number_text(check, check.most);
}

void print_text(const std::string& name, const Trial& trial, const std::vector<Check>& checks) {
  Table table({"", "measured", "valid", ""});
  for (const Check& check : checks)
    table.add(
        {check.name, number_text(check, check.measured), limit_text(check),
         std::string(verdict_word(check.verdict)) + (check.note.empty() ? "" : ": " + check.note)});
  for (const std::string& line : table.lines()) fmt::print("{}\n", line);
  fmt::print("{}: {} frames came, {} of them probes: {}\n", name, trial.late.count(), trial.probes,
             verdict_word(verdict_of(checks)));
}

Json to_json(const std::string& name, const Trial& trial, const std::vector<Check>& checks) {
  Json all = Json::array();
  for (const Check& check : checks)
    all.push_back({{"check", check.name},
                   {"unit", check.unit},
                   {"measured", check.measured},
                   {"least", check.least},
                   {"most", check.most},
                   {"verdict", verdict_word(check.verdict)},
                   {"note", check.note}});
  return {{"ifname", name},
          {"direction", trial.asked.direction == VNET_DIRECTION_TX ? "tx" : "rx"},
          {"frames", trial.late.count()},
          {"probes", trial.probes},
          {"verdict", verdict_word(verdict_of(checks))},
          {"checks", all}};
}

// "1000", "100pps"
bool read_probe(const std::string& text, TrialOptions& options) {
  constexpr std::string_view kPerSecond = "pps";
  const bool rate = text.ends_with(kPerSecond);
  const std::optional<vnet_u64> number =
      parse_count(text.substr(0, text.size() - (rate ? kPerSecond.size() : 0)));
  if (!number || !*number) return false;
  (rate ? options.per_second : options.probes) = number;
  return true;
}

int verify_wire(Context& context, const Arguments& arguments, Transport& host) {
  TrialOptions options;
  options.device = arguments.get("dev");
  const std::string& direction = arguments.get("direction");
  if (direction == "rx")
    options.direction = VNET_DIRECTION_RX;
  else if (!direction.empty() && direction != "tx")
    return context.syntax(
        Error{fmt::format("verify: direction: '{}' is neither tx nor rx", direction)});
  if (arguments.has("time")) {
    options.time_ns = parse_time(arguments.get("time"), TimeUnit::kNs);
    if (!options.time_ns || *options.time_ns < 250000000 || *options.time_ns > 86400000000000)
      return context.syntax(Error{"verify: time: must be 250ms to 86400s"});
  }
  if (arguments.has("probe") && !read_probe(arguments.get("probe"), options))
    return context.syntax(
        Error{fmt::format("verify: probe: '{}' is neither a number nor a rate such as 100pps",
                          arguments.get("probe"))});
  if (options.direction == VNET_DIRECTION_RX && arguments.has("probe"))
    return context.syntax(Error{"verify: probe: only with direction tx: ask the other end"});
  const Result<Trial> trial = run_trial(host, options);
  if (!trial) return context.done(trial.error(), options.device);
  const std::vector<Check> checks = judge(*trial, host.host());
  if (context.options.json)
    print_json(Json::array({to_json(options.device, *trial, checks)}), context.options);
  else
    print_text(options.device, *trial, checks);
  return status_of(verdict_of(checks));
}

int verify(Context& context, const Arguments& arguments) {
  if (arguments.has("count") && !arguments.has("golden"))
    return context.syntax(Error{"verify: count: only with golden"});
  const std::string& name = arguments.get("dev");
  const Result<std::unique_ptr<Transport>> host = open_host_of(name, context.options.host);
  if (!host) return context.refused(host.error());
  return arguments.has("golden") ? verify_golden(context, arguments, **host)
                                 : verify_wire(context, arguments, **host);
}

constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "measures a wire and says whether it does what it is asked to: 0 valid, 3 invalid, 4 "
             "undetermined",
     .parameters = kParameters,
     .run = verify},
};

}  // namespace

const Object kVerifyObject{"verify", "whether a wire does what it is asked to", kVerbs};

}  // namespace vnet::cli
