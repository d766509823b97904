// SPDX-License-Identifier: GPL-2.0-only
// `vnet impair`: what the wire does to frames.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cli/impair_words.h"
#include "cli/schema.h"
#include "cli/show.h"
#include "cli/values.h"

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
};

// The directions said; empty: that was no direction.
std::vector<vnet_u8> directions(const Arguments& arguments, const std::string& preset) {
  const std::string& said = arguments.has("direction") ? arguments.get("direction") : preset;
  if (said == "tx") return {VNET_DIRECTION_TX};
  if (said == "rx") return {VNET_DIRECTION_RX};
  if (said == "both") return {VNET_DIRECTION_TX, VNET_DIRECTION_RX};
  return {};
}

constexpr vnet_u64 bits(unsigned first, unsigned last) {
  return (2ull << last) - (1ull << first);
}
constexpr vnet_u64 kWire = bits(VNET_A_IMPAIR_IFINDEX, VNET_A_IMPAIR_DIRECTION);
constexpr vnet_u64 kKnobs = bits(VNET_A_IMPAIR_LOSS_MODEL, VNET_A_IMPAIR_GSO_KEEP);

// A direction as it was before it was changed.
class Before {
 public:
  Failure keep(Transport& host, const vnet_impair_values& of) {
    vnet_impair_values which = of;
    which.has &= kWire;
    return host.request(VNET_CMD_IMPAIR_GET, which, [&](const Reply& reply) {
      if (!reply.decode(values_)) return;
      const auto* const pattern = static_cast<const char*>(values_.loss_pattern.data);
      pattern_.assign(pattern, pattern + values_.loss_pattern.len);
      values_.loss_pattern.data = pattern_.data();
    });
  }
  void put_back(Transport& host) {
    vnet_impair_values values = values_;
    values.has &= kWire;
    (void)host.request(VNET_CMD_IMPAIR_DEL, values);
    values.has |= values_.has & kKnobs;
    if (values_.has & kKnobs) (void)host.request(VNET_CMD_IMPAIR_SET, values);
  }

 private:
  vnet_impair_values values_{};
  std::vector<char> pattern_;
};

// Both directions, or none.
Failure change_all(Transport& host, vnet_u8 command, const std::vector<vnet_u8>& directions,
                   vnet_impair_values& values) {
  Before before;
  values.direction = directions[0];
  if (directions.size() > 1)
    if (Failure failure = before.keep(host, values)) return failure;
  for (const vnet_u8 direction : directions) {
    values.direction = direction;
    Failure failure = host.request(command, values);
    if (!failure) continue;
    if (direction != directions[0]) before.put_back(host);
    if (directions.size() > 1)
      failure->text = fmt::format("direction {}: {}", find_entry(direction_type(), direction)->name,
                                  failure->text);
    return failure;
  }
  return {};
}

int change(Context& context, const Arguments& arguments, vnet_u8 command, const std::string& preset,
           vnet_impair_values& values) {
  const std::vector<vnet_u8> wanted = directions(arguments, preset);
  if (wanted.empty())
    return context.syntax(Error{fmt::format("impair: direction: '{}' is none of tx, rx, both",
                                            arguments.get("direction"))});
  const std::string& name = arguments.get("dev");
  if (!set_name(values.ifname, name)) return context.refused(no_such_device(name));
  values.has |= 1ull << VNET_A_IMPAIR_IFNAME | 1ull << VNET_A_IMPAIR_DIRECTION;
  Result<std::unique_ptr<Transport>> host = open_host_of(name, context.options.host);
  if (!host) return context.refused(host.error());
  return context.done(change_all(**host, command, wanted, values), name);
}

int set(Context& context, const Arguments& arguments) {
  Impairment impairment;
  if (Failure failure = read_impairment(arguments, impairment))
    return context.syntax(Error{fmt::format("impair set: {}", failure->text)});
  if (!impairment.values.has) return context.syntax(Error{"impair set: nothing to set is named"});
  return change(context, arguments, VNET_CMD_IMPAIR_SET, "tx", impairment.values);
}

Failure check_set(const Arguments& arguments) {
  Impairment impairment;
  if (Failure failure = read_impairment(arguments, impairment)) return failure;
  if (!impairment.values.has) return Error{"nothing to set is named"};
  if (directions(arguments, "tx").empty())
    return Error{
        fmt::format("direction: '{}' is none of tx, rx, both", arguments.get("direction"))};
  return {};
}

int del(Context& context, const Arguments& arguments) {
  vnet_impair_values values{};
  for (const EnumEntry& knob : impair_knob_type().entries)
    if (arguments.has(knob.name)) values.knobs |= static_cast<vnet_u32>(knob.value);
  if (values.knobs && !arguments.has("all")) values.has = 1ull << VNET_A_IMPAIR_KNOBS;
  return change(context, arguments, VNET_CMD_IMPAIR_DEL, "both", values);
}

std::string text_of(const vnet_impair_values& values, const Options& options) {
  const EnumEntry* const direction = find_entry(direction_type(), values.direction);
  const std::string words = impairment_text(values);
  std::string text = fmt::format("{}: {} {}\n", painted(Paint::kDevice, values.ifname, options),
                                 direction ? direction->name : "?", words.empty() ? "-" : words);
  if (words.empty() && !values.held) return text;
  return text + fmt::format(
                    "    held {} lost {} overflowed {} duplicated {} corrupted {} truncated "
                    "{} reordered {} late-max {}\n",
                    values.held, values.lost, values.overflowed, values.duplicated,
                    values.corrupted, values.truncated, values.reordered,
                    time_text(values.late_max, TimeUnit::kNs));
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
