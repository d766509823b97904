// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Makes and deletes pairs of devices through rtnetlink: `ip` of Debian 12 knows no `peer` for kind
// vnet, and no netkit, and would count as a process per pair.
class Links {
 public:
  Links();
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  // veth, vnet and netkit describe the peer alike. netkit is asked for layer 2.
  void create_pair(const std::string& kind, const std::string& name, const std::string& peer);
  void remove(const std::string& name);
  // How large super-frames may be, sent (GSO) and merged (GRO), IPv6 and IPv4: BIG TCP above 64
  // KiB. `ip` of Debian 12 knows no sizes for IPv4.
  void set_sizes(const std::string& name, std::uint32_t bytes);

 private:
  void request(std::uint16_t type, std::uint16_t flags);
  std::size_t begin(std::uint16_t type);
  void end(std::size_t nest);
  void put(std::uint16_t type, const void* data, std::size_t size);
  void append(const void* data, std::size_t size);

  int socket_;
  std::vector<std::uint8_t> message_;
};
