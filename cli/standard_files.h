// SPDX-License-Identifier: GPL-2.0-only
// What every program is started with: stdin, stdout, stderr.
#pragma once

#include "user/result.h"

namespace vnet::cli {

// One that is closed would have its number taken by the next file or socket that is opened, and
// what is printed would go there. So its place is taken, by what cannot be used.
void occupy_standard_files();

// Whether all that was printed could be written. That nobody reads it any more is no failure.
user::Failure flush_stdout();

}  // namespace vnet::cli
