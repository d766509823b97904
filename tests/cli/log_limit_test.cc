// SPDX-License-Identifier: GPL-2.0-only
// Of the user-space driver: how many lines its log gets of one thing.
#include "user/log_limit.h"

#include <gtest/gtest.h>

namespace vnet::user {
namespace {

TEST(LogLimit, TenLinesInFiveSecondsOfWhichTheLastIsKnown) {
  LogLimit limit;
  for (int room = LogLimit::kLines; room > 0; room--) EXPECT_EQ(limit.take(1), room);
  EXPECT_EQ(limit.take(2), 0);
  EXPECT_EQ(limit.take(LogLimit::kIntervalNs), 0);
  EXPECT_EQ(limit.take(LogLimit::kIntervalNs + 1), LogLimit::kLines);
}

}  // namespace
}  // namespace vnet::user
