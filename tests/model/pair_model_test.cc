// SPDX-License-Identifier: GPL-2.0-only
// A pair against a model of deques: random operations in virtual time, every verdict, delivery,
// drop and timeout foretold.
#include <algorithm>
#include <deque>

#include "tests/fake/fixture.h"
#include "tests/unit/frame_maker.h"
#include "tests/unit/threads.h"

namespace vnet::fake {
namespace {

using reference::chance;
using reference::pick;
using reference::Random;

constexpr u32 kRing = VNET_RING_MIN;
constexpr u32 kQueues = 2;
constexpr u32 kMtu = 300;
constexpr u32 kLockup = 97;
constexpr u64 kTimeout = VNET_TIMEOUT_MIN_MS * 1'000'000ull;

// One queue's way from an end to the other.
struct Way {
  struct Sent {
    u64 id;
    bool foreign;  // not for the receiver: it will drop it
  };
  std::deque<Sent> ring;
  bool stopped = false, hung = false;
  u64 ordinal = 0, since = 0;  // since 0: the watchdog has not seen the stop
  u64 timeouts = 0;
  u64 drops[VNET_DROP_COUNT] = {};        // by the sender
  u64 filtered = 0, dropped_stopped = 0;  // by the receiver
};

class PairModel : public PairTest, public ::testing::WithParamInterface<u32> {
 protected:
  PairModel() : random_(reference::test_seed() + GetParam()) {
    make_pair({.queues = kQueues,
               .ring_size = kRing,
               .mtu = kMtu,
               .lockup = kLockup,
               .timeout_ms = VNET_TIMEOUT_MIN_MS,
               .tx_irq = GetParam() % 2 == 1});
  }

  Device& device(u32 end) { return end == 0 ? pair().a() : pair().b(); }
  Queue& queue(u32 end, u32 index) { return device(end).queue(index); }
  Way& way(u32 from, u32 index) { return ways_[from][index]; }
  bool link_up() { return linked_ && open_[0] && open_[1]; }

  // A wake may have come: only where the model allows one.
  void observe(u32 end, u32 index) {
    Way& way = ways_[end][index];
    if (queue(end, index).stopped() == way.stopped) return;
    ASSERT_TRUE(way.stopped) << "stopped without a reason";
    ASSERT_FALSE(way.hung) << "woken while hung";
    ASSERT_LE(way.ring.size(), kRing / 2) << "woken too early";
    way.stopped = false;
    way.since = 0;
  }

  vnet_verdict expected_verdict(Way& way, size_t length, bool commit_fails) {
    if (!link_up()) return count_drop(way, VNET_DROP_LINK_DOWN);
    if (way.stopped) return VNET_TX_BUSY;
    if (way.ring.size() == kRing) {
      way.stopped = true;
      return VNET_TX_BUSY;
    }
    if (length < 14) return count_drop(way, VNET_DROP_RUNT);
    if (length > kMtu + 18) return count_drop(way, VNET_DROP_TOO_LONG);
    return commit_fails ? count_drop(way, VNET_DROP_NO_MEMORY) : VNET_TX_ADMITTED;
  }

  static vnet_verdict count_drop(Way& way, vnet_drop reason) {
    way.drops[reason]++;
    return VNET_TX_DROPPED;
  }

  void send(u32 end, u32 index) {
    constexpr u8 kForeign[6] = {2, 2, 2, 2, 2, 2};
    Way& way = ways_[end][index];
    const bool foreign = chance(random_, 8), commit_fails = chance(random_, 16);
    const size_t length = chance(random_, 8) ? pick(random_, 400) : 60;
    const auto& to = foreign ? kForeign : end == 0 ? kMacB : kMacA;
    Bytes bytes = ethernet_frame(to, end == 0 ? kMacA : kMacB, std::max<size_t>(length, 14));
    bytes.resize(length);
    const vnet_verdict expected = expected_verdict(way, length, commit_fails);
    Frame* frame = host.ledger.make(bytes);
    const u64 id = frame->record->id;
    host.fail_commit.fail_nth(commit_fails ? 1 : 0);
    ASSERT_EQ(queue(end, index).tx(frame), expected);
    host.fail_commit.fail_nth(0);
    if (expected == VNET_TX_ADMITTED) {
      way.ring.push_back({id, foreign});
      way.hung |= ++way.ordinal % kLockup == 0;
      way.stopped |= way.hung || way.ring.size() == kRing;
    }
    ASSERT_EQ(queue(end, index).stopped(), way.stopped);
    if (!chance(random_, 3)) queue(end, index).doorbell();
  }

