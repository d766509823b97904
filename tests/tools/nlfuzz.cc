// SPDX-License-Identifier: GPL-2.0-only
// Random messages to the generic netlink family `vnet`, from a socket that may do everything.
//
//   nlfuzz COUNT SEED DEVICE DEVICE...    the first is never removed; the others need not exist
//
// All commands of the schema, by chance. Half of the messages have attributes that the command
// takes, with values in and at the edges of what the schema allows, and sometimes others; a quarter
// are such with some bytes changed, a quarter random bytes behind the headers. Most name one of the
// DEVICEs, so that much is really done: there are more messages than COUNT if some command was not
// done by then. Prints how many of each were; fails if a message gets no answer, or a command is
// never done. Whether the kernel minds is for its log to say.
#include <linux/filter.h>
#include <net/if.h>
#include <vnet/impair.h>

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstddef>
#include <random>
#include <string_view>
#include <vector>

#include "core/control/schema.h"
#include "tests/tools/commands_gen.h"
#include "tests/tools/genl.h"

namespace {

using vnet::Attribute;
using vnet::AttributeSet;
using vnet::Kind;
using vnet::tools::Command;
using vnet::tools::die;
using vnet::tools::Genl;
using vnet::tools::kCommands;

// The same in each set that names a device.
constexpr vnet::u32 kIfindex = VNET_A_DEVICE_IFINDEX, kIfname = VNET_A_DEVICE_IFNAME;
static_assert(kIfname == VNET_A_STATS_IFNAME && kIfname == VNET_A_REGS_IFNAME &&
              kIfname == VNET_A_SEED_IFNAME && kIfname == VNET_A_IMPAIR_IFNAME &&
              kIfname == VNET_A_FAULT_IFNAME);

class Fuzzer {
 public:
  Fuzzer(std::uint64_t seed, std::vector<std::string> devices)
      : random_(seed), devices_(std::move(devices)) {
    mnl_attr_put_strz(mnl_nlmsg_put_header(spared_name_.data()), kIfname, devices_[0].c_str());
    mnl_attr_put_u32(mnl_nlmsg_put_header(spared_index_.data()), kIfindex,
                     if_nametoindex(devices_[0].c_str()));
    mnl_attr_put_u32(mnl_nlmsg_put_header(removal_.data()), VNET_A_FAULT_WHAT,
                     VNET_FAULT_WHAT_REMOVE);
  }

  void run(std::uint64_t count) {
    std::uint64_t sent = 0;
    while (sent < count || (!each_done() && sent < 10 * count)) {
      one();
      sent++;
    }
    for (const Command& command : kCommands)
      std::printf("%s %" PRIu64 ", ", command.name, done_of_[command.number]);
    std::printf("refused %" PRIu64 "; %" PRIu64 " messages, %" PRIu64 " dumps\n", refused_, sent,
                dumps_);
    if (!each_done()) std::exit(1);
  }

 private:
  using Header = std::array<char, 64>;

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool chance(std::uint32_t of) { return below(of) == 0; }

  bool each_done() const {
    return std::ranges::all_of(kCommands, [this](const Command& command) {
      return !command.kernel || done_of_[command.number] > 0;
    });
  }

  void one() {
    alignas(nlmsghdr) static std::array<char, 16384> buffer;
    buffer.fill(0);
    const Command& command = kCommands[below(std::size(kCommands))];
    const bool dump = chance(16);
    const auto number = chance(50) ? static_cast<std::uint8_t>(below(256)) : command.number;
    nlmsghdr* const message =
        genl_.begin(buffer.data(), genl_.family(), dump ? NLM_F_DUMP : NLM_F_ACK, number);
    const std::uint32_t way = below(4);
    if (way == 0)
      put_bytes(message, below(200));
    else
      put_request(message, command, dump);
    if (way == 1) mutate(message);
    if (removes_first(message, number)) return;
    genl_.send(message);
    await(message->nlmsg_seq, number);
    dumps_ += dump;
  }

