// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run_dir.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace vnet::cli {
namespace {

using List = std::vector<std::string>;

TEST(RunDir, IsLookedIntoOnceWhateverItsNames) {
  unsetenv("VNET_RUN_DIR");
  for (const char* const runtime : {"/run", "/run/", "/run/."}) {
    setenv("XDG_RUNTIME_DIR", runtime, 1);
    EXPECT_EQ(RunDir::candidates(), List{"/run/vnet"}) << runtime;
  }
  setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  EXPECT_EQ(RunDir::candidates(), (List{"/run/vnet", "/run/user/7/vnet"}));
  unsetenv("XDG_RUNTIME_DIR");
}

}  // namespace
}  // namespace vnet::cli
