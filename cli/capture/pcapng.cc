// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture/pcapng.h"

#include <algorithm>
#include <concepts>
#include <limits>

namespace vnet::cli {
namespace {

// Section 11.1: block types.
constexpr vnet_u32 kSectionHeader = 0x0a0d0d0a;
constexpr vnet_u32 kInterfaceDescription = 1;
constexpr vnet_u32 kInterfaceStatistics = 5;
constexpr vnet_u32 kEnhancedPacket = 6;

constexpr vnet_u32 kByteOrderMagic = 0x1a2b3c4d;
constexpr vnet_u16 kLinkTypeEthernet = 1;

// Option codes are those of the block they stand in, but for the first two (3.5).
enum : vnet_u16 { kEndOfOptions = 0, kComment = 1 };
enum : vnet_u16 { kShbHardware = 2, kShbOs = 3, kShbUserAppl = 4 };
enum : vnet_u16 { kIfName = 2, kIfDescription = 3, kIfTsResol = 9, kIfFilter = 11, kIfOs = 12 };
enum : vnet_u16 { kEpbFlags = 2, kEpbQueue = 6 };
enum : vnet_u16 {
  kIsbStartTime = 2,
  kIsbEndTime = 3,
  kIsbIfRecv = 4,
  kIsbOsDrop = 7,
  kIsbUsrDeliv = 8
};

constexpr char kNanoseconds = 9;  // if_tsresol: 10^-9 s

// One block: its length, which stands at both ends, is known when it ends.
class Block {
 public:
  Block(std::string& out, vnet_u32 type) : out_(out), start_(out.size()) {
    put(type);
    put(vnet_u32{0});
  }
  ~Block() {
    const auto length = static_cast<vnet_u32>(out_.size() - start_ + sizeof(vnet_u32));
    out_.replace(start_ + sizeof(vnet_u32), sizeof(length), reinterpret_cast<const char*>(&length),
                 sizeof(length));
    put(length);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  template <std::integral T>
  void put(T value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  // All that is not a multiple of 32 bits is padded to one.
  void put_bytes(std::string_view bytes) {
    out_.append(bytes);
    out_.append((4 - bytes.size() % 4) % 4, '\0');
  }
  // 4.3: the high half first, in either byte order.
  void put_time(vnet_u64 ns) {
    put(static_cast<vnet_u32>(ns >> 32));
    put(static_cast<vnet_u32>(ns));
  }

  void option(vnet_u16 code, std::string_view value) {
    value = value.substr(0, std::numeric_limits<vnet_u16>::max());
    option_header(code, value.size());
    put_bytes(value);
  }
  void text(vnet_u16 code, std::string_view value) {
    if (!value.empty()) option(code, value);
  }
  template <std::integral T>
  void number(vnet_u16 code, T value) {
    option(code, {reinterpret_cast<const char*>(&value), sizeof(value)});
  }
  void time(vnet_u16 code, vnet_u64 ns) {
    option_header(code, sizeof(ns));
    put_time(ns);
  }
  void end_of_options() { option_header(kEndOfOptions, 0); }

 private:
  void option_header(vnet_u16 code, std::size_t length) {
    put(code);
    put(static_cast<vnet_u16>(length));
  }

  std::string& out_;
  std::size_t start_;
};

}  // namespace

void append_section(std::string& out, const PcapngSection& section) {
  Block block(out, kSectionHeader);
  block.put(kByteOrderMagic);
  block.put(vnet_u16{1});  // version 1.0
  block.put(vnet_u16{0});
  block.put(~vnet_u64{0});  // the section's length: not said, since it is written as it comes
  block.text(kShbHardware, section.hardware);
  block.text(kShbOs, section.os);
  block.text(kShbUserAppl, section.application);
  block.end_of_options();
}

void append_interface(std::string& out, const PcapngInterface& interface) {
  Block block(out, kInterfaceDescription);
  block.put(kLinkTypeEthernet);
  block.put(vnet_u16{0});
  block.put(interface.snaplen);
  block.text(kIfName, interface.name);
  block.text(kIfDescription, interface.description);
  block.number(kIfTsResol, kNanoseconds);
  // Its first byte says how the filter is written: 0 is libpcap's syntax.
  if (!interface.filter.empty()) block.option(kIfFilter, std::string(1, '\0') + interface.filter);
  block.text(kIfOs, interface.os);
  block.end_of_options();
}

void append_packet(std::string& out, const PcapngPacket& packet) {
  Block block(out, kEnhancedPacket);
  block.put(packet.interface);
  block.put_time(packet.time_ns);
  block.put(static_cast<vnet_u32>(packet.data.size()));
  block.put(packet.length);
  block.put_bytes(packet.data);
  block.text(kComment, packet.comment);
  if (packet.direction != PcapngDirection::kUnknown)
    block.number(kEpbFlags, static_cast<vnet_u32>(packet.direction));
  if (packet.queue) block.number(kEpbQueue, *packet.queue);
  block.end_of_options();
}

void append_statistics(std::string& out, const PcapngStatistics& statistics) {
  Block block(out, kInterfaceStatistics);
  block.put(statistics.interface);
  block.put_time(statistics.time_ns);
  block.text(kComment, statistics.comment);
  block.time(kIsbStartTime, statistics.start_ns);
  block.time(kIsbEndTime, statistics.end_ns);
  block.number(kIsbIfRecv, statistics.received);
  block.number(kIsbOsDrop, statistics.missed);
  block.number(kIsbUsrDeliv, statistics.delivered);
  block.end_of_options();
}

}  // namespace vnet::cli
