// SPDX-License-Identifier: GPL-2.0-only
// A pair with one thread per context, as a host has them. The ledger and the fake's own state are
// relaxed, so that only the core's ordering carries the frames.
#pragma once

#include <atomic>
#include <mutex>

#include "tests/fake/fixture.h"
#include "tests/unit/threads.h"

namespace vnet::fake {

class ThreadsPair : public PairTest {
 protected:
  ThreadsPair() { make_pair({}); }

  // The frames that a thread will send: made before it starts, the ledger's list is not for
  // threads.
  std::vector<Frame*> make_frames(u32 count, size_t length = 60) {
    std::vector<Frame*> frames(count);
    for (Frame*& frame : frames) frame = host.ledger.make(ethernet_frame(kMacB, kMacA, length));
    return frames;
  }

  // A transmitter: stops when told, goes on when woken, rings once per `batch`.
  void transmit(Queue& queue, const std::vector<Frame*>& frames, u32 batch) {
    for (u32 i = 0; i < frames.size() && deadline_.ahead();) {
      if (queue.stopped() || i >= allowed_.load(std::memory_order_relaxed)) {
        std::this_thread::yield();
        continue;
      }
      if (queue.tx(frames[i]) == VNET_TX_BUSY) continue;
      i++;
      if (i % batch == 0 || i == frames.size() || queue.stopped()) queue.doorbell();
    }
    sending_--;
  }

  // A poller: serves interrupts until told to end.
  void poll(Queue& queue, u32 budget) {
    while (!ended_ && deadline_.ahead()) {
      if (queue.raised())
        queue.serve(budget);
      else
        std::this_thread::yield();
    }
  }

  // One that control can keep from running: napi_disable().
  void poll(Queue& queue, u32 budget, std::mutex& napi) {
    while (!ended_ && deadline_.ahead()) {
      {
        const std::lock_guard lock(napi);
        if (queue.raised()) queue.serve(budget);
      }
      std::this_thread::yield();
    }
  }

  // A timer that fires at any time, which a late or an early one is at worst.
  void time(Queue& queue) {
    while (!ended_ && deadline_.ahead()) {
      if (!queue.expire()) std::this_thread::yield();
    }
  }

  void run_until(const std::function<bool()>& done) {
    while (!done() && deadline_.ahead()) std::this_thread::yield();
    EXPECT_TRUE(deadline_.ahead()) << "a wake-up or an interrupt was lost";
    ended_ = true;
    threads_.join();
    pair().run();
  }

  test::Deadline deadline_;
  std::atomic<bool> ended_{false};
  std::atomic<int> sending_{0};
  std::atomic<u32> allowed_{~0u};  // how many frames the transmitter may send by now
  test::Threads threads_;
};

}  // namespace vnet::fake
