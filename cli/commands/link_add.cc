// SPDX-License-Identifier: GPL-2.0-only
// `vnet link add`: a pair of the kernel module, or a process that drives one.
#include <fmt/core.h>

#include <array>

#include "cli/command_up.h"
#include "cli/commands/link.h"
#include "cli/instance_end.h"
#include "cli/kernel_link.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

struct NewPair {
  NewEnd own, peer;
  bool has_peer = false;
};

Failure read_pair(const Arguments& arguments, NewPair& pair) {
  pair.has_peer = arguments.has_peer;
  if (Failure failure = read_end(arguments.own, pair.own)) return failure;
  return read_end(arguments.peer, pair.peer);
}

// The peer's knobs cannot be in rtnetlink's request: they follow it, and if they are refused the
// pair goes.
Failure set_peer(const NewPair& pair) {
  Result<std::unique_ptr<Transport>> kernel = open_kernel();
  if (!kernel) return kernel.error();
  vnet_link_values link{};
  link.has = 1ull << VNET_A_LINK_DEVICE | 1ull << VNET_A_LINK_PEER;
  link.device.has = 1ull << VNET_A_DEVICE_IFNAME;
  (void)set_name(link.device.ifname, pair.own.name);
  link.peer.has = 1ull << VNET_A_DEVICE_INFO;
  link.peer.info = pair.peer.info;
  Failure failure = (*kernel)->request(VNET_CMD_LINK_SET, link);
  if (!failure) return {};
  link.has = 1ull << VNET_A_LINK_DEVICE;
  (void)(*kernel)->request(VNET_CMD_LINK_DEL, link);
  return Error{fmt::format("peer: {}", failure->text), failure->code};
}

Failure add_in_kernel(const NewPair& pair) {
  if (Failure failure = add_kernel_link(pair.own, pair.has_peer ? &pair.peer : nullptr))
    return failure;
  return pair.peer.info.has ? set_peer(pair) : Failure();
}

int add_in_user_space(Context& context, const NewPair& pair) {
  if (!pair.has_peer) return context.syntax(Error{"link add: a user-space pair needs 'peer NAME'"});
  UpRequest request;
  request.detach = true;
  request.place = context.place;
  request.options.names = {pair.own.name, pair.peer.name};
  request.options.macs = {pair.own.mac, pair.peer.mac};
  request.options.infos = {pair.own.info, pair.peer.info};
  if (const int status = command_up(request)) return status;
  for (const NewEnd* end : {&pair.own, &pair.peer})
    if (Failure failure = change_link(*end)) {
      (void)end_instances(pair.own.name);
      return context.done(failure, end->name);
    }
  return kOk;
}

// Whether a kernel that refused a pair would refuse every one.
bool kernel_has_no_vnet(const Error& error) {
  return error.code == EOPNOTSUPP && !open_kernel();
}

Result<HostChoice> choose(const Context& context, const Arguments& arguments) {
  if (!arguments.has("mode")) return context.options.host;
  static constexpr std::array<std::string_view, 3> kModes{"auto", "kernel", "user"};
  static constexpr std::array kChoices{HostChoice::kAny, HostChoice::kKernel, HostChoice::kUser};
  const Result<size_t> mode = match("mode", arguments.get("mode"), kModes);
  if (!mode) return mode.error();
  const HostChoice choice = kChoices[*mode];
  if (context.options.host != HostChoice::kAny && context.options.host != choice)
    return Error{fmt::format("mode {} excludes --{}", kModes[*mode],
                             context.options.host == HostChoice::kKernel ? "kernel" : "user")};
  return choice;
}

void say(const Context& context, const NewPair& pair, Host host) {
  if (!context.options.details || context.options.json) return;
  fmt::print("{}: {}\n", pair.own.name,
             host == Host::kKernel ? "made by the kernel module" : "driven by a process");
}

}  // namespace

Failure check_link_add(const Arguments& arguments) {
  NewPair pair;
  return read_pair(arguments, pair);
}

int link_add(Context& context, const Arguments& arguments) {
  NewPair pair;
  if (Failure failure = read_pair(arguments, pair)) return context.syntax(*failure);
  const Result<HostChoice> choice = choose(context, arguments);
  if (!choice) return context.syntax(choice.error());
  if (*choice != HostChoice::kUser) {
    const Failure failure = add_in_kernel(pair);
    if (!failure) {
      say(context, pair, Host::kKernel);
      return kOk;
    }
    if (!kernel_has_no_vnet(*failure)) return context.done(failure, pair.own.name);
    if (*choice == HostChoice::kKernel)
      return context.refused(
          Error{"the kernel module vnet is not loaded, and could not be loaded"});
  }
  const int status = add_in_user_space(context, pair);
  if (status == kOk) say(context, pair, Host::kUser);
  return status;
}

}  // namespace vnet::cli
