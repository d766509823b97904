// SPDX-License-Identifier: GPL-2.0-only
// Which hosts there are, and which one a device lives at.
#pragma once

#include "cli/transport.h"

namespace vnet::cli {

// All hosts that `choice` allows and that live: the kernel's module in this network namespace
// first, then each user-space instance that this user may ask, by name. A forced host that is not
// there, or may not be asked, is an error; no host at all is not.
Result<std::vector<std::unique_ptr<Transport>>> open_hosts(HostChoice choice);

Error no_such_device(const std::string& name);

// The one host where the device lives. Not found, or found at several: an error that says so.
Result<std::unique_ptr<Transport>> open_host_of(const std::string& device, HostChoice choice);

}  // namespace vnet::cli
