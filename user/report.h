// SPDX-License-Identifier: GPL-2.0-only
// The counters of a pair, for people and for the tests.
#pragma once

#include <string>

#include "user/port.h"

namespace vnet::user {

// A block of all counters that are not zero for each device, and for each direction the line
// "conservation: a -> b: sent X = delivered Y + dropped Z + in flight W: ok".
std::string report(const Port& a, const Port& b);

}  // namespace vnet::user
