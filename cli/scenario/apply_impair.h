// SPDX-License-Identifier: GPL-2.0-only
// How a wire's impairment becomes another one without disturbing what both have.
#pragma once

#include "cli/scenario/scenario.h"

namespace vnet::cli {

// Words for `impair del` and, behind it, `impair set`; nothing where there is nothing to change.
struct ImpairChanges {
  Argv gone, come;
};
// `is` becomes `said`, both in words of `impair set`.
ImpairChanges impair_changes(const Argv& said, const Argv& is);

}  // namespace vnet::cli