  // The first device carries traffic. (What is too much here does no harm.)
  bool removes_first(const nlmsghdr* message, std::uint8_t number) const {
    const std::string_view bytes(reinterpret_cast<const char*>(message), message->nlmsg_len);
    const bool of_first = has(bytes, spared_name_) || has(bytes, spared_index_);
    if (number == VNET_CMD_LINK_DEL) return of_first;
    return number == VNET_CMD_FAULT_ADD && of_first && has(bytes, removal_);
  }
  static bool has(std::string_view bytes, const Header& message) {
    const auto* const header = reinterpret_cast<const nlmsghdr*>(message.data());
    const std::string_view attribute(message.data() + NLMSG_HDRLEN,
                                     header->nlmsg_len - NLMSG_HDRLEN);
    return bytes.find(attribute) != bytes.npos;
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

  void put_request(nlmsghdr* message, const Command& command, bool dump) {
    const auto& schema = vnet::command_schema(command.number);
    // Few names of what is made and deleted, so that there are never many devices.
    first_name_ = command.number == VNET_CMD_LINK_NEW || command.number == VNET_CMD_LINK_DEL;
    rarity_ = 2u << below(6);
    if (command.number == VNET_CMD_IMPAIR_TRACE && chance(2)) return put_trace(message);
    if (command.number == VNET_CMD_FAULT_ADD && chance(4)) return put_fault(message);
    if (command.number == VNET_CMD_FAULT_FIRE && chance(2)) return put_first_fault(message);
    put_set(message, command.set, (dump ? schema.dump : schema.one).takes.attributes);
    for (std::uint32_t i = below(8); i < 2; i++) put_random(message, 0);
  }

  // Some of the attributes. Mostly a device's name, and what stands behind it, which is often
  // needed.
  void put_set(nlmsghdr* message, vnet_set which, vnet::u64 takes) {
    const AttributeSet& set = vnet::attribute_set(which);
    bool named = false;
    for (vnet::u32 id = 1; id <= set.count; id++) {
      const Attribute& attribute = set.attributes[id - 1];
      if (!(takes & vnet::bit(id))) continue;
      if (attribute.kind == Kind::kString && id == kIfname) {
        named = !chance(8);
        if (named) put_name(message);
        continue;
      }
      const bool often = attribute.kind == Kind::kNest || (named && which != VNET_SET_DEVICE);
      named = false;
      if (often ? chance(8) : !chance(id == kIfindex ? 16 : rarity_)) continue;
      put(message, id, attribute);
      if (chance(20)) put(message, id, attribute);
    }
  }

  // The beginning of a trace, perhaps all of it: by chance alone its rows would never fit.
  void put_trace(nlmsghdr* message) {
    const std::array<std::uint64_t, 4> row{0, VNET_TRACE_KEEP, VNET_TRACE_KEEP, below(2) << 31};
    put_name(message);
    mnl_attr_put_u64(message, VNET_A_IMPAIR_TRACE_UPLOAD, 1 + below(4));
    mnl_attr_put_u32(message, VNET_A_IMPAIR_TRACE_COUNT, 1 + below(2));
    mnl_attr_put_u32(message, VNET_A_IMPAIR_TRACE_AT, 0);
    mnl_attr_put(message, VNET_A_IMPAIR_TRACE_ROWS, sizeof(row), row.data());
  }

  // The first device's fault 1, which begins only when it is fired: the number of one that is armed
  // would never be hit by chance.
  void put_first_fault(nlmsghdr* message) {
    mnl_attr_put_strz(message, kIfname, devices_[0].c_str());
    mnl_attr_put_u32(message, VNET_A_FAULT_ID, 1);
  }
  void put_fault(nlmsghdr* message) {
    put_first_fault(message);
    mnl_attr_put_u32(message, VNET_A_FAULT_WHAT, VNET_FAULT_WHAT_RX_OVERRUN);
    mnl_attr_put_u32(message, VNET_A_FAULT_WHEN, VNET_FAULT_WHEN_NTH);
    mnl_attr_put_u64(message, VNET_A_FAULT_WHEN_VALUE, 1ull << 40);
  }

  void put_name(nlmsghdr* message) {
    const auto count = static_cast<std::uint32_t>(devices_.size());
    const std::uint32_t which = chance(2) ? 0 : below(count - first_name_);
    mnl_attr_put_strz(message, kIfname, devices_[first_name_ + which].c_str());
  }

  void put(nlmsghdr* message, vnet::u32 id, const Attribute& attribute) {
    const auto type = static_cast<std::uint16_t>(id);
    if (attribute.kind == Kind::kNest) {
      nlattr* const nest = mnl_attr_nest_start(message, type);
      put_set(message, attribute.nested, vnet::attribute_set(attribute.nested).nested.attributes);
      mnl_attr_nest_end(message, nest);
    } else if (attribute.kind == Kind::kNumber) {
      const std::uint64_t value = number_for(attribute);
      mnl_attr_put(message, type, attribute.min_length, &value);
    } else {
      put_payload(message, type, attribute);
    }
  }

  // Small for the range, of each magnitude alike, at its edges, or anything.
  std::uint64_t number_for(const Attribute& attribute) {
    const std::uint64_t span = attribute.max - attribute.min;
    const std::uint64_t edges[] = {attribute.min - 1, attribute.min, attribute.max,
                                   attribute.max + 1};
    if (chance(10)) return edges[below(std::size(edges))];
    if (chance(20)) return random_();
    const std::uint64_t offset = random_() >> (chance(2) ? 57 + below(7) : below(64));
    return attribute.min + (span == ~0ull ? offset : offset % (span + 1));
  }

  // As long as allowed, at an edge of that, or a BPF program that ends at once (which is also a
  // number).
  void put_payload(nlmsghdr* message, std::uint16_t type, const Attribute& attribute) {
    std::array<std::uint8_t, 2100> bytes{};
    for (auto& each : bytes) each = static_cast<std::uint8_t>(random_());
    const std::uint32_t most = std::min<std::uint32_t>(attribute.max_length, 2050);
    std::uint32_t length = attribute.min_length;
    if (length < most) length += below(1u << below(std::bit_width(most - length))) + chance(3);
    if (chance(20)) length += 2 * below(2) - 1;
    if (attribute.kind == Kind::kBytes && chance(2)) {
      length = 8;
      std::copy_n(std::array<std::uint8_t, 4>{BPF_RET}.begin(), 4, bytes.begin());
    }
    mnl_attr_put(message, type, std::min<std::uint32_t>(length, bytes.size()), bytes.data());
  }

  // Any type, length and nesting near what the schema has.
  void put_random(nlmsghdr* message, unsigned depth) {
    const auto flags = chance(6) ? below(4) << 14 : 0;
    const auto type = static_cast<std::uint16_t>(below(VNET_A_IMPAIR_MAX + 2) | flags);
    if (depth < 8 && chance(3)) {
      nlattr* const nest = mnl_attr_nest_start(message, type);
      for (std::uint32_t i = below(4); i < 3; i++) put_random(message, depth + 1);
      mnl_attr_nest_end(message, nest);
      return;
    }
    static constexpr std::uint32_t kLengths[] = {0, 1, 2, 4, 4, 8, 8, 6, 16, 17, 100};
    std::array<std::uint8_t, 100> bytes{};
    if (!chance(3))
      for (auto& each : bytes) each = static_cast<std::uint8_t>(random_());
    mnl_attr_put(message, type, kLengths[below(std::size(kLengths))], bytes.data());
  }

  void await(std::uint32_t sequence, std::uint8_t number) {
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
        (error ? refused_ : done_of_[number])++;
        return;
      }
    }
  }

  Genl genl_;
  std::mt19937_64 random_;
  const std::vector<std::string> devices_;
  std::uint32_t first_name_ = 0, rarity_ = 1;
  alignas(nlmsghdr) Header spared_name_{}, spared_index_{}, removal_{};
  std::array<std::uint64_t, 256> done_of_{};
  std::uint64_t refused_ = 0, dumps_ = 0;
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
