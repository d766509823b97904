// SPDX-License-Identifier: GPL-2.0-only
// What a link's standard home, rtnetlink, does of our commands.
#pragma once

#include "cli/commands/ends.h"
#include "user/result.h"

namespace vnet::cli {

// `ip link add ... type vnet ... peer ...`: RTM_NEWLINK, one request. EOPNOTSUPP: the kernel has no
// vnet and could not load it. The peer's info is not in it: the kind's attributes stand beside the
// peer, not in it.
Failure add_kernel_link(const NewEnd& own, const NewEnd* peer);

// `ip link set NAME [mtu N] [netns NETNS]`, what of it `end` has; nothing if it has nothing.
Failure change_link(const NewEnd& end);

}  // namespace vnet::cli
