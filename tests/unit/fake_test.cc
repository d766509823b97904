// SPDX-License-Identifier: GPL-2.0-only
// The fake host itself: each check has to find what it is there for, or a broken core would pass.
#include <cstring>
#include <string>

#include "tests/fake/fixture.h"

namespace vnet::fake {
namespace {

class FakeTest : public HostTest {
 protected:
  // Takes the violations, of which one has to contain `text`.
  void expect_violation(const std::string& text) {
    bool found = false;
    for (const std::string& violation : host.take_violations()) {
      found |= violation.find(text) != std::string::npos;
    }
    EXPECT_TRUE(found) << text;
  }
  void expect_none() {
    for (const std::string& violation : host.take_violations()) ADD_FAILURE() << violation;
  }
  Frame* frame() { return host.ledger.make(ethernet_frame(kMacB, kMacA)); }
};

TEST_F(FakeTest, Ledger_FindsDoubleDelivery) {
  Frame* sent = frame();
  host.ledger.offer(*sent, 1);
  host.ledger.commit(*sent, 2, 1);
  EXPECT_TRUE(host.ledger.deliver(*sent, 2));
  expect_none();
  EXPECT_FALSE(host.ledger.deliver(*sent, 2));
  expect_violation("but it is delivered");
}

TEST_F(FakeTest, Ledger_FindsDeliveryAfterADrop) {
  Frame* sent = frame();
  host.ledger.offer(*sent, 1);
  host.ledger.drop(*sent, VNET_DROP_RUNT, 1, true);
  EXPECT_FALSE(host.ledger.deliver(*sent, 2));
  expect_violation("but it is dropped");
}

TEST_F(FakeTest, Ledger_FindsTheWrongQueue) {
  Frame* sent = frame();
  host.ledger.offer(*sent, 1);
  host.ledger.commit(*sent, 2, 1);
  host.ledger.deliver(*sent, 3);
  expect_violation("wrong queue");
}

TEST_F(FakeTest, Ledger_FindsAChangedDescriptor) {
  Frame* sent = frame();
  host.ledger.offer(*sent, 1);
  host.ledger.commit(*sent, 2, 1);
  sent->csum_start = 9;
  host.ledger.deliver(*sent, 2);
  expect_violation("descriptor changed");
}

TEST_F(FakeTest, Ledger_FindsADropWithoutAReason) {
  Frame* sent = frame();
  host.ledger.offer(*sent, 1);
  host.ledger.drop(*sent, VNET_DROP_COUNT, 1, true);
  expect_violation("without a reason");
  host.ledger.clear();
}

TEST_F(FakeTest, Ledger_CountsWhatTheCoreShouldHaveCounted) {
  Frame* delivered = frame();
  Frame* lost = frame();
  Frame* waiting = frame();
  for (Frame* each : {delivered, lost, waiting}) {
    host.ledger.offer(*each, 1);
    host.ledger.commit(*each, 2, 1);
  }
  host.ledger.deliver(*delivered, 2);
  host.ledger.drop(*lost, VNET_DROP_STOPPED, 0, false);
  const vnet_queue_stats at_receiver = host.ledger.expected(2);
  EXPECT_EQ(host.ledger.expected(1).tx_frames, 3u);
  EXPECT_EQ(at_receiver.rx_frames, 1u);
  EXPECT_EQ(at_receiver.in_flight, 1u);
  EXPECT_EQ(at_receiver.rx_drops[VNET_DROP_STOPPED], 1u);
  host.check_empty();
  expect_violation("kept 1 frames");
  host.ledger.clear();
}

#if !defined(__SANITIZE_ADDRESS__)  // there, the write itself ends the program
TEST_F(FakeTest, Graveyard_FindsAWriteAfterTheHandOver) {
  Frame* sent = frame();
  Graveyard graveyard;
  graveyard.add(sent);
  std::memset(&sent->len, 0, sizeof(sent->len));
  graveyard.bury_all();
  expect_violation("written to after");
}
#endif

TEST_F(FakeTest, Payload_MovesOnEachCallAndKeepsTheBytes) {
  Bytes bytes(100);
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<u8>(i);
  Payload payload;
  payload.assign(bytes);
  for (const u32 length : {14u, 60u, 0u, 100u, 1u}) {
    u8* head = payload.linearize(length);
    if (length > 0) {
      EXPECT_EQ(head[length - 1], length - 1);
    }
    EXPECT_EQ(payload.bytes(), bytes);
  }
}

TEST_F(FakeTest, Script_FailsTheNthCallOnly) {
  Script script;
  EXPECT_FALSE(script.fails_now());
  script.fail_nth(3);
  EXPECT_FALSE(script.fails_now());
  EXPECT_FALSE(script.fails_now());
  EXPECT_TRUE(script.fails_now());
  EXPECT_FALSE(script.fails_now());
}

TEST_F(FakeTest, Memory_IsZeroedAndAligned) {
  const Call call(Context::kControl, nullptr);
  for (const unsigned long size : {1ul, 63ul, 4096ul}) {
    auto* memory = static_cast<u8*>(vnet_host_alloc(size));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
    for (unsigned long i = 0; i < size; i++) EXPECT_EQ(memory[i], 0);
    vnet_host_free(memory);
  }
}

TEST_F(FakeTest, Memory_FindsLeakAndDoubleFree) {
  const Call call(Context::kControl, nullptr);
  void* memory = vnet_host_alloc(10);
  host.check_empty();
  expect_violation("leaked 1 allocations");
  vnet_host_free(memory);
  expect_none();
  vnet_host_free(memory);
  expect_violation("twice");
}

TEST_F(FakeTest, Contexts_FindCallsOutOfPlace) {
  void* memory = vnet_host_alloc(8);
  expect_violation("vnet_host_alloc called in context: outside");
  const Call call(Context::kControl, nullptr);
  vnet_host_free(memory);
  Frame* sent = frame();
  vnet_host_frame_header(sent, 14);
  expect_violation("vnet_host_frame_header called in context: control");
}

TEST_F(FakeTest, Contexts_FindTwoCallsAtTheSameTime) {
  const Call outer(Context::kControl, nullptr);
  { const Call inner(Context::kControl, nullptr); }
  expect_violation("two calls at the same time: control");
}

// A device without a link: its queue's host functions are called as a broken core would.
class FakeQueueTest : public FakeTest {
 protected:
  FakeQueueTest() { device_->open(); }
  Queue& queue() { return device_->queue(); }
  std::unique_ptr<Device> device_ = Device::create(params_with_mac(kMacA));
};

TEST_F(FakeQueueTest, Interrupt_FindsARaiseWhileOneIsUnderWay) {
  const Call call(Context::kAny, nullptr);
  vnet_host_irq_raise(&queue());
  expect_none();
  vnet_host_irq_raise(&queue());
  expect_violation("while the interrupt is raised");
}

TEST_F(FakeQueueTest, Interrupt_FindsARaiseDuringAPoll) {
  queue().poll();
  {
    const Call call(Context::kAny, nullptr);
    vnet_host_irq_raise(&queue());
  }
  expect_violation("while the interrupt is polling");
  queue().poll_done();
}

TEST_F(FakeQueueTest, Interrupt_FindsARaiseOfAStoppedDevice) {
  device_->stop();
  const Call call(Context::kAny, nullptr);
  vnet_host_irq_raise(&queue());
  expect_violation("while the interrupt is down");
}

TEST_F(FakeQueueTest, Transmitter_FindsAWakeWithoutAStop) {
  const Call call(Context::kControl, nullptr);
  vnet_host_queue_wake(&queue());
  expect_violation("wake of a running queue");
}

TEST_F(FakeQueueTest, Transmitter_FindsAStopFromElsewhere) {
  const Call call(Context::kControl, nullptr);
  vnet_host_queue_stop(&queue());
  expect_violation("vnet_host_queue_stop called in context: control");
}

TEST_F(FakeQueueTest, Transmitter_FindsASecondStop) {
  const Call call(Context::kTransmit, &queue());
  vnet_host_queue_stop(&queue());
  expect_none();
  vnet_host_queue_stop(&queue());
  expect_violation("stop of a stopped queue");
}

TEST_F(FakeQueueTest, Frame_FindsACallForAnotherFrame) {
  Frame* offered = frame();
  Frame* other = frame();
  Call call(Context::kTransmit, &queue());
  call.offered = offered;
  vnet_host_frame_header(other, 14);
  expect_violation("a frame that is not being sent");
  vnet_host_frame_header(offered, 61);
  expect_violation("beyond the frame");
  vnet_host_frame_pad(offered, 60);
  expect_violation("long enough");
}

TEST_F(FakeQueueTest, Carrier_FindsARepetition) {
  const Call call(Context::kControl, nullptr);
  vnet_host_carrier_set(device_.get(), 1);
  expect_none();
  vnet_host_carrier_set(device_.get(), 1);
  expect_violation("without a change");
}

TEST_F(FakeQueueTest, Counters_FindADropThatTheCoreDidNotCount) {
  Frame* sent = frame();
  host.ledger.offer(*sent, queue().uid());
  host.ledger.drop(*sent, VNET_DROP_NO_MEMORY, queue().uid(), true);
  host.check();
  expect_violation("the core counts 0 tx_drops no_memory, the ledger 1");
  host.ledger.clear();
}

}  // namespace
}  // namespace vnet::fake
