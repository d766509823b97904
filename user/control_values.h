// SPDX-License-Identifier: GPL-2.0-only
// What the control socket shows of a port: the core's part, and this host's beside it.
#pragma once

#include <vnet/control.h>

#include "user/port.h"

namespace vnet::user {

void device_values(const Port& port, const Port& peer, vnet_device_values& values);
void link_values(const Port& first, const Port& second, vnet_link_values& values);

// Of a queue, or VNET_ALL_QUEUES: then with the TAP's losses. Points into static memory.
void stats_values(const Port& port, vnet_u32 queue, vnet_stats_values& values);

// Copies a name into an attribute's place; it fits, being a device's.
void copy_name(const std::string& name, char (&out)[16]);

}  // namespace vnet::user
