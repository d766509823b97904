// SPDX-License-Identifier: GPL-2.0-only
#include "core/ring.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/threads.h"

namespace vnet {
namespace {

struct SmallRing {
  explicit SmallRing(u32 capacity) : slots(capacity) { ring.init(slots.data(), capacity); }
  std::vector<u32> slots;
  Ring<u32> ring;
};

TEST(Ring, NewRing_IsEmptyAndHasItsCapacity) {
  SmallRing small(8);
  u32 value = 7;
  EXPECT_EQ(small.ring.capacity(), 8u);
  EXPECT_EQ(small.ring.size(), 0u);
  EXPECT_FALSE(small.ring.full());
  EXPECT_FALSE(small.ring.pop(value));
  EXPECT_EQ(value, 7u);
}

TEST(Ring, Push_UsesTheWholeCapacityAndThenRefuses) {
  SmallRing small(8);
  for (u32 i = 0; i < 8; i++) {
    EXPECT_FALSE(small.ring.full());
    EXPECT_TRUE(small.ring.push(i));
    EXPECT_EQ(small.ring.size(), i + 1);
  }
  EXPECT_TRUE(small.ring.full());
  EXPECT_FALSE(small.ring.push(99));
  EXPECT_EQ(small.ring.size(), 8u);
}

TEST(Ring, Pop_KeepsTheOrderOverManyLaps) {
  SmallRing small(4);
  u32 next_in = 0, next_out = 0, value;
  for (u32 lap = 0; lap < 100; lap++) {
    for (u32 i = 0; i <= lap % 4; i++) ASSERT_TRUE(small.ring.push(next_in++));
    while (small.ring.pop(value)) ASSERT_EQ(value, next_out++);
  }
  EXPECT_EQ(next_in, next_out);
}

TEST(Ring, Full_SeesRoomAsSoonAsThereIsSome) {
  SmallRing small(4);
  u32 value;
  for (u32 i = 0; i < 4; i++) small.ring.push(i);
  ASSERT_TRUE(small.ring.full());
  ASSERT_TRUE(small.ring.pop(value));
  EXPECT_FALSE(small.ring.full());
  EXPECT_TRUE(small.ring.push(4));
  EXPECT_TRUE(small.ring.full());
}

TEST(Ring, CapacityOfOne_Alternates) {
  SmallRing small(1);
  u32 value;
  for (u32 i = 0; i < 5; i++) {
    EXPECT_TRUE(small.ring.push(i));
    EXPECT_FALSE(small.ring.push(i));
    EXPECT_TRUE(small.ring.pop(value));
    EXPECT_EQ(value, i);
    EXPECT_FALSE(small.ring.pop(value));
  }
}

// The pointed-to value is plain memory: TSan sees whether the ring alone orders it.
TEST(Ring, Threads_HandOverEveryElementOnceAndInOrder) {
  const u32 count = test::scaled(300000);
  std::vector<u32> payload(count);
  std::vector<u32*> slots(64);
  Ring<u32*> ring;
  ring.init(slots.data(), 64);
  test::Deadline deadline;
  test::Threads threads;
  threads.add([&] {
    for (u32 i = 0; i < count && deadline.ahead();) {
      payload[i] = i + 1;
      if (ring.push(&payload[i]))
        i++;
      else
        std::this_thread::yield();
    }
  });
  u32 received = 0, wrong = 0;
  while (received < count && deadline.ahead()) {
    u32* element;
    if (!ring.pop(element)) {
      std::this_thread::yield();
      continue;
    }
    wrong += *element != ++received;
    wrong += ring.size() > 64;
  }
  threads.join();
  EXPECT_EQ(received, count);
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace vnet
