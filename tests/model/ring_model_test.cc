// SPDX-License-Identifier: GPL-2.0-only
// The ring against std::deque, by random operations.
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "core/ring.h"
#include "tests/unit/frame_maker.h"
#include "tests/unit/threads.h"

namespace vnet {
namespace {

using reference::Random;

class RingModel : public ::testing::TestWithParam<u32> {};

void step(Random& random, u32 capacity, u32 bias, Ring<u64>& ring, std::deque<u64>& model) {
  u64 value = random();
  switch (random() % (4 + bias)) {
    case 0: {
      u64 got = 0;
      ASSERT_EQ(ring.pop(got), !model.empty());
      if (model.empty()) break;
      ASSERT_EQ(got, model.front());
      model.pop_front();
      break;
    }
    case 1:
      ASSERT_EQ(ring.full(), model.size() == capacity);
      break;
    case 2:
      ASSERT_EQ(ring.size(), model.size());
      break;
    default:
      if (bias == 0) {  // a phase of draining
        ASSERT_EQ(ring.pop(value), !model.empty());
        if (!model.empty()) model.pop_front();
        break;
      }
      ASSERT_EQ(ring.push(value), model.size() < capacity);
      if (model.size() < capacity) model.push_back(value);
      break;
  }
}

TEST_P(RingModel, RandomOperations_AgreeWithADeque) {
  Random random(reference::test_seed() + GetParam());
  for (const u32 capacity : {1u, 2u, 8u, 64u, 1024u}) {
    std::vector<u64> slots(capacity);
    Ring<u64> ring;
    ring.init(slots.data(), capacity);
    std::deque<u64> model;
    for (u32 operation = 0; operation < test::scaled(100000); operation++) {
      const u32 phase = operation / 3000 % 3;  // filling, level, draining
      step(random, capacity, phase == 0 ? 6 : phase == 1 ? 1 : 0, ring, model);
      if (HasFatalFailure()) FAIL() << "capacity " << capacity << ", operation " << operation;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RingModel, ::testing::Range(0u, 4u));

}  // namespace
}  // namespace vnet
