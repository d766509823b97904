// SPDX-License-Identifier: GPL-2.0-only
// Faults that no device has: refused with a text that names the word and the range.
#include "tests/unit/fault_pair.h"

namespace vnet::fake {
namespace {

class FaultRefusals : public FaultPair {
 protected:
  void refused(const vnet_fault& config, const char* text, int error = -22) {
    const char* why = nullptr;
    EXPECT_EQ(pair().b().add_fault(config, nullptr, &why), error) << text;
    EXPECT_STREQ(why, text);
  }
};

TEST_F(FaultRefusals, OutOfRange) {
  const auto what = VNET_FAULT_RX_OVERRUN;
  const u64 end = 1ull << 63;
  refused(fault(VNET_FAULT_WHAT_COUNT), "what: no such fault");
  refused(fault(what, VNET_FAULT_NTH, 0), "nth: frames are numbered from 1, to 2^63-1");
  refused(fault(what, VNET_FAULT_NTH, end), "nth: frames are numbered from 1, to 2^63-1");
  refused(fault(what, VNET_FAULT_AFTER, 0), "after: 1 to 2^63-1 frames");
  refused(fault(what, VNET_FAULT_EVERY_FRAMES, 0), "every: 1 to 2^63-1 frames");
  refused(fault(what, VNET_FAULT_EVERY_TIME, 99999), "every: 100us to below 2^63 ns");
  refused(fault(what, VNET_FAULT_EVERY_TIME, end), "every: 100us to below 2^63 ns");
  refused(fault(what, VNET_FAULT_AT, end), "at: a time is below 2^63 ns");
  refused(fault(what, VNET_FAULT_PROB, 0), "prob: a probability is more than 0, to 100 %");
  refused(fault(what, VNET_FAULT_PROB, VNET_ALWAYS + 1),
          "prob: a probability is more than 0, to 100 %");
  refused(fault(what, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 0), "count: 1 to 2^63-1");
  refused(fault(what, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, 0),
          "for: more than 0, below 2^63 ns");
  refused(fault(what, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, end),
          "for: more than 0, below 2^63 ns");
  refused(fault(VNET_FAULT_TX_STALL, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 2),
          "count: this fault lasts; say for how long, or `every` to have it again");
  refused(fault(VNET_FAULT_REMOVE, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_COUNT, 2),
          "remove: a device goes once, no `count`, `for` or `until`");
  const char* const no_window =
      "for: irq-spurious does not last; say `count N`, or `every` and when it expires";
  refused(fault(VNET_FAULT_IRQ_SPURIOUS, VNET_FAULT_NOW, 0, VNET_FAULT_FOR_TIME, 5), no_window);
  refused(fault(VNET_FAULT_IRQ_SPURIOUS, VNET_FAULT_NTH, 3, VNET_FAULT_FOR_RESET), no_window);
  refused(fault(what, VNET_FAULT_MATCH), "match: a program of 1 to 4096 instructions");
  refused(fault(VNET_FAULT_IRQ_LOST, VNET_FAULT_MATCH),
          "match: not with irq-lost and reset-fail, which no frame meets");
  vnet_fault config = fault(what);
  config.queue = 1;
  refused(config, "queue: must be less than the number of the device's queues");
  config = fault(what);
  config.value = 1;
  refused(config, "value: only truncate, bad-length and dma-slow take one");
  config = fault(VNET_FAULT_TRUNCATE);
  config.value = 65536;
  refused(config, "truncate: to 1 to 65535 bytes");
  config = fault(VNET_FAULT_DMA_SLOW);
  config.value = VNET_FAULT_SLOW_MAX + 1;
  refused(config, "dma-slow: by 1 ns to 10 s");
  config = fault(what);
  config.expire = end;
  refused(config, "expire: below 2^63 ns, or never");
  const char* const too_late = "at: it expires before (expire: 60 s unless told)";
  refused(fault(what, VNET_FAULT_AT, VNET_FAULT_EXPIRE_DEFAULT), too_late);
  config = fault(what, VNET_FAULT_AT, 5);
  config.expire = 5;
  refused(config, too_late);
  EXPECT_TRUE(pair().b().faults().empty());
}

TEST_F(FaultRefusals, ExcludeEachOther) {
  const u32 id = add(pair().b(), fault(VNET_FAULT_CSUM_BAD, VNET_FAULT_NTH, 5));
  refused(fault(VNET_FAULT_CSUM_GOOD), "csum good: excludes csum bad, which the queue has", -16);
  pair().b().delete_fault(id);
  add(pair().b(), fault(VNET_FAULT_CSUM_GOOD));
  add(pair().b(), fault(VNET_FAULT_TX_STALL));
  refused(fault(VNET_FAULT_TX_STALL), "tx-stall: the queue has one already", -16);
  add(pair().b(), fault(VNET_FAULT_LINK_FLAP, VNET_FAULT_AFTER, 5));
  refused(fault(VNET_FAULT_LINK_FLAP), "link-flap: the device has one already", -16);
}

// Who repeats a run asks for the numbers of then: chance depends on them.
TEST_F(FaultRefusals, Number_ThatIsTakenOrTooLarge) {
  vnet_fault numbered = fault(VNET_FAULT_ALLOC_FAIL, VNET_FAULT_NTH, 5);
  numbered.id = 7;
  EXPECT_EQ(add(pair().b(), numbered), 7u);
  refused(numbered, "id: the device has a fault of this number", -16);
  EXPECT_EQ(add(pair().b(), fault(VNET_FAULT_ALLOC_FAIL)), 8u);
  numbered.id = 3;
  EXPECT_EQ(add(pair().b(), numbered), 3u);
  EXPECT_EQ(add(pair().b(), fault(VNET_FAULT_ALLOC_FAIL)), 9u);
  numbered.id = VNET_FAULT_ID_MAX + 1;
  refused(numbered, "id: 1 to 2^31-1");
  EXPECT_EQ(pair().b().delete_fault(0), 0);
  EXPECT_EQ(add(pair().b(), fault(VNET_FAULT_ALLOC_FAIL)), 10u) << "numbers are not used again";
}

TEST_F(FaultRefusals, OneTooMany_AndEndedOnesMakeRoom) {
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++)
    add(pair().b(), fault(VNET_FAULT_RX_OVERRUN, VNET_FAULT_NTH, 10 + i));
  refused(fault(VNET_FAULT_RX_OVERRUN), "fault: a device has at most 32", -16);
  lost(10);
  refused(fault(VNET_FAULT_WHAT_COUNT), "what: no such fault");
  EXPECT_EQ(info(pair().b(), 1).state, u32{VNET_FAULT_DONE}) << "one that is refused needs no room";
  add(pair().b(), fault(VNET_FAULT_RX_OVERRUN));
  EXPECT_EQ(pair().b().faults().size(), size_t{VNET_FAULTS_MAX});
  EXPECT_EQ(pair().b().delete_fault(1), -2) << "it ended, and made room";
  EXPECT_EQ(pair().b().delete_fault(2), 0);
  EXPECT_EQ(pair().b().delete_fault(0), 0);
  EXPECT_TRUE(pair().b().faults().empty());
  EXPECT_EQ(pair().b().delete_fault(0), 0) << "all of none";
}

TEST_F(FaultRefusals, WithoutMemoryNothingHasChanged) {
  make_pair({});
  for (u64 nth = 1; nth <= 2; nth++) {
    host.fail_alloc.fail_nth(nth);
    EXPECT_EQ(pair().b().add_fault(fault(VNET_FAULT_RX_OVERRUN)), -12);
    host.fail_alloc.fail_nth(0);
    EXPECT_EQ(lost(3), (Numbers{}));
  }
}

}  // namespace
}  // namespace vnet::fake
