// SPDX-License-Identifier: GPL-2.0-only
#include <cstring>
#include <thread>
#include <utility>

#include "tests/fake/device.h"

namespace vnet::fake {

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;

void violation(const std::string& what) {
  Host::get().violation(what);
}
}  // namespace

Queue::Queue(Device& device, u32 index)
    : device_(device), index_(index), uid_(Host::get().next_uid()) {}

vnet_verdict Queue::tx(Frame* frame, bool more) {
  Record& record = *frame->record;
  if (!Host::get().ledger.offer(*frame, uid_)) return VNET_TX_DROPPED;
  const Bytes before = frame->payload.bytes();
  const u64 wakes = wakes_.load(kRelaxed);
  Call call(Context::kTransmit, this);
  call.offered = frame;
  vnet_verdict verdict = vnet_core_tx_admit(core_, frame);
  if (verdict == VNET_TX_ADMITTED && !commit(call, *frame, more)) {
    vnet_core_tx_drop(core_, frame, VNET_DROP_NO_MEMORY);
    verdict = VNET_TX_DROPPED;
  }
  check_verdict(call, record, before, frame, wakes, verdict);
  return verdict;
}

// Between the two steps of a transmission: the frame becomes the receiver's. False: no memory.
bool Queue::commit(Call& call, Frame& frame, bool more) {
  Host& host = Host::get();
  if (host.fail_commit.fails_now()) return false;
  Queue& receiver = *static_cast<Queue*>(frame.receiver);
  if (!receiver.device_.is_open()) violation("a frame was admitted for a device that is not open");
  call.committed = true;
  call.offered = nullptr;
  host.ledger.commit(frame, receiver.uid(), next_order());
  host.reached(Point::kCommit);
  vnet_core_tx_put(core_, &frame, more);
  return true;
}

// `frame` is read only if the verdict gives it back.
void Queue::check_verdict(Call& call, Record& record, const Bytes& before, Frame* frame, u64 wakes,
                          vnet_verdict verdict) {
  const std::string name = "frame " + std::to_string(record.id);
  const auto outcome = std::pair(call.committed, call.dropped);
  switch (verdict) {
    case VNET_TX_ADMITTED:
      if (outcome != std::pair(true, false)) violation(name + " was admitted, and yet dropped");
      return;
    case VNET_TX_DROPPED:
      if (outcome != std::pair(false, true)) violation(name + ": verdict dropped, but it was not");
      return;
    case VNET_TX_BUSY:
      if (outcome != std::pair(false, false))
        return violation(name + ": verdict busy, but it is gone");
      if (std::memcmp(static_cast<vnet_frame*>(frame), &record.sent, sizeof(vnet_frame)) != 0 ||
          frame->payload.bytes() != before) {
        violation(name + " was touched before the verdict busy");
      }
      if (!stopped() && wakes_.load(kRelaxed) == wakes) violation("busy, but the queue runs");
      Host::get().ledger.take_back(*frame);
      return;
  }
  violation(name + ": unknown verdict");
}

void Queue::doorbell() {
  const Call call(Context::kTransmit, this);
  vnet_core_tx_doorbell(core_);
}

vnet_verdict Queue::send(const Bytes& bytes) {
  const vnet_verdict verdict = tx(Host::get().ledger.make(bytes), /*more=*/false);
  doorbell();  // of a batch that this verdict may have ended
  return verdict;
}

const char* Queue::line_name(Line line) {
  switch (line) {
    case Line::kDown:
      return "down";
    case Line::kUnmasking:
      return "unmasking";
    case Line::kArmed:
      return "armed";
    case Line::kRaised:
      return "raised";
    case Line::kPolling:
      return "polling";
  }
  return "?";
}

// Relaxed: the core's own ordering has to carry the frames from the raise to the poll.
//
// A poll at the other end of the link may be under way during stop(); its raise may come late,
// after the stop or even after the next open. Nobody but the host can order it, so it is no
// violation, and neither is the raise that follows it before the next poll. The same goes for a
// call that began before the end of a busy poll: what it raises may have been acknowledged there
// already.
void Queue::on_irq(u64 epoch) {
  irqs_.fetch_add(1, kRelaxed);
  const bool late = epoch < late_epoch_.load(kRelaxed);
  Line line = line_.load(kRelaxed);
  while (line == Line::kUnmasking || line == Line::kArmed) {
    if (!line_.compare_exchange_weak(line, Line::kRaised, kRelaxed)) continue;
    if (late) late_.store(true, kRelaxed);
    return;
  }
  // In this order: a busy poll that ends meanwhile begins the epoch before it clears the flag.
  if (late_.load(kRelaxed) || epoch < late_epoch_.load(kRelaxed)) return;
  violation(std::string("vnet_host_irq_raise while the interrupt is ") + line_name(line));
}

u32 Queue::poll(u32 budget) {
  Line line = line_.load(kRelaxed);
  if (line == Line::kDown) violation("the test polled a stopped device");
  // From kArmed it is a busy poll, and after a late raise it is one to the core: the core masks the
  // line itself, and an interrupt may come until then (to NAPI, one more poll).
  const bool busy = line == Line::kArmed || late_.load(kRelaxed);
  if (busy) late_.store(true, kRelaxed);
  line_.store(Line::kPolling, kRelaxed);
  const Call call(Context::kPoll, this);
  u32 work = ~0u;
  vnet_frame* const list = vnet_core_poll(core_, budget, &work);
  if (work > budget) violation("a poll exceeded its budget");
  if (busy) begin_late_epoch();
  late_.store(false, kRelaxed);
  take(list, budget, work);
  return work;
}

