// SPDX-License-Identifier: GPL-2.0-only
// Random messages to the generic netlink family `vnet`, from a socket that may do everything.
//
//   nlfuzz COUNT SEED DEVICE DEVICE...    the first is never deleted; the others need not exist
//
// A third are random bytes behind the headers, a third random attributes with numbers, lengths
// and nesting near what the schema has, a third such messages with some bytes changed. Most name
// one of the DEVICEs, so that much is really done. Prints how many were done and refused; fails if
// one gets no answer. Whether the kernel minds is for its log to say.
#include <cinttypes>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "tests/tools/genl.h"

namespace {

using vnet::tools::die;
using vnet::tools::Genl;

class Fuzzer {
 public:
  Fuzzer(std::uint64_t seed, std::vector<std::string> devices)
      : random_(seed), devices_(std::move(devices)) {}

  void run(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; i++) one();
    std::printf("%" PRIu64 " messages: %" PRIu64 " done, %" PRIu64 " refused, %" PRIu64 " dumps\n",
                count, done_, refused_, dumps_);
    if (!done_ || !refused_) std::exit(1);  // then it has tried nothing
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool chance(std::uint32_t of) { return below(of) == 0; }

  void one() {
    alignas(nlmsghdr) static std::array<char, 8192> buffer;
    buffer.fill(0);
    const bool dump = chance(16);
    // Events cannot be asked for; 0 and 14 on are no commands.
    const auto command = static_cast<std::uint8_t>(chance(50) ? below(256) : 1 + below(10));
    nlmsghdr* const message =
        genl_.begin(buffer.data(), genl_.family(), dump ? NLM_F_DUMP : NLM_F_ACK, command);
    const std::uint32_t way = below(3);
    if (way == 0)
      put_bytes(message, below(200));
    else
      put_attributes(message, command, 0);
    if (way == 2) mutate(message);
    genl_.send(message);
    await(message->nlmsg_seq);
    dumps_ += dump;
  }

  void put_bytes(nlmsghdr* message, std::uint32_t length) {
    auto* const to = static_cast<std::uint8_t*>(mnl_nlmsg_put_extra_header(message, length));
    for (std::uint32_t i = 0; i < length; i++) to[i] = static_cast<std::uint8_t>(random_());
  }

  void mutate(nlmsghdr* message) {
    const std::size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
    const std::size_t length = message->nlmsg_len - head;
    auto* const bytes = reinterpret_cast<std::uint8_t*>(message) + head;
    for (std::uint32_t i = below(6); length && i < 6; i++)
      bytes[below(static_cast<std::uint32_t>(length))] = static_cast<std::uint8_t>(random_());
    if (chance(4)) message->nlmsg_len -= below(static_cast<std::uint32_t>(length + 1));
  }

  // Mostly as the schema has them: which device, then what else the command takes.
  void put_attributes(nlmsghdr* message, std::uint8_t command, unsigned depth) {
    const bool of_link = command >= VNET_CMD_LINK_GET && command <= VNET_CMD_LINK_DEL;
    if (!of_link) {
      put_device(message);
      if (command == VNET_CMD_DEVICE_SET) put_info(message);
    } else {
      put_end(message, VNET_A_LINK_DEVICE, command);
      if (!chance(3)) put_end(message, VNET_A_LINK_PEER, command);
    }
    for (std::uint32_t i = below(8); i < 2; i++) put_random(message, 20, depth);
  }

  void put_end(nlmsghdr* message, std::uint16_t type, std::uint8_t command) {
    nlattr* const nest = mnl_attr_nest_start(message, type);
    if (command == VNET_CMD_LINK_NEW || command == VNET_CMD_LINK_DEL)
      put_name(message, 1);  // few names, so that there are never many devices
    if (command == VNET_CMD_LINK_NEW) {
      if (chance(4)) mnl_attr_put_u32(message, VNET_A_DEVICE_MTU, 60 + below(2000));
    } else if (type == VNET_A_LINK_DEVICE && command != VNET_CMD_LINK_DEL) {
      put_device(message);
    }
    if (command == VNET_CMD_LINK_SET || command == VNET_CMD_LINK_NEW) put_info(message);
    if (chance(10)) put_random(message, 20, 0);
    mnl_attr_nest_end(message, nest);
  }