  // One poll of `end`, of what the other end sent.
  void poll(u32 end, u32 index, u32 budget, bool done) {
    if (!open_[end]) return;
    Way& way = ways_[1 - end][index];
    const size_t work = std::min<size_t>(budget, way.ring.size());
    ASSERT_EQ(queue(end, index).poll(budget), work);
    const std::vector<Received> received = queue(end, index).take_received();
    size_t next = 0;
    for (size_t i = 0; i < work; i++) {
      const Way::Sent sent = way.ring.front();
      way.ring.pop_front();
      way.filtered += sent.foreign;
      if (sent.foreign) continue;
      ASSERT_LT(next, received.size());
      ASSERT_EQ(received[next++].id, sent.id);
    }
    ASSERT_EQ(next, received.size());
    observe(end, index);
    // As a host does: it polls on while a poll uses up its budget or poll_done() says so.
    while (done && queue(end, index).poll_done()) poll(end, index, 64, false);
  }

  void serve_all() {
    for (bool quiet = false; !quiet;) {
      quiet = true;
      for (u32 end = 0; end < 2; end++) {
        for (u32 index = 0; index < kQueues; index++) {
          if (!queue(end, index).raised()) continue;
          poll(end, index, 64, true);
          quiet = false;
          if (HasFatalFailure()) return;
        }
      }
    }
  }

  void expect_nobody_waits() {
    for (u32 end = 0; end < 2; end++) {
      for (u32 index = 0; index < kQueues; index++) {
        ASSERT_EQ(queue(end, index).stopped(), ways_[end][index].hung) << "left stopped";
      }
    }
  }

  // What the end of a link does to an end that stays open.
  void lose_link(u32 end) {
    for (Way& way : ways_[end]) {
      if (way.hung) continue;
      way.stopped = false;
      way.since = 0;
    }
  }

  void toggle_open(u32 end) {
    if (!open_[end]) {
      device(end).open();
      open_[end] = true;
      return;
    }
    if (link_up()) lose_link(1 - end);
    device(end).stop();
    open_[end] = false;
    for (Way& way : ways_[end]) way.stopped = way.hung = false, way.since = 0;
    for (Way& way : ways_[1 - end]) {
      way.dropped_stopped += way.ring.size();
      way.ring.clear();
    }
  }

  void toggle_link() {
    if (!linked_) {
      ASSERT_EQ(pair().a().attach(pair().b()), 0);
      linked_ = true;
      return;
    }
    if (link_up()) lose_link(0), lose_link(1);
    device(pick(random_, 2)).detach();
    linked_ = false;
  }

  void let_time_pass(u32 end) {
    host.advance(random_() % (2 * kTimeout));
    u64 next = 0;
    for (Way& way : ways_[end]) {
      if (!way.stopped) continue;
      u64 remaining = kTimeout;
      if (way.since == 0) {
        way.since = host.now();
      } else if (host.now() - way.since >= kTimeout) {
        way.since = host.now();
        way.timeouts++;
        way.hung = false;
      } else {
        remaining = kTimeout - (host.now() - way.since);
      }
      next = next == 0 ? remaining : std::min(next, remaining);
    }
    ASSERT_EQ(device(end).watchdog(), next);
  }

  void operation() {
    const u32 end = pick(random_, 2), index = pick(random_, kQueues);
    const u32 choice = pick(random_, 1000);
    if (choice < 800) return send(end, index);
    if (choice < 850) return queue(end, index).doorbell();
    if (choice < 920) return poll(end, index, pick(random_, 40), true);
    if (choice < 960) return serve_all();
    if (choice < 990) return let_time_pass(end);
    if (choice < 996) return toggle_open(end);
    toggle_link();
  }

  void expect_counters() {
    for (u32 end = 0; end < 2; end++) {
      for (u32 index = 0; index < kQueues; index++) {
        const Way& sent = ways_[end][index];
        const vnet_queue_stats stats = queue(end, index).stats();
        const vnet_queue_stats other = queue(1 - end, index).stats();
        ASSERT_EQ(stats.tx_frames, sent.ordinal);
        ASSERT_EQ(stats.tx_timeouts, sent.timeouts);
        ASSERT_EQ(other.in_flight, sent.ring.size());
        ASSERT_EQ(other.rx_drops[VNET_DROP_UNICAST_FILTER], sent.filtered);
        ASSERT_EQ(other.rx_drops[VNET_DROP_STOPPED], sent.dropped_stopped);
        for (u32 reason = 0; reason < VNET_DROP_COUNT; reason++) {
          ASSERT_EQ(stats.tx_drops[reason], sent.drops[reason]);
        }
      }
    }
  }

  Random random_;
  Way ways_[2][kQueues];
  bool open_[2] = {true, true};
  bool linked_ = true;
};

TEST_P(PairModel, RandomOperations_AgreeWithTheModel) {
  for (u32 operations = 1; operations <= test::scaled(100000); operations++) {
    operation();
    if (HasFatalFailure()) FAIL() << "operation " << operations;
    if (operations % 64 != 0) continue;
    serve_all();
    expect_nobody_waits();
    expect_counters();
    if (HasFatalFailure()) FAIL() << "operation " << operations;
  }
  host.check();
}

INSTANTIATE_TEST_SUITE_P(Seeds, PairModel, ::testing::Range(0u, 4u));

}  // namespace
}  // namespace vnet::fake
