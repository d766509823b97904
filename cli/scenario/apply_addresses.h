// SPDX-License-Identifier: GPL-2.0-only
// The addresses of a device, brought to what a file says of them.
#pragma once

#include "cli/scenario/state.h"

namespace vnet::cli {

// Words of `ip`. A device that is to be set down is set so between the two.
struct AddressChanges {
  std::vector<Argv> gone, come;
};

// `is`, as the kernel tells it; `link_local` likewise: these are left alone where none is said.
AddressChanges address_changes(const std::string& device, const std::vector<std::string>& said,
                               const std::vector<std::string>& is,
                               const std::vector<std::string>& link_local, bool goes_down);

}  // namespace vnet::cli