void Queue::take(vnet_frame* list, u32 budget, u32 work) {
  u32 frames = 0;
  while (list) {
    auto* frame = static_cast<Frame*>(list);
    list = list->next;
    if (++frames > work || frames > budget)
      return violation("more frames than the poll's work says");
    if (!Host::get().ledger.deliver(*frame, uid_)) return;
    check_order(*frame->record);
    received_count_++;
    if (keep_received_)
      received_.push_back({frame->payload.bytes(), *frame, frame->record->id, Host::get().now()});
    poll_graveyard_.add(frame);
  }
}

// What a wire has made of a frame, copies and segments, has the frame's place.
void Queue::check_order(const Record& record) {
  const bool made = record.sender == 0;
  const bool behind = record.order > last_order_ || (made && record.order == last_order_);
  if (!behind && !may_reorder_) violation("frames came out of order");
  last_order_ = record.order;
}

bool Queue::poll_done() {
  const Call call(Context::kPoll, this);
  if (line_.load(kRelaxed) != Line::kPolling)
    violation("the test ended a poll that it did not begin");
  line_.store(Line::kUnmasking, kRelaxed);
  const bool again = vnet_core_poll_done(core_) != 0;
  Line line = Line::kUnmasking;
  if (!line_.compare_exchange_strong(line, again ? Line::kPolling : Line::kArmed, kRelaxed) &&
      again) {
    violation("an interrupt was raised and reported by poll_done as well");
  }
  return again;
}

u32 Queue::serve(u32 budget) {
  u32 total = 0;
  for (;;) {
    u32 work;
    do {
      work = poll(budget);
      total += work;
    } while (work == budget);
    if (!poll_done()) return total;
  }
}

void Queue::after_open() {
  Line line = Line::kUnmasking;
  line_.compare_exchange_strong(line, Line::kArmed, kRelaxed);
}

// What calls that have begun by now raise may come late.
void Queue::begin_late_epoch() {
  late_epoch_.store(Host::get().epoch.fetch_add(1, kRelaxed) + 1, kRelaxed);
}

void Queue::after_stop() {
  begin_late_epoch();
  line_.store(Line::kDown, kRelaxed);
  stopped_.store(false, kRelaxed);
}

// Relaxed, as the line: a timer orders nothing for the core's frames.
bool Queue::expire() {
  if (deadline_.exchange(0, kRelaxed) == 0) return false;
  const Call call(Context::kTimer, this);
  vnet_core_deadline(core_);
  return true;
}

void Queue::on_deadline_arm(u64 at) {
  if (!device_.is_open()) violation("a deadline for a device that is not open");
  deadline_.store(at, kRelaxed);
}

void Queue::on_stop() {
  if (stopped_.exchange(true, kRelaxed)) violation("vnet_host_queue_stop of a stopped queue");
  stops_++;
}

void Queue::on_wake() {
  wakes_.fetch_add(1, kRelaxed);
  if (!stopped_.exchange(false, kRelaxed)) violation("vnet_host_queue_wake of a running queue");
}

// A call that began before this one has ended once the count was even or has moved. The look
// writes, so that a call that it does not see begins after it, and sees all that control did
// before: with a mere load the processor may look before it has stored.
void Queue::wait_for(std::atomic<u64>& count) {
  const u64 calls = count.fetch_add(0, std::memory_order_seq_cst);
  if (calls % 2 == 0) return;
  while (count.load(std::memory_order_acquire) == calls) std::this_thread::yield();
}

void Queue::tx_timeout() {
  const Call call(Context::kControl, nullptr);
  vnet_core_tx_timeout(core_);
}

int Queue::irq_raise(u32 causes) {
  const Call call(Context::kAny, nullptr);
  return vnet_core_irq_raise(device_.core(), index_, causes);
}

vnet_queue_stats Queue::stats() const {
  const Call call(Context::kAny, nullptr);
  vnet_queue_stats stats;
  std::memset(&stats, 0xff, sizeof(stats));  // the core has to fill in every field
  vnet_core_queue_stats(device_.core(), index_, &stats);
  return stats;
}

u32 Queue::reg(vnet_queue_register which) const {
  const std::vector<u32> registers = device_.registers();
  return registers.at(VNET_REG_DEVICE_COUNT + index_ * VNET_REG_QUEUE_COUNT + which);
}

void Queue::on_decisions(const vnet_decisions& decisions) {
  if (decisions.sequence != decisions_told_)
    Host::get().violation("decisions were told out of sequence");
  if (decisions.count == 0) Host::get().violation("no decisions were told");
  decisions_told_ += decisions.count;
  decisions_.insert(decisions_.end(), decisions.list, decisions.list + decisions.count);
}

void Queue::on_notice(Notice notice) {
  const std::lock_guard lock(notices_mutex_);
  notices_.push_back(notice);
}

std::vector<Notice> Queue::take_notices() {
  const std::lock_guard lock(notices_mutex_);
  return std::exchange(notices_, {});
}

std::vector<Received> Queue::take_received() {
  return std::exchange(received_, {});
}

}  // namespace vnet::fake
