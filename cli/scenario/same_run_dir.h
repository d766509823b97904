// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace vnet::cli {

// A run has a run directory of its own; what follows in a batch has the one from before.
class SameRunDirAfterwards {
 public:
  SameRunDirAfterwards() {
    if (const char* const dir = std::getenv("VNET_RUN_DIR")) before_ = dir;
  }
  SameRunDirAfterwards(const SameRunDirAfterwards&) = delete;
  ~SameRunDirAfterwards() {
    if (before_) {
      setenv("VNET_RUN_DIR", before_->c_str(), 1);
    } else {
      unsetenv("VNET_RUN_DIR");
    }
  }

 private:
  std::optional<std::string> before_;
};

}  // namespace vnet::cli
