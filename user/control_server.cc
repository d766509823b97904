// SPDX-License-Identifier: GPL-2.0-only
#include "user/control_server.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/vnet_netlink.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <vnet/decision.h>

#include <algorithm>

#include "user/clock.h"

namespace vnet::user {
namespace {

// A frame's first bytes, in an event: all of what fits an MTU of 1500, with tags.
constexpr vnet_u32 kDroppedBytes = 2048;

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

// Where the driver lives in a user namespace the user is root there, and the real root nobody.
bool may_connect(int socket) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

// With a message, so that the one who connected knows. Its requests are taken first: closing a
// socket with data unread resets the connection, and what was sent is not read any more.
void turn_away(const UniqueFd& socket, int code, const std::string& why) {
  alignas(8) char bytes[512];
  nlmsg::Builder answer(bytes, sizeof(bytes));
  (void)answer.error(nlmsghdr{}, code, why);
  char unread[16];
  while (recv(socket.get(), unread, sizeof(unread), MSG_DONTWAIT) > 0) continue;
  (void)!send(socket.get(), bytes, answer.length(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

vnet_bytes bytes_of(const std::string& text) {
  return {text.data(), static_cast<vnet_u32>(text.size())};
}

}  // namespace

// ---- connections

Result<std::unique_ptr<ControlServer>> ControlServer::open(UniqueFd listener, EventLoop& loop,
                                                           const ControlRequests& requests) {
  std::unique_ptr<ControlServer> server(new ControlServer(std::move(listener), loop, requests));
  server->spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (Failure failure = loop.add(server->listener_.get(), EPOLLIN, *server)) return *failure;
  return server;
}

ControlServer::~ControlServer() {
  if (drop_listener == this) drop_listener = nullptr;
  if (decision_listener == this) decision_listener = nullptr;
}

// One at a time: the loop comes again as long as somebody waits.
void ControlServer::on_event(uint32_t) {
  UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) {
    admit(std::move(socket));
  } else if (errno == EMFILE || errno == ENFILE) {
    accept_without_descriptors();
  }
}

void ControlServer::admit(UniqueFd socket) {
  if (!may_connect(socket.get()))
    return turn_away(socket, -EPERM, "only root and the driver's own user may connect");
  const auto living = std::count_if(clients_.begin(), clients_.end(),
                                    [](const auto& client) { return !client->dead(); });
  if (static_cast<size_t>(living) >= kClientsMax)
    return turn_away(socket, -EUSERS,
                     fmt::format("{} clients are connected, which is the limit", kClientsMax));
  auto client = std::make_unique<ControlClient>(std::move(socket), loop_, requests_, *this);
  if (Failure failure = client->start()) {
    spdlog::warn("a client of the control socket: {}", failure->text);
    return;
  }
  clients_.push_back(std::move(client));
}

// Who waits would be announced for ever.
void ControlServer::accept_without_descriptors() {
  spare_.reset();
  const UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) turn_away(socket, -EMFILE, "the driver has no file descriptor left");
  spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void ControlServer::tidy() {
  changed_ = false;
  vnet_u32 groups = 0;
  for (const auto& client : clients_) {
    if (!client->dead()) client->flush_events();
    groups |= client->dead() ? 0 : client->groups();
  }
  std::erase_if(clients_, [](const auto& client) { return client->dead(); });
  drop_listener = groups & VNET_GROUP_DROPS ? this : nullptr;
  decision_listener = groups & VNET_GROUP_DECISIONS ? this : nullptr;
}

// ---- events

void ControlServer::tell(const Port& port, vnet_event_type type, vnet_u64 value) {
  vnet_event_values event{};
  event.type = type;
  event.time = realtime_ns();
  event.ifindex = static_cast<vnet_u32>(port.ifindex());
  event.ifname = bytes_of(port.name());
  event.queue = 0;
  event.value = value;
  event.has = bit(VNET_A_EVENT_TYPE) | bit(VNET_A_EVENT_TIME) | bit(VNET_A_EVENT_IFINDEX) |
              bit(VNET_A_EVENT_IFNAME);
  const bool of_queue = type == VNET_EVENT_TYPE_RING_RESET ||
                        type == VNET_EVENT_TYPE_RESET_FAILED || type == VNET_EVENT_TYPE_LOCKUP ||
                        type == VNET_EVENT_TYPE_TX_TIMEOUT || type == VNET_EVENT_TYPE_TX_RECOVERED;
  if (of_queue) event.has |= bit(VNET_A_EVENT_QUEUE);
  if (of_queue && type != VNET_EVENT_TYPE_TX_RECOVERED) event.has |= bit(VNET_A_EVENT_VALUE);
  if (type == VNET_EVENT_TYPE_CONFIG_CHANGED) {
    event.has |= bit(VNET_A_EVENT_SEED);
    event.seed = port.params().seed;
  }
  for (const auto& client : clients_)
    if (client->groups() & VNET_GROUP_EVENTS) client->tell(VNET_CMD_EVENT, VNET_SET_EVENT, &event);
}

void ControlServer::tell_fault(const Port& port, const vnet_fault_event& fault) {
  constexpr vnet_u32 kTypes[] = {VNET_EVENT_TYPE_FAULT_ARMED, VNET_EVENT_TYPE_FAULT_FIRED,
                                 VNET_EVENT_TYPE_FAULT_ENDED, VNET_EVENT_TYPE_FAULT_FORCED};
  vnet_event_values event{};
  event.type = kTypes[fault.news];
  event.time = realtime_ns();
  event.ifindex = static_cast<vnet_u32>(port.ifindex());
  event.ifname = bytes_of(port.name());
  event.queue = fault.queue;
  event.value = fault.value;
  event.fault = fault.id;
  event.fault_what = fault.what;
  event.frame = fault.frame;
  event.has = bit(VNET_A_EVENT_TYPE) | bit(VNET_A_EVENT_TIME) | bit(VNET_A_EVENT_IFINDEX) |
              bit(VNET_A_EVENT_IFNAME) | bit(VNET_A_EVENT_VALUE) | bit(VNET_A_EVENT_FAULT) |
              bit(VNET_A_EVENT_FAULT_WHAT);
  if (fault.queue != VNET_FAULT_ALL_QUEUES) event.has |= bit(VNET_A_EVENT_QUEUE);
  if (fault.frame) event.has |= bit(VNET_A_EVENT_FRAME);
  for (const auto& client : clients_)
    if (client->groups() & VNET_GROUP_EVENTS) client->tell(VNET_CMD_EVENT, VNET_SET_EVENT, &event);
}

void ControlServer::on_frames_dropped(const Port& port, vnet_direction direction,
                                      const vnet_frame* list, vnet_drop reason) {
  vnet_dropped_values event{};
  event.time = realtime_ns();
  event.ifindex = static_cast<vnet_u32>(port.ifindex());
  event.ifname = bytes_of(port.name());
  event.direction = static_cast<vnet_u8>(direction);
  event.reason = reason;
  event.has = bit(VNET_A_DROPPED_TIME) | bit(VNET_A_DROPPED_IFINDEX) | bit(VNET_A_DROPPED_IFNAME) |
              bit(VNET_A_DROPPED_QUEUE) | bit(VNET_A_DROPPED_DIRECTION) |
              bit(VNET_A_DROPPED_REASON) | bit(VNET_A_DROPPED_LENGTH) | bit(VNET_A_DROPPED_DATA);
  for (; list; list = list->next) {
    event.length = list->len;
    event.data = {PoolFrame::of(list).wire.data, std::min(list->len, kDroppedBytes)};
    for (const auto& client : clients_)
      if (client->groups() & VNET_GROUP_DROPS)
        client->tell(VNET_CMD_DROPPED, VNET_SET_DROPPED, &event);
  }
}

void ControlServer::on_decisions(const Port& port, const vnet_decisions& decisions) {
  decided_.ifindex = static_cast<vnet_u32>(port.ifindex());
  decided_.ifname = bytes_of(port.name());
  decided_.queue = 0;
  decided_.direction = VNET_DIRECTION_RX;
  decided_.time = realtime_ns();
  decided_.seed = decisions.seed;
  decided_.run = decisions.run;
  decided_.sequence = decisions.sequence;
  decided_.has = bit(VNET_A_DECIDED_DECISION + 1) - bit(VNET_A_DECIDED_IFINDEX);
  decided_.decision_count = decisions.count;
  for (vnet_u32 i = 0; i < decisions.count; i++)
    vnet_core_decision_values(&decisions.list[i], &decided_.decision[i]);
  for (const auto& client : clients_)
    if (client->groups() & VNET_GROUP_DECISIONS)
      client->tell(VNET_CMD_DECIDED, VNET_SET_DECIDED, &decided_);
}

}  // namespace vnet::user
