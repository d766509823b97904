// SPDX-License-Identifier: GPL-2.0-only
// Writing netlink messages: generic netlink's, and what answers them.
//
// A datagram holds one message or more. One that does not fit leaves nothing behind, so a dump goes
// on with it in the next datagram.
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <vnet/control.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace vnet::nlmsg {

// The nlmsg_type of requests, replies and events on a user-space driver's socket, where there is no
// generic netlink that would number families.
enum : vnet_u16 { VNET_SOCKET_FAMILY = 0x7f0 };

// No datagram on that socket is longer, either way. An attribute may have 64 KiB.
inline constexpr size_t kDatagramMax = 80 * 1024;

// What NLMSGERR_ATTR_OFFS counts from the nlmsghdr on, vnet_control_error.offset from the first
// attribute.
inline constexpr vnet_u32 kAttributesAt = NLMSG_HDRLEN + GENL_HDRLEN;

class Builder {
 public:
  // Writes to the caller's buffer, which is aligned to 4 bytes and outlives the builder.
  Builder(void* buffer, size_t size) : at_(static_cast<char*>(buffer)), size_(size) {}

  // A generic netlink message; `type` is the family's number, `flags` are NLM_F_*.
  void begin(vnet_u16 type, vnet_u8 command, vnet_u32 sequence, vnet_u16 flags);
  // Appends the attributes that `values`, the set's struct, has.
  void append(vnet_set set, const void* values);
  // Appends one attribute, for families other than ours.
  void put(vnet_u16 attribute, const void* data, size_t length);
  // False: something of the message did not fit, and it is gone.
  [[nodiscard]] bool end();

  // Whole messages; false: no room, nothing was written. `code` is 0 or a negative errno value,
  // `text` and `offset` (from the request's nlmsghdr) are left out where there are none.
  [[nodiscard]] bool error(const nlmsghdr& request, int code, std::string_view text = {},
                           std::optional<vnet_u32> offset = {});
  [[nodiscard]] bool done(const nlmsghdr& request, int code = 0);

  // Of the messages that have ended.
  size_t length() const { return length_; }
  void clear() { length_ = 0; }

 private:
  void header(vnet_u16 type, vnet_u32 sequence, vnet_u16 flags, vnet_u32 port);
  void* extra(size_t length);
  nlmsghdr* message() const;

  char* at_;
  size_t size_;
  size_t length_ = 0;
  bool fits_ = true;
};

}  // namespace vnet::nlmsg
