// SPDX-License-Identifier: GPL-2.0-only
// `vnet up` and `vnet down`: drivers in user space, one process a pair.
#include <fmt/core.h>

#include "cli/command_up.h"
#include "cli/commands.h"
#include "cli/commands/ends.h"
#include "cli/instance_end.h"
#include "cli/knobs.h"

namespace vnet::cli {
namespace {

constexpr Parameter kUpParameters[] = {
    {"--snull", "",
     "the pair snull0, snull1: each translates the third IPv4 octet of what it sends"},
    {"--pair", "A B", "a plain pair of devices with these names"},
    {"--detach", "", "go on in the background once both devices exist"},
    {"--mtu|mtu", "N", "MTU of both devices, 68 to 65521 (1500)"},
    {"--pad", "on|off", "pad sent frames to 60 bytes, at both ends (snull: on, pair: off)"},
    {"--lockup", "N", "lose every N-th transmit interrupt, at both ends (0: none)"},
    {"--timeout", "TIME", "transmit watchdog, 10ms to 600s, at both ends (1s)"},
    {"--ring", "N", "frames in each direction's ring, 64 to 32768 (256)"},
    {"mac|address", "MAC", "the hardware address; without it one is drawn", Parameter::kKeyword,
     false, Side::kBoth},
};
constexpr Parameter kDownParameters[] = {
    {"name|dev", "NAME", "the pair's first device, or either of its devices; without it all pairs",
     Parameter::kPositional},
};

// Options for both ends, and the knobs that they mean.
struct BothEnds {
  std::string_view option, keyword;
};
constexpr BothEnds kBothEnds[] = {
    {"--pad", "pad"}, {"--lockup", "lockup"}, {"--timeout", "timeout"}, {"--ring", "rx"}};

const Knob* find_knob(std::string_view keyword) {
  for (const Knob& knob : knobs())
    if (knob.keyword == keyword) return &knob;
  return nullptr;
}

// What is said of one end goes before what is said of both.
Failure read_ends(const Arguments& arguments, NewEnd& own, NewEnd& peer) {
  std::vector<KnobArgument> both;
  for (const BothEnds& each : kBothEnds)
    if (arguments.has(each.option))
      both.push_back({find_knob(each.keyword), arguments.get(each.option)});
  for (NewEnd* const end : {&own, &peer})
    if (Failure failure = set_knobs(both, end->info)) return failure;
  if (Failure failure = read_end(arguments.own, own)) return failure;
  return read_end(arguments.peer, peer);
}

Failure read_request(const Arguments& arguments, UpRequest& request) {
  const bool snull = arguments.has("--snull"), pair = arguments.has("--pair");
  if (snull && pair) return Error{"up: --snull excludes --pair"};
  if (!snull && !pair) return Error{"up: needs --snull or --pair A B"};
  NewEnd own, peer;
  if (Failure failure = read_ends(arguments, own, peer)) return failure;
  request.detach = arguments.has("--detach");
  user::DriverOptions& options = request.options;
  options.snull = snull;
  options.names = {"snull0", "snull1"};
  if (pair) {
    const std::vector<std::string>& names = arguments.own.values.find("--pair")->second;
    options.names = {names[0], names[1]};
  }
  options.macs = {own.mac, peer.mac};
  options.infos = {own.info, peer.info};
  if (!arguments.has("--mtu")) return {};
  const Result<vnet_u32> mtu = read_u32("mtu", arguments.get("--mtu"));
  if (!mtu) return mtu.error();
  options.mtu = *mtu;
  return {};
}

int up(Context& context, const Arguments& arguments) {
  UpRequest request;
  request.place = context.place;
  if (Failure failure = read_request(arguments, request)) return context.syntax(*failure);
  return command_up(request);
}

int down(Context& context, const Arguments& arguments) {
  int status = kOk;
  for (const Error& error : end_instances(arguments.get("name"))) status = context.refused(error);
  return status;
}

constexpr Verb kUpVerbs[] = {
    {"", "makes a pair of devices and drives it", kUpParameters, up, Knobs::kNew, true},
};
constexpr Verb kDownVerbs[] = {
    {"", "ends a running pair, or all of them", kDownParameters, down},
};

}  // namespace

const Object kUpObject{"up", "a pair driven by a process of its own, where no module can be loaded",
                       kUpVerbs};
const Object kDownObject{"down", "ends what `up` began", kDownVerbs};

}  // namespace vnet::cli
