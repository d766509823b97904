// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cerrno>

#include "user/result.h"

namespace vnet::cli {

// Whether an error of a transport says that its host is gone, which for a user-space instance is
// nothing unusual between look-up and use.
inline bool has_ended(const user::Error& error) {
  return error.code == ECONNRESET || error.code == EPIPE || error.code == ECONNREFUSED;
}

}  // namespace vnet::cli
