// SPDX-License-Identifier: GPL-2.0-only
#include "user/port.h"

#include <spdlog/spdlog.h>
#include <vnet/host.h>

#include <algorithm>
#include <cstring>

#include "user/clock.h"

namespace vnet::user {
namespace {

// A batch stays small enough for its frames to be in the L2 cache when they are written.
constexpr int kBatchFrames = 64;
constexpr vnet_u32 kBatchBytes = 128 * 1024;
constexpr vnet_u32 kPollBudget = 64;  // NAPI_POLL_WEIGHT

// sock_def_readable() wakes with EPOLLPRI among others, and a TAP never reports it: with it we
// hear of the device's end (EPOLLERR) while we do not want to hear of frames. With no event at
// all that wake-up would not come through.
constexpr uint32_t kIdleEvents = EPOLLPRI;

}  // namespace

// ---- poll list

void PollList::push(Port& port) {
  if (port.irq_due_) return;
  port.irq_due_ = true;
  port.next_irq_ = nullptr;
  (first_ ? last_->next_irq_ : first_) = &port;
  last_ = &port;
}

Port* PollList::pop() {
  Port* const port = first_;
  if (!port) return nullptr;
  first_ = port->next_irq_;
  port->irq_due_ = false;
  return port;
}

// ---- life

Port::~Port() {
  shut();
  if (!device_) return;
  vnet_core_link_detach(device_);
  vnet_core_device_destroy(device_);
}

Failure Port::start(const vnet_params& params) {
  const char* why = nullptr;
  const int error = vnet_core_device_create(&params, this, &device_, &why);
  if (error) {
    device_ = nullptr;
    return why ? Error{"refused: " + name_ + ": " + why} : errno_error(name_, -error);
  }
  queue_ = vnet_core_device_queue(device_, 0, this);
  if (!queue_) return errno_error(name_, ENOMEM);
  apply_filter(false);
  if (Failure failure = tap_.set_carrier(false)) return failure;  // no link yet
  if (Failure failure = watchdog_.start(loop_)) return failure;
  if (Failure failure = deadline_.start(loop_)) return failure;
  if (Failure failure = fault_timer_.start(loop_)) return failure;
  return loop_.add(tap_.fd(), kIdleEvents, *this);
}

void Port::set_place(int nsid, int ifindex) {
  nsid_ = nsid;
  ifindex_ = ifindex;
}

// ---- transmit

void Port::on_event(uint32_t events) {
  if (events & EPOLLERR) return owner_.on_tap_error(*this);
  transmit();
}

void Port::transmit() {
  vnet_u32 bytes = 0;
  for (int frames = 0; frames < kBatchFrames && bytes < kBatchBytes; frames++) {
    if (!open_ || tx_stopped_) break;
    PoolFrame* const frame = pending_ ? std::exchange(pending_, nullptr) : receive_one();
    if (!frame) break;
    bytes += frame->frame.len;
    if (!submit(*frame)) break;
  }
  vnet_core_tx_doorbell(queue_);
}

PoolFrame* Port::receive_one() {
  for (;;) {
    PoolFrame* const frame = pool_.take();
    if (!frame) {
      starved_ = true;
      return nullptr;
    }
    const ssize_t len = tap_.receive(*frame);
    if (len >= 0 && static_cast<size_t>(len) < PoolFrame::kDataSize) {
      describe_frame(frame->wire.virtio, frame->wire.data, static_cast<vnet_u32>(len),
                     frame->frame);
      return frame;
    }
    pool_.give(*frame);
    if (len < 0) {
      if (len != -EAGAIN) errors_.read_other++;
      return nullptr;
    }
    errors_.read_truncated++;
  }
}

// False: the core did not take it, and has stopped the queue.
bool Port::submit(PoolFrame& frame) {
  switch (vnet_core_tx_admit(queue_, &frame.frame)) {
    case VNET_TX_ADMITTED:  // nothing ties a frame that was read from a TAP to its sender
      std::memcpy(frame.frame.dst, frame.wire.data, sizeof(frame.frame.dst));
      vnet_core_tx_put(queue_, &frame.frame, 1);
      return true;
    case VNET_TX_DROPPED:
      return true;
    case VNET_TX_BUSY:
      break;
  }
  pending_ = &frame;
  return false;
}

// ---- receive

void Port::poll() {
  vnet_u32 work;
  deliver(vnet_core_poll(queue_, kPollBudget, &work));
  if (work == kPollBudget || vnet_core_poll_done(queue_)) polls_.push(*this);
}

void Port::deliver(vnet_frame* list) {
  while (list) {
    PoolFrame& frame = PoolFrame::of(list);
    list = list->next;
    update_header(frame.frame, frame.wire.virtio);
    const ssize_t n = tap_.send(frame);
    if (n < 0) [[unlikely]]
      count_write_error(n);
    pool_.give(frame);
  }
}

void Port::count_write_error(ssize_t error) {
  switch (error) {
    case -EIO:
      errors_.write_down++;
      break;
    case -EINVAL:
      errors_.write_invalid++;
      break;
    case -ENOMEM:
    case -ENOBUFS:
    case -EAGAIN:
      errors_.write_no_memory++;
      break;
    default:
      errors_.write_other++;
  }
}

// ---- control

void Port::apply(const LinkState& state) {
  if (state.name != name_) {
    spdlog::info("{}: renamed to {}", name_, state.name);
    name_ = state.name;
    owner_.on_port_event(*this, VNET_EVENT_TYPE_CONFIG_CHANGED, 0);
  }
  apply_params(state);
  if (state.promiscuous != promiscuous_) apply_filter(state.promiscuous);
  if (state.up && !open_) open();
  if (!state.up) shut();
}

void Port::apply_params(const LinkState& state) {
  vnet_params wanted = params();
  const bool same = std::equal(state.mac.begin(), state.mac.end(), wanted.mac) &&
                    state.mtu == wanted.mtu && state.noarp == wanted.noarp;
  if (same) return;
  std::copy(state.mac.begin(), state.mac.end(), wanted.mac);
  wanted.mtu = state.mtu;
  wanted.noarp = state.noarp;
  if (Failure failure = set_params(wanted)) {
    spdlog::error("{}: {}", name_, failure->text);
    return;
  }
  owner_.on_port_event(*this, VNET_EVENT_TYPE_CONFIG_CHANGED, 0);
}

vnet_params Port::params() const {
  vnet_params params;
  vnet_core_params_get(device_, &params);
  return params;
}

Failure Port::set_params(const vnet_params& params) {
  const char* why = nullptr;
  if (const int error = vnet_core_params_set(device_, &params, &why))
    return why ? Error{why, -error} : errno_error("parameters", -error);
  if (open_) polls_.push(*this);  // a new ring asks for it
  watchdog_due_ = tx_stopped_;    // another timeout
  return {};
}

Failure Port::set_csum_wire(bool on) {
  if (Failure failure = tap_.set_offloads(!on)) return failure;
  csum_wire_ = on;
  return {};
}

// Unicast is filtered exactly. The kernel does not tell a TAP's owner which multicast groups were
// joined (drivers/net/tun.c, tun_net_mclist() is empty), so all of it passes: the stack drops what
// it does not want.
void Port::apply_filter(bool promiscuous) {
  vnet_filter filter{};
  filter.promiscuous = promiscuous;
  filter.all_multicast = 1;
  vnet_core_filter_set(device_, &filter);
  promiscuous_ = promiscuous;
}

void Port::open() {
  tx_stopped_ = timed_out_ = false;
  open_ = true;
  if (const int error = vnet_core_device_open(device_)) {
    open_ = false;
    spdlog::error("{}: cannot be opened: {}", name_, std::strerror(-error));
  }
}

void Port::shut() {
  if (!open_) return;
  // What the stack had sent before it took the device down still goes, as far as there is room.
  int frames = 0;
  for (; frames < kBatchFrames && !tx_stopped_; frames++) {
    PoolFrame* const frame = pending_ ? std::exchange(pending_, nullptr) : receive_one();
    if (!frame || !submit(*frame)) break;
  }
  vnet_core_tx_doorbell(queue_);
  open_ = false;
  vnet_core_device_stop(device_);
  discard_backlog();
}

// The rest must not come out when the device is up again.
void Port::discard_backlog() {
  while (PoolFrame* const frame = pending_ ? std::exchange(pending_, nullptr) : receive_one()) {
    errors_.discarded++;
    pool_.give(*frame);
  }
  starved_ = false;
}

void Port::settle() {
  if (starved_ && !pool_.empty()) starved_ = false;
  const bool watch = open_ && !tx_stopped_ && !starved_;
  if (watch != watched_) {
    watched_ = watch;
    loop_.change(tap_.fd(), watch ? uint32_t{EPOLLIN} : kIdleEvents, *this);
  }
  if (tx_stopped_ && watchdog_due_) {
    watchdog_expired();
  } else if (!tx_stopped_ && watchdog_.armed()) {
    watchdog_.disarm();
  }
  watchdog_due_ = false;
}

// ---- what the core asks

void Port::queue_stop() {
  tx_stopped_ = true;
  watchdog_due_ = true;
}

void Port::queue_wake() {
  tx_stopped_ = false;
  if (!std::exchange(timed_out_, false)) return;
  spdlog::info("{}: transmit queue recovered", name_);
  owner_.on_port_event(*this, VNET_EVENT_TYPE_TX_RECOVERED, 0);
}

void Port::carrier_set(bool up) {
  spdlog::info("{}: link {}", name_, up ? "up" : "down");
  if (Failure failure = tap_.set_carrier(up)) {
    if (failure->code != EBADFD) spdlog::error("{}: {}", name_, failure->text);
  }
  owner_.on_port_event(*this, up ? VNET_EVENT_TYPE_LINK_UP : VNET_EVENT_TYPE_LINK_DOWN, 0);
}

int Port::add_fault(const vnet_fault& fault, vnet_u32& id, vnet_refusal& why) {
  const int error = vnet_core_fault_add(device_, &fault, &id, &why);
  if (open_) polls_.push(*this);
  return error;
}

int Port::delete_fault(vnet_u32 id) {
  const int error = vnet_core_fault_del(device_, id);
  if (open_) polls_.push(*this);
  return error;
}

void Port::deadline_expired() {
  vnet_core_deadline(queue());
}

void Port::fault_timer_expired() {
  vnet_core_timer(device_);
}

// The core says when it wants to be asked again; 0: not before the next stop.
void Port::watchdog_expired() {
  const vnet_u64 now = monotonic_ns();
  const vnet_u64 ns = vnet_core_watchdog(device_, now);
  if (ns)
    watchdog_.arm(now + ns);
  else
    watchdog_.disarm();
}

void Port::fault(const vnet_fault_event& event) {
  static constexpr const char* kNames[VNET_FAULT_WHAT_COUNT] = {
#define VNET_FAULT_NAME(id, name, meaning) name,
      VNET_FAULTS(VNET_FAULT_NAME)
#undef VNET_FAULT_NAME
  };
  const char* const what = kNames[event.what];
  switch (event.news) {
    case VNET_FAULT_NEWS_ARMED:
      spdlog::info("{}: fault {}: {} armed", name_, event.id, what);
      break;
    case VNET_FAULT_NEWS_FIRED:
      log_firing(event, what);
      break;
    case VNET_FAULT_NEWS_ENDED:
      firings_.erase(event.id);
      spdlog::info("{}: fault {}: {} over, fired {} times", name_, event.id, what, event.value);
      break;
    case VNET_FAULT_NEWS_FORCED:
      spdlog::info("{}: fault {}: {} told to fire", name_, event.id, what);
      break;
  }
  owner_.on_port_fault(*this, event);
}

void Port::log_firing(const vnet_fault_event& event, const char* what) {
  const int room = firings_[event.id].take(vnet_host_clock_ns());
  if (room == 0) return;
  spdlog::warn("{}: fault {}: {} at {} of queue {}{}", name_, event.id, what, event.value,
               event.queue, room > 1 ? "" : "; the next ones within 5 s are left out");
}

void Port::notify(vnet_event event, vnet_u64 value) {
  switch (event) {
    case VNET_EVENT_LOCKUP:
      spdlog::warn("{}: transmit interrupt of frame {} lost, queue stopped", name_, value);
      owner_.on_port_event(*this, VNET_EVENT_TYPE_LOCKUP, value);
      break;
    case VNET_EVENT_TX_TIMEOUT:
      timed_out_ = true;
      spdlog::warn("{}: transmit queue timed out (time {} so far)", name_, value);
      owner_.on_port_event(*this, VNET_EVENT_TYPE_TX_TIMEOUT, value);
      break;
    case VNET_EVENT_RESET:
      owner_.on_port_event(*this, VNET_EVENT_TYPE_RING_RESET, value);
      break;
    case VNET_EVENT_RESET_FAILED:
      owner_.on_port_event(*this, VNET_EVENT_TYPE_RESET_FAILED, value);
      break;
  }
}

}  // namespace vnet::user
