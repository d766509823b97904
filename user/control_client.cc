// SPDX-License-Identifier: GPL-2.0-only
#include "user/control_client.h"

#include <linux/vnet_netlink.h>
#include <sys/socket.h>

#include <cstring>

#include "user/clock.h"

namespace vnet::user {

Failure ControlClient::start() {
  watched_ = EPOLLIN | EPOLLRDHUP;
  return loop_.add(socket_.get(), watched_, *this);
}

void ControlClient::on_event(uint32_t events) {
  blocked_ = false;
  int steps = 0;
  while (steps < kStepsPerRound && step(events)) steps++;
  if (!dead_) {
    flush_events();
    watch(steps == kStepsPerRound);
  }
  owner_.on_client_changed();
}

// ---- requests

// The next thing to do; false: there is none, or it has to wait.
bool ControlClient::step(uint32_t events) {
  if (answer_.length()) return send_answer();
  if (session_.dump) {
    requests_.proceed(session_, answer_);
    return send_answer();
  }
  if (const nlmsghdr* const request = requests_left_.next()) {
    requests_.serve(*request, session_, answer_);
    return send_answer();
  }
  if (requests_left_.malformed()) {
    refuse(requests_left_.rest(), -EINVAL,
           "nlmsg_len: must be 16 to what there is of the datagram");
    requests_left_ = {nullptr, 0};
    return send_answer();
  }
  return receive(events);
}

bool ControlClient::receive(uint32_t events) {
  constexpr size_t kSize = sizeof(buffers_->requests);
  // With MSG_TRUNC it is the datagram's own length, also of one that is cut off.
  const ssize_t n = recv(socket_.get(), buffers_->requests, kSize, MSG_DONTWAIT | MSG_TRUNC);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  // An empty datagram reads as the end does.
  if (n < 0 || (n == 0 && events & (EPOLLRDHUP | EPOLLHUP))) {
    dead_ = true;
    return false;
  }
  const auto length = static_cast<size_t>(n);
  const std::span<const vnet_u8> received{reinterpret_cast<const vnet_u8*>(buffers_->requests),
                                          std::min(length, kSize)};
  if (length == 0 || length > kSize) {
    refuse(received, length ? -EMSGSIZE : -EINVAL,
           length ? "a datagram has at most 81920 bytes" : "an empty datagram");
    return send_answer();
  }
  requests_left_ = nlmsg::Parser(received.data(), received.size());
  return true;
}

// Of what is no message the answer repeats the header, where there is as much.
void ControlClient::refuse(std::span<const vnet_u8> what, int code, const char* why) {
  nlmsghdr header{};
  if (what.size() >= sizeof(header)) std::memcpy(&header, what.data(), sizeof(header));
  (void)answer_.error(header, code, why);
}

// False: it waits for room.
bool ControlClient::send_answer() {
  if (!send(buffers_->answer, answer_.length())) return false;
  answer_.clear();
  return true;
}

// ---- events

void ControlClient::tell(vnet_u32 command, vnet_set set, const void* values) {
  if (deaf_) return;
  owner_.on_client_changed();
  if (lost_ == 0 && put_event(command, set, values)) return;
  flush_events();
  if (lost_ != 0 || !put_event(command, set, values)) lost_++;
}

bool ControlClient::put_event(vnet_u32 command, vnet_set set, const void* values) {
  events_.begin(nlmsg::VNET_SOCKET_FAMILY, static_cast<vnet_u8>(command), 0, 0);
  events_.append(set, values);
  return events_.end();
}

// Only into an empty datagram, so it fits.
void ControlClient::put_lost() {
  vnet_event_values event{};
  event.type = VNET_EVENT_TYPE_LOST;
  event.time = realtime_ns();
  event.value = lost_;
  event.has = 1ull << VNET_A_EVENT_TYPE | 1ull << VNET_A_EVENT_TIME | 1ull << VNET_A_EVENT_VALUE;
  if (put_event(VNET_CMD_EVENT, VNET_SET_EVENT, &event)) lost_ = 0;
}

// Answers go first, so that no event comes between the parts of one.
void ControlClient::flush_events() {
  while (!blocked_ && !answer_.length() && events_.length()) {
    if (!send(buffers_->events, events_.length())) break;
    events_.clear();
    if (lost_) put_lost();
  }
  if (blocked_) watch(false);
}

// ---- the socket

// False: no room. Who has closed has taken it.
bool ControlClient::send(const void* data, size_t length) {
  if (deaf_ || length == 0) return true;
  if (::send(socket_.get(), data, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
  if (errno != EAGAIN && errno != ENOBUFS) {
    deaf_ = true;
    return true;
  }
  blocked_ = true;
  return false;
}

// `more`: there is something to do without a new datagram.
void ControlClient::watch(bool more) {
  uint32_t events = 0;
  if (blocked_ || more) events |= EPOLLOUT;
  if (!answer_.length() && !more) events |= EPOLLIN | EPOLLRDHUP;
  if (events == watched_) return;
  watched_ = events;
  loop_.change(socket_.get(), events, *this);
}

}  // namespace vnet::user
