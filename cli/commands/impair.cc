// SPDX-License-Identifier: GPL-2.0-only
// `vnet impair`: what the wire does to frames.
#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "cli/impair_words.h"
#include "cli/netns.h"
#include "cli/scenario/netns_scope.h"
#include "cli/schema.h"
#include "cli/show.h"
#include "cli/trace_upload.h"
#include "cli/values.h"
#include "cli/verify/lateness.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

constexpr Parameter kDevice{"dev", "DEV", "the device", Parameter::kPositional, true};

constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "the device; without it all", Parameter::kPositional},
};

// The device and the direction, then the words of an impairment.
constexpr auto kSetParameters = [] {
  std::array<Parameter, 2 + std::size(kImpairWords)> all{};
  all[0] = kDevice;
  all[1] = {"direction", "tx|rx|both", "what the device sends (the default), receives, or both"};
  std::copy(std::begin(kImpairWords), std::end(kImpairWords), all.begin() + 2);
  return all;
}();

constexpr Parameter kDelParameters[] = {
    kDevice,
    {"direction", "tx|rx|both", "what the device sends, receives, or both (the default)"},
    {"all", "", "all of it, as without any of the following"},
    {"loss", "", "no loss"},
    {"duplicate", "", "no duplicates"},
    {"corrupt", "", "no corruption"},
    {"truncate", "", "nothing is cut"},
    {"delay", "", "no delay and jitter"},
    {"reorder", "", "nothing is sent ahead"},
    {"rate", "", "no rate"},
    {"limit", "", "the default limit"},
    {"gso-keep", "", "super-frames are cut up"},
    {"match", "", "all frames are impaired again"},
    {"trace", "", "nothing changes with time any more"},
};

// What was said into `values`; without an attribute it is both. False: that was no direction.
bool take_direction(const Arguments& arguments, const std::string& preset,
                    vnet_impair_values& values) {
  const std::string& said = arguments.has("direction") ? arguments.get("direction") : preset;
  if (said == "both") return true;
  if (said != "tx" && said != "rx") return false;
  values.direction = said == "tx" ? VNET_DIRECTION_TX : VNET_DIRECTION_RX;
  values.has |= 1ull << VNET_A_IMPAIR_DIRECTION;
  return true;
}

// ---- traces

// Two links of a group need not have a network namespace in common, and the module answers for the
// present one only. What cannot be entered is left out.
template <typename Ask>
Failure ask_kernel_elsewhere(const Ask& ask) {
  for (const std::string& netns : reachable_namespaces()) {
    const Result<NetnsScope> scope = NetnsScope::enter(netns);
    if (!scope) continue;
    Result<std::unique_ptr<Transport>> kernel = open_kernel();
    if (!kernel) continue;
    if (Failure failure = ask(**kernel)) return failure;
  }
  return {};
}

// The clock of a group is that of a trace that says so already; otherwise it begins now.
Failure join_group(Context& context, vnet_impair_values& values) {
  std::optional<vnet_u64> start;
  const auto ask = [&](Transport& host) {
    return host.dump(VNET_CMD_IMPAIR_GET, vnet_impair_values{}, [&](const Reply& reply) {
      vnet_impair_values other;
      if (!reply.decode(other) || !(other.has & 1ull << VNET_A_IMPAIR_TRACE_SYNC)) return;
      if (std::strcmp(other.trace_sync, values.trace_sync) == 0) start = other.trace_start;
    });
  };
  if (Failure failure = ask_hosts("", context.options, ask)) return failure;
  if (!start && context.options.host != HostChoice::kUser)
    if (Failure failure = ask_kernel_elsewhere(ask)) return failure;
  values.trace_start = start.value_or(user::monotonic_ns());
  values.has |= 1ull << VNET_A_IMPAIR_TRACE_START;
  return {};
}

// ---- changes

int change(Context& context, const Arguments& arguments, vnet_u8 command, const std::string& preset,
           Impairment& impairment) {
  vnet_impair_values& values = impairment.values;
  if (!take_direction(arguments, preset, values))
    return context.syntax(Error{fmt::format("impair: direction: '{}' is none of tx, rx, both",
                                            arguments.get("direction"))});
  const std::string& name = arguments.get("dev");
  if (!set_name(values.ifname, name)) return context.refused(no_such_device(name));
  values.has |= 1ull << VNET_A_IMPAIR_IFNAME;
  if (values.has & 1ull << VNET_A_IMPAIR_TRACE_SYNC)
    if (Failure failure = join_group(context, values)) return context.refused(*failure);
  Result<std::unique_ptr<Transport>> host = open_host_of(name, context.options.host);
  if (!host) return context.refused(host.error());
  if (!impairment.trace.empty())
    if (Failure failure = hand_over_trace(**host, impairment.trace, values))
      return context.done(failure, name);
  return context.done((*host)->request(command, values), name);
}

