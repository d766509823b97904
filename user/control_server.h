// SPDX-License-Identifier: GPL-2.0-only
// The control socket: a listening SOCK_SEQPACKET socket in the driver's event loop, its clients,
// and what they are told. The messages are netlink's; see docs/architecture.md.
//
// Who may connect may do everything: root, and the user whose driver it is. The socket's mode
// (0600) says so, and the credentials of the one who connected.
#pragma once

#include <memory>
#include <vector>

#include "user/control_client.h"
#include "user/control_requests.h"
#include "user/drop_listener.h"
#include "user/event_loop.h"
#include "user/fd.h"
#include "user/result.h"

namespace vnet::user {

class ControlServer final : public EventLoop::Source,
                            public ControlClient::Owner,
                            public DropListener,
                            public DecisionListener {
 public:
  static constexpr size_t kClientsMax = 32;

  // `listener` is bound and listening.
  static Result<std::unique_ptr<ControlServer>> open(UniqueFd listener, EventLoop& loop,
                                                     const ControlRequests& requests);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  void tell(const Port& port, vnet_event_type type, vnet_u64 value);
  void tell_fault(const Port& port, const vnet_fault_event& event);
  // After each round of the loop: events go out, dead clients go.
  void settle() {
    if (changed_) tidy();
  }

  void on_event(uint32_t events) override;
  void on_client_changed() override { changed_ = true; }
  void on_frames_dropped(const Port& port, vnet_direction direction, const vnet_frame* list,
                         vnet_drop reason) override;
  void on_decisions(const Port& port, const vnet_decisions& decisions) override;

 private:
  ControlServer(UniqueFd listener, EventLoop& loop, const ControlRequests& requests)
      : listener_(std::move(listener)), loop_(loop), requests_(requests) {}

  void admit(UniqueFd socket);
  void accept_without_descriptors();
  void tidy();

  UniqueFd listener_;
  UniqueFd spare_;  // a descriptor for when there are none
  EventLoop& loop_;
  ControlRequests requests_;
  std::vector<std::unique_ptr<ControlClient>> clients_;
  bool changed_ = false;
  vnet_decided_values decided_{};  // what is told: too large for a stack
};

}  // namespace vnet::user
