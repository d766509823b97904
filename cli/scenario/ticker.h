// SPDX-License-Identifier: GPL-2.0-only
// Something that is to be done all the while a scenario plays.
#pragma once

#include <poll.h>

#include <vector>

namespace vnet::cli {

class Ticker {
 public:
  virtual ~Ticker() = default;
  virtual void append_to(std::vector<pollfd>& wanted) const = 0;
  virtual void work() = 0;  // what is due and what has come; does not wait
};

}  // namespace vnet::cli
