// SPDX-License-Identifier: GPL-2.0-only
// Any message of the generic netlink family `vnet`, right or wrong, because a command refuses by
// itself much of what the kernel has to refuse.
//
//   nlvnet COMMAND [dump] [ITEM]...
//   nlvnet of PID FD COMMAND ...          by the netlink socket that process PID has as FD
//   nlvnet listen GROUP COUNT SECONDS     prints "listening", then up to COUNT messages
//
//   COMMAND      device-get, ..., or a number
//   ITEM         NAME=VALUE with the schema's names, PATH.NAME=VALUE in nests: device.info.pad=1.
//                Items that follow each other with the same path stand in one nest.
//                A VALUE of "@FILE" is a descriptor of that file.
//                [PATH.]TYPE:HEX is any attribute, HEX "-" for no payload; [PATH.]tail:HEX bytes
//                alone
//
// Each message of a reply is a line of PATH.NAME=VALUE. 0: done. 2: refused: prints
// "errno-name: extack text", then "offset N", of the bad attribute behind the genlmsghdr, if the
// kernel said so. 1: anything else.
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "cli/schema_gen.h"
#include "tests/tools/commands_gen.h"
#include "tests/tools/genl.h"

namespace {

using vnet::cli::Attribute;
using vnet::cli::Form;
using vnet::tools::Command;
using vnet::tools::die;
using vnet::tools::find_command;
using vnet::tools::Genl;

constexpr vnet_set kNoSet = VNET_SET_COUNT;

[[noreturn]] void usage(const std::string& what) {
  std::fprintf(stderr, "nlvnet: %s; see the head of its source\n", what.c_str());
  std::exit(1);
}

std::uint64_t number(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, base);
  if (result.ec != std::errc() || result.ptr != end) usage("no number: " + std::string(text));
  return value;
}

std::vector<std::uint8_t> hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  if (text == "-") return bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2)
    bytes.push_back(static_cast<std::uint8_t>(number("0x" + std::string(text.substr(at, 2)))));
  return bytes;
}

const Attribute& attribute(vnet_set set, std::string_view name) {
  if (set != kNoSet)
    for (const Attribute& each : vnet::cli::attribute_set(set).attributes)
      if (name == each.name) return each;
  usage("no attribute " + std::string(name));
}

// ---- a request

class Writer {
 public:
  Writer(nlmsghdr* message, vnet_set set) : message_(message), set_(set) {}

  void put(std::string_view item) {
    const std::size_t value = item.find_first_of("=:");
    if (value == std::string_view::npos) usage("no value in " + std::string(item));
    const std::size_t dot = item.substr(0, value).rfind('.');
    const bool nested = dot != std::string_view::npos;
    enter(nested ? item.substr(0, dot) : std::string_view());
    const std::size_t name = nested ? dot + 1 : 0;
    if (item[value] == ':')
      put_raw(item.substr(name, value - name), hex(item.substr(value + 1)));
    else
      put_value(attribute(in(), item.substr(name, value - name)), item.substr(value + 1));
  }
  void finish() { enter({}); }

 private:
  struct Open {
    std::string name;
    nlattr* nest;
    vnet_set set;
  };

  vnet_set in() const { return open_.empty() ? set_ : open_.back().set; }

