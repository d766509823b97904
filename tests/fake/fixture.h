// SPDX-License-Identifier: GPL-2.0-only
// The fixture of every test that uses the fake host: no test passes with a violation, a leak, or a
// frame that is not accounted for.
#pragma once

#include <gtest/gtest.h>

#include "tests/fake/pair.h"

namespace vnet::fake {

class HostTest : public ::testing::Test {
 protected:
  HostTest() {
    Host::get().reset();
    const Call call(Context::kControl, nullptr);
    EXPECT_EQ(vnet_core_init(VNET_ABI, sizeof(vnet_frame)), 0);
  }

  // Runs after the derived test's members, its devices among them, are destroyed.
  ~HostTest() override {
    host.check_empty();
    for (const std::string& violation : host.take_violations()) ADD_FAILURE() << violation;
  }

  Host& host = Host::get();
};

// The same with a pair in its default state.
class PairTest : public HostTest {
 protected:
  void make_pair(const FakePair::Options& options) { pair_ = std::make_unique<FakePair>(options); }
  FakePair& pair() {
    if (!pair_) pair_ = std::make_unique<FakePair>();
    return *pair_;
  }
  Queue& a() { return pair().a().queue(0); }
  Queue& b() { return pair().b().queue(0); }
  std::unique_ptr<FakePair> pair_;
};

}  // namespace vnet::fake