  void put_device(nlmsghdr* message) {
    if (!chance(8)) put_name(message, 0);
  }

  // The first device carries traffic: it is not to be deleted, and its name is taken.
  void put_name(nlmsghdr* message, std::uint32_t from) {
    const auto count = static_cast<std::uint32_t>(devices_.size());
    mnl_attr_put_strz(message, VNET_A_DEVICE_IFNAME, devices_[from + below(count - from)].c_str());
  }

  void put_info(nlmsghdr* message) {
    nlattr* const nest = mnl_attr_nest_start(message, VNET_A_DEVICE_INFO);
    for (std::uint32_t i = below(4); i < 4; i++) {
      switch (below(10)) {
        case 0:
          mnl_attr_put_u8(message, VNET_INFO_CSUM, static_cast<std::uint8_t>(below(3)));
          break;
        case 1:
          mnl_attr_put_u8(message, VNET_INFO_BIG_TCP, static_cast<std::uint8_t>(below(3)));
          break;
        case 2:
          mnl_attr_put_u32(message, VNET_INFO_QUEUES, below(6));
          break;
        case 3:
          mnl_attr_put_u32(message, VNET_INFO_RX_RING, 32u << below(5));
          break;
        case 4:
          mnl_attr_put_u32(message, VNET_INFO_TX_RING, 32u << below(5));
          break;
        case 5:
          mnl_attr_put_u32(message, VNET_INFO_RX_USECS, below(200));
          break;
        case 6:
          mnl_attr_put_u8(message, VNET_INFO_ADAPTIVE_RX, static_cast<std::uint8_t>(below(3)));
          break;
        case 7:
          mnl_attr_put_u8(message, VNET_INFO_PAD, static_cast<std::uint8_t>(below(3)));
          break;
        case 8:
          mnl_attr_put_u32(message, VNET_INFO_TIMEOUT, below(3000));
          break;
        default:
          put_random(message, 16, 0);
      }
    }
    mnl_attr_nest_end(message, nest);
  }

  void put_random(nlmsghdr* message, std::uint32_t types, unsigned depth) {
    const auto flags = chance(6) ? below(4) << 14 : 0;
    const auto type = static_cast<std::uint16_t>(below(types) | flags);
    if (depth < 8 && chance(3)) {
      nlattr* const nest = mnl_attr_nest_start(message, type);
      for (std::uint32_t i = below(4); i < 3; i++) put_random(message, types, depth + 1);
      mnl_attr_nest_end(message, nest);
      return;
    }
    static constexpr std::uint32_t kLengths[] = {0, 1, 2, 4, 4, 8, 8, 6, 16, 17, 100};
    std::array<std::uint8_t, 100> bytes{};
    if (!chance(3))
      for (auto& each : bytes) each = static_cast<std::uint8_t>(random_());
    mnl_attr_put(message, type, kLengths[below(std::size(kLengths))], bytes.data());
  }

  void await(std::uint32_t sequence) {
    for (;;) {
      const ssize_t got = genl_.receive();
      if (got < 0) {
        errno = static_cast<int>(-got);
        die("no answer");
      }
      int left = static_cast<int>(got);
      for (const nlmsghdr* each = genl_.buffer(); mnl_nlmsg_ok(each, left);
           each = mnl_nlmsg_next(each, &left)) {
        if (each->nlmsg_seq != sequence) continue;
        if (each->nlmsg_type != NLMSG_ERROR && each->nlmsg_type != NLMSG_DONE) continue;
        const int error = *static_cast<const int*>(mnl_nlmsg_get_payload(each));
        (error ? refused_ : done_)++;
        return;
      }
    }
  }

  Genl genl_;
  std::mt19937_64 random_;
  const std::vector<std::string> devices_;
  std::uint64_t done_ = 0, refused_ = 0, dumps_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: nlfuzz COUNT SEED DEVICE DEVICE...\n", stderr);
    return 1;
  }
  Fuzzer(std::strtoull(argv[2], nullptr, 0), {argv + 3, argv + argc})
      .run(std::strtoull(argv[1], nullptr, 0));
}
