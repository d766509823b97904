// SPDX-License-Identifier: GPL-2.0-only
// Reading netlink messages: the walk through a datagram, and what answers a request.
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <vnet/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace vnet::nlmsg {

class Parser {
 public:
  // Walks the caller's bytes, which are aligned to 4.
  Parser(const void* datagram, size_t length)
      : message_(static_cast<const nlmsghdr*>(datagram)), rest_(length) {}

  // The next message, all of it inside the datagram; null: no more.
  const nlmsghdr* next();
  // At the end: bytes are left that are no message.
  bool malformed() const { return rest_ > 0; }
  std::span<const vnet_u8> rest() const {
    return {reinterpret_cast<const vnet_u8*>(message_), rest_};
  }

 private:
  const nlmsghdr* message_;
  size_t rest_;
};

// Null: the message is too short for one.
const genlmsghdr* generic_header(const nlmsghdr& message);
// What follows it; empty if there is none.
std::span<const vnet_u8> attributes(const nlmsghdr& message);

// What ends the answers to a request: an ack, an error, or the end of a dump.
struct Status {
  bool done = false;               // NLMSG_DONE
  int code = 0;                    // 0, or a negative errno value
  std::string text;                // extack's; may be empty
  std::optional<vnet_u32> offset;  // of the attribute at fault, from the request's nlmsghdr on
};

// None: it is another message. A malformed one has the code -EBADMSG.
std::optional<Status> parse_status(const nlmsghdr& message);

}  // namespace vnet::nlmsg