  // Closes the nests that are open, opens those of `path`.
  void enter(std::string_view path) {
    std::vector<std::string> names;
    while (!path.empty()) {
      const std::size_t dot = path.find('.');
      names.emplace_back(path.substr(0, dot));
      path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    std::size_t same = 0;
    while (same < names.size() && same < open_.size() && names[same] == open_[same].name) same++;
    while (open_.size() > same) {
      mnl_attr_nest_end(message_, open_.back().nest);
      open_.pop_back();
    }
    for (; same < names.size(); same++) {
      // A number: a nest that the schema does not know.
      const bool raw = names[same].find_first_not_of("0123456789") == std::string::npos;
      const Attribute* known = raw ? nullptr : &attribute(in(), names[same]);
      const auto type = raw ? static_cast<std::uint16_t>(number(names[same])) : known->id;
      open_.push_back(
          {names[same], mnl_attr_nest_start(message_, type), raw ? kNoSet : known->nested});
    }
  }

  void put_raw(std::string_view type, const std::vector<std::uint8_t>& bytes) {
    if (type == "tail") {
      memcpy(mnl_nlmsg_put_extra_header(message_, bytes.size()), bytes.data(), bytes.size());
      return;
    }
    mnl_attr_put(message_, static_cast<std::uint16_t>(number(type)), bytes.size(), bytes.data());
  }

  void put_value(const Attribute& attribute, std::string_view text) {
    const std::string value(text);
    if (attribute.form == Form::kText || attribute.form == Form::kString)
      return mnl_attr_put_strz(message_, attribute.id, value.c_str());
    if (attribute.form == Form::kFlag) return mnl_attr_put(message_, attribute.id, 0, nullptr);
    if (attribute.form == Form::kNumber) {
      const std::uint64_t bytes =
          value.starts_with('@') ? descriptor(value.substr(1)) : number(value);
      return mnl_attr_put(message_, attribute.id, attribute.size, &bytes);
    }
    std::string digits;
    for (const char each : value)
      if (each != ':') digits += each;
    const auto bytes = hex(digits);
    mnl_attr_put(message_, attribute.id, bytes.size(), bytes.data());
  }

  static std::uint64_t descriptor(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY);  // closed by the end of the process
    if (fd < 0) die(path.c_str());
    return static_cast<std::uint64_t>(fd);
  }

  nlmsghdr* const message_;
  const vnet_set set_;
  std::vector<Open> open_;
};

// ---- a reply

std::string bytes_of(const nlattr& attribute) {
  std::string text;
  const auto* const bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(&attribute));
  for (unsigned at = 0; at < mnl_attr_get_payload_len(&attribute); at++) {
    char two[3];
    std::snprintf(two, sizeof(two), "%02x", bytes[at]);
    text += two;
  }
  return text;
}

std::string value_of(const Attribute& known, const nlattr& attribute) {
  if (known.form == Form::kText || known.form == Form::kString) return mnl_attr_get_str(&attribute);
  if (known.form != Form::kNumber) return bytes_of(attribute);
  std::uint64_t value = 0;
  memcpy(&value, mnl_attr_get_payload(&attribute), known.size);
  if (known.enumeration && !known.enumeration->flags)
    for (const auto& each : known.enumeration->entries)
      if (each.value == value) return each.name;
  return known.is_signed ? std::to_string(static_cast<std::int32_t>(value)) : std::to_string(value);
}

void print(vnet_set set, const std::string& path, const nlattr& attribute) {
  const auto known = vnet::cli::attribute_set(set).attributes;
  const unsigned id = mnl_attr_get_type(&attribute);
  if (id == 0 || id > known.size()) {
    std::printf("%s%u:%s ", path.c_str(), id, bytes_of(attribute).c_str());
    return;
  }
  const Attribute& what = known[id - 1];
  if (what.form == Form::kNest) {
    vnet::tools::each_nested(
        attribute, [&](const nlattr& each) { print(what.nested, path + what.name + ".", each); });
    return;
  }
  std::printf("%s%s=%s ", path.c_str(), what.name, value_of(what, attribute).c_str());
}

void print_message(const nlmsghdr* message) {
  const auto* const header = static_cast<const genlmsghdr*>(mnl_nlmsg_get_payload(message));
  if (const Command* const command = find_command(header->cmd))
    vnet::tools::each_attribute(mnl_nlmsg_get_payload_offset(message, sizeof(genlmsghdr)),
                                mnl_nlmsg_get_payload_tail(message), [&](const nlattr& attribute) {
                                  print(command->set, "", attribute);
                                });
  std::printf("%s\n", message->nlmsg_flags & NLM_F_DUMP_INTR ? "interrupted" : "");
}

