// SPDX-License-Identifier: GPL-2.0-only
// One connection to the control socket.
//
// Nothing here waits, and a client holds no more of the driver's memory than one datagram each of
// requests, of answers and of events. Requests are served one message after the other, none while
// an answer waits for room in the socket; a dump goes on when there is room. Events that find no
// room are lost, and the client is told how many.
#pragma once

#include <memory>
#include <span>

#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"
#include "user/control_requests.h"
#include "user/event_loop.h"
#include "user/fd.h"

namespace vnet::user {

class ControlClient final : public EventLoop::Source {
 public:
  class Owner {
   public:
    // The client may have subscribed to other groups, have events to flush, or be dead.
    virtual void on_client_changed() = 0;

   protected:
    ~Owner() = default;
  };

  ControlClient(UniqueFd socket, EventLoop& loop, ControlRequests& requests, Owner& owner)
      : socket_(std::move(socket)), loop_(loop), requests_(requests), owner_(owner) {}
  Failure start();

  vnet_u32 groups() const { return deaf_ ? 0 : session_.groups; }
  bool dead() const { return dead_; }

  void on_event(uint32_t events) override;

  // An event, which goes out with the next flush or is lost.
  void tell(vnet_u32 command, vnet_set set, const void* values);
  void flush_events();

 private:
  // Then the loop's other sources have their turn.
  static constexpr int kStepsPerRound = 16;
  static constexpr size_t kEventsMax = 32 * 1024;  // bytes beside a socket without room

  bool step(uint32_t events);
  bool receive(uint32_t events);
  void refuse(std::span<const vnet_u8> what, int code, const char* why);
  bool send_answer();
  bool send(const void* data, size_t length);
  bool put_event(vnet_u32 command, vnet_set set, const void* values);
  void put_lost();
  void watch(bool more);

  UniqueFd socket_;
  EventLoop& loop_;
  ControlRequests& requests_;
  Owner& owner_;
  ControlRequests::Session session_;
  uint32_t watched_ = 0;
  vnet_u64 lost_ = 0;     // events that found no room, not told yet
  bool blocked_ = false;  // the socket had no room
  bool deaf_ = false;     // it has closed its end: what it had sent before is still served
  bool dead_ = false;

  struct Buffers {
    alignas(8) char requests[nlmsg::kDatagramMax];
    alignas(8) char answer[ControlRequests::kAnswerMax];
    alignas(8) char events[kEventsMax];
  };
  std::unique_ptr<Buffers> buffers_ = std::make_unique<Buffers>();
  nlmsg::Parser requests_left_{nullptr, 0};
  nlmsg::Builder answer_{buffers_->answer, sizeof(buffers_->answer)};
  nlmsg::Builder events_{buffers_->events, sizeof(buffers_->events)};
};

}  // namespace vnet::user