int set(Context& context, const Arguments& arguments) {
  Impairment impairment;
  if (Failure failure = read_impairment(arguments, impairment))
    return context.syntax(Error{fmt::format("impair set: {}", failure->text)});
  if (!impairment.values.has) return context.syntax(Error{"impair set: nothing to set is named"});
  return change(context, arguments, VNET_CMD_IMPAIR_SET, "tx", impairment);
}

Failure check_set(const Arguments& arguments) {
  Impairment impairment;
  if (Failure failure = read_impairment(arguments, impairment)) return failure;
  if (!impairment.values.has) return Error{"nothing to set is named"};
  if (!take_direction(arguments, "tx", impairment.values))
    return Error{
        fmt::format("direction: '{}' is none of tx, rx, both", arguments.get("direction"))};
  return {};
}

int del(Context& context, const Arguments& arguments) {
  Impairment nothing;
  vnet_impair_values& values = nothing.values;
  for (const EnumEntry& knob : impair_knob_type().entries)
    if (arguments.has(knob.name)) values.knobs |= static_cast<vnet_u32>(knob.value);
  if (values.knobs && !arguments.has("all")) values.has = 1ull << VNET_A_IMPAIR_KNOBS;
  return change(context, arguments, VNET_CMD_IMPAIR_DEL, "both", nothing);
}

// Quantiles, then the classes that have any: "1.54us 17" are 17 descriptors of 1.54 us and more.
std::string lateness_text(const LatenessView& late) {
  const auto us = [](double ns) { return fmt::format("{:.4g}us", ns / 1000); };
  if (!late.count()) return {};
  std::string text = "    late";
  for (const auto& [name, p] : {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}})
    text += fmt::format(" {} {}", name, us(late.quantile(p)));
  text += "\n   ";
  for (const LatenessView::Class& each : late.classes())
    text += fmt::format(" {} {}", us(static_cast<double>(each.from)), each.count);
  return text + "\n";
}

std::string text_of(const vnet_impair_values& values, const Options& options) {
  const EnumEntry* const direction = find_entry(direction_type(), values.direction);
  const std::string words = impairment_text(values);
  std::string text = fmt::format("{}: {} {}\n", painted(Paint::kDevice, values.ifname, options),
                                 direction ? direction->name : "?", words.empty() ? "-" : words);
  if (words.empty() && !values.held) return text;
  text += fmt::format(
      "    held {} lost {} overflowed {} duplicated {} corrupted {} truncated "
      "{} reordered {} late-max {}\n",
      values.held, values.lost, values.overflowed, values.duplicated, values.corrupted,
      values.truncated, values.reordered, time_text(values.late_max, TimeUnit::kNs));
  if (options.statistics) text += lateness_text(LatenessView(values));
  return record(std::move(text), options);
}

int show(Context& context, const Arguments& arguments) {
  vnet_impair_values which{};
  const std::string& name = arguments.get("dev");
  if (!name.empty()) {
    which.has = 1ull << VNET_A_IMPAIR_IFNAME;
    if (!set_name(which.ifname, name)) return context.refused(no_such_device(name));
  }
  Json array = Json::array();
  std::string text;
  const auto ask = [&](Transport& host) {
    return host.dump(VNET_CMD_IMPAIR_GET, which, [&](const Reply& reply) {
      vnet_impair_values values;
      if (!reply.decode(values)) return;
      array.push_back(with_host(to_json(values), host.host(), context.options));
      text += text_of(values, context.options);
    });
  };
  if (Failure failure = ask_hosts(name, context.options, ask)) return context.refused(*failure);
  if (context.options.json) {
    print_json(array, context.options);
  } else {
    fmt::print("{}", text);
  }
  return kOk;
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows what the wire does, and has done", kShowParameters, show},
    {"set|change", "changes what is named, and leaves the rest as it is", kSetParameters, set,
     Knobs::kNone, false, check_set},
    {"del|delete", "takes knobs away, or all", kDelParameters, del},
};

}  // namespace

const Object kImpairObject{"impair", "what the wire does to frames: delay, loss, rate and more",
                           kVerbs};

}  // namespace vnet::cli