// NLMSG_ERROR and NLMSG_DONE: `tlvs` stand behind the error.
int report(const nlmsghdr* answer, int error, std::size_t tlvs) {
  if (error == 0) return 0;
  std::string text, offset;
  if (answer->nlmsg_flags & NLM_F_ACK_TLVS)
    vnet::tools::each_attribute(
        mnl_nlmsg_get_payload_offset(answer, tlvs), mnl_nlmsg_get_payload_tail(answer),
        [&](const nlattr& attribute) {
          if (mnl_attr_get_type(&attribute) == NLMSGERR_ATTR_MSG)
            text = mnl_attr_get_str(&attribute);
          if (mnl_attr_get_type(&attribute) == NLMSGERR_ATTR_OFFS)
            offset = std::to_string(static_cast<long>(mnl_attr_get_u32(&attribute)) -
                                    long{NLMSG_HDRLEN + GENL_HDRLEN});
        });
  std::printf("%s: %s\n", strerrorname_np(-error), text.c_str());
  if (!offset.empty()) std::printf("offset %s\n", offset.c_str());
  return 2;
}

// -1: more to come.
int take(const nlmsghdr* message, const Genl& genl) {
  if (message->nlmsg_type == NLMSG_ERROR)
    return report(message, static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error,
                  sizeof(nlmsgerr));
  if (message->nlmsg_type == NLMSG_DONE)
    return report(message, *static_cast<const int*>(mnl_nlmsg_get_payload(message)), sizeof(int));
  if (message->nlmsg_type == genl.family()) print_message(message);
  return -1;
}

int receive(Genl& genl) {
  for (;;) {
    const ssize_t got = genl.receive();
    if (got < 0) {
      errno = static_cast<int>(-got);
      die("receive");
    }
    int left = static_cast<int>(got);
    for (const nlmsghdr* each = genl.buffer(); mnl_nlmsg_ok(each, left);
         each = mnl_nlmsg_next(each, &left))
      if (const int status = take(each, genl); status >= 0) return status;
  }
}

int request(Genl& genl, const std::vector<std::string>& words) {
  const Command* const command = find_command(words[0]);
  const auto command_number =
      command ? command->number : static_cast<std::uint8_t>(number(words[0]));
  alignas(nlmsghdr) std::array<char, 131072> buffer{};
  const bool dump = words.size() > 1 && words[1] == "dump";
  nlmsghdr* const message =
      genl.begin(buffer.data(), genl.family(), dump ? NLM_F_DUMP : NLM_F_ACK, command_number);
  Writer writer(message, command ? command->set : kNoSet);
  for (std::size_t i = dump ? 2 : 1; i < words.size(); i++) writer.put(words[i]);
  writer.finish();
  genl.send(message);
  return receive(genl);
}

int request_of(const std::vector<std::string>& words) {
  if (words.size() < 4) usage("of PID FD COMMAND");
  const long process = syscall(SYS_pidfd_open, static_cast<pid_t>(number(words[1])), 0);
  if (process < 0) die("pidfd_open");
  const long fd = syscall(SYS_pidfd_getfd, process, static_cast<int>(number(words[2])), 0);
  if (fd < 0) die("pidfd_getfd");
  Genl genl(static_cast<int>(fd));
  return request(genl, {words.begin() + 3, words.end()});
}

int listen(Genl& genl, const std::string& group, std::uint64_t count, std::uint64_t seconds) {
  if (const int error = genl.join(group)) {
    std::printf("%s: joining %s\n", strerrorname_np(-error), group.c_str());
    return 2;
  }
  std::puts("listening");
  std::fflush(stdout);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (count > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd ready{genl.fd(), POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) return 0;
    if (const ssize_t got = genl.receive(); got < 0) {
      std::printf("%s\n", strerrorname_np(static_cast<int>(-got)));
    } else {
      print_message(genl.buffer());
      count--;
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) usage("no command");
  if (words[0] == "of") return request_of(words);
  Genl genl;
  if (words[0] != "listen") return request(genl, words);
  if (words.size() != 4) usage("listen GROUP COUNT SECONDS");
  return listen(genl, words[1], number(words[2]), number(words[3]));
}
