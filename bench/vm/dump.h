// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// A dump of all devices of this network namespace: device-get of the generic netlink family vnet,
// or RTM_GETLINK, which is what veth's user would ask.
class Dump {
 public:
  explicit Dump(const std::string& kind);
  ~Dump();
  Dump(const Dump&) = delete;
  Dump& operator=(const Dump&) = delete;

  // How many messages came.
  std::uint64_t run();

 private:
  std::uint16_t family(const char* name);
  void send(std::uint16_t type, std::uint16_t flags, const void* payload, std::size_t size);

  int socket_;
  std::uint16_t type_;
  std::vector<std::uint8_t> request_;  // behind the nlmsghdr
  std::vector<char> buffer_;
};
