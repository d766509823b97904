// SPDX-License-Identifier: GPL-2.0-only
// control [-n TIMES] SOCKET [dump] COMMAND [ATTRIBUTE=VALUE]...
// control SOCKET listen GROUPS
//
// One request to a user-space driver's control socket, attribute by attribute, also such as no
// sensible client sends: `control /run/vnet/a.sock device-set ifname=a info.rx-ring=1`. VALUE is a
// number, a name, or 0x and bytes in hex where the attribute is binary; ATTRIBUTE a number if it is
// not of the set. Prints a line for each message: the command's name and its attributes, or `ack`,
// `done`, `error CODE OFFSET TEXT`. With -n the request is sent so often before anything is read.
// `listen` subscribes (1 events, 2 drops, 3 both, 4 decisions) and prints what comes, until the
// driver ends. Exit status: 0, 2 after an error, 3 if the connection ended early, 1 for anything
// else.
#include <fmt/core.h>
#include <libmnl/libmnl.h>
#include <linux/vnet_netlink.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "cli/schema_gen.h"
#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"
#include "tests/tools/commands_gen.h"

namespace {

using vnet::cli::Attribute;
using vnet::cli::attribute_set;
using vnet::cli::Form;
using vnet::tools::Command;
using vnet::tools::find_command;
using Arguments = std::vector<std::string>;

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "control: {}\n", why);
  std::exit(1);
}

const Command& command_named(const std::string& name) {
  const Command* const command = find_command(name);
  if (!command) fail("no such command: " + name);
  return *command;
}

// ---- the request

void put_value(nlmsghdr* message, const Attribute& attribute, const std::string& value) {
  if (attribute.form == Form::kNumber) {
    const vnet_u64 number = std::strtoull(value.c_str(), nullptr, 0);
    mnl_attr_put(message, attribute.id, attribute.size, &number);  // little-endian, as we are
  } else if (value.starts_with("0x")) {
    std::string bytes;
    for (size_t i = 2; i + 1 < value.size(); i += 2)
      bytes += static_cast<char>(std::stoi(value.substr(i, 2), nullptr, 16));
    mnl_attr_put(message, attribute.id, bytes.size(), bytes.data());
  } else if (attribute.form == Form::kFlag) {
    mnl_attr_put(message, attribute.id, 0, nullptr);
  } else {
    mnl_attr_put_strz(message, attribute.id, value.c_str());
  }
}

Attribute attribute_named(vnet_set set, const std::string& name) {
  for (const Attribute& attribute : attribute_set(set).attributes)
    if (name == attribute.name) return attribute;
  Attribute unknown{};
  unknown.id = static_cast<vnet_u16>(std::atoi(name.c_str()));
  unknown.form = Form::kString;
  if (unknown.id == 0) fail("no such attribute: " + name);
  return unknown;
}

// Neighbours with the same prefix share a nest.
void put_attributes(nlmsghdr* message, vnet_set set, const Arguments& arguments) {
  for (size_t i = 0; i < arguments.size();) {
    const std::string& argument = arguments[i];
    const std::string name = argument.substr(0, argument.find_first_of(".="));
    const Attribute attribute = attribute_named(set, name);
    const std::string rest = name.size() < argument.size() ? argument.substr(name.size() + 1) : "";
    if (argument[name.size()] != '.') {
      put_value(message, attribute, rest);
      i++;
      continue;
    }
    Arguments inside;
    for (; i < arguments.size() && arguments[i].starts_with(name + "."); i++)
      inside.push_back(arguments[i].substr(name.size() + 1));
    nlattr* const nest = mnl_attr_nest_start(message, attribute.id);
    put_attributes(message, attribute.nested, inside);
    mnl_attr_nest_end(message, nest);
  }
}

// ---- what comes back

std::string hex(const vnet_u8* bytes, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; i++) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

void print_value(const Attribute& attribute, const nlattr* at) {
  const size_t length = mnl_attr_get_payload_len(at);
  const auto* const bytes = static_cast<const vnet_u8*>(mnl_attr_get_payload(at));
  if (attribute.form == Form::kNumber && length <= sizeof(vnet_u64)) {
    vnet_u64 number = 0;
    std::memcpy(&number, bytes, length);
    fmt::print("{}", number);
  } else if (attribute.form == Form::kText || attribute.form == Form::kString) {
    fmt::print("{}", reinterpret_cast<const char*>(bytes));
  } else {
    fmt::print("{}", hex(bytes, length));
  }
}

void print_attributes(vnet_set set, const vnet_u8* bytes, size_t length,
                      const std::string& prefix) {
  const auto* at = reinterpret_cast<const nlattr*>(bytes);
  const vnet_u8* const end = bytes + length;
  for (; mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const vnet_u8*>(at)));
       at = mnl_attr_next(at)) {
    const size_t id = mnl_attr_get_type(at);
    const auto known = attribute_set(set).attributes;
    if (id == 0 || id > known.size()) fail(fmt::format("attribute {} in an answer", id));
    const Attribute& attribute = known[id - 1];
    if (attribute.form == Form::kNest) {
      print_attributes(attribute.nested, static_cast<const vnet_u8*>(mnl_attr_get_payload(at)),
                       mnl_attr_get_payload_len(at), prefix + attribute.name + ".");
    } else {
      fmt::print(" {}{}=", prefix, attribute.name);
      print_value(attribute, at);
    }
  }
}

void print_reply(const nlmsghdr& message) {
  const genlmsghdr* const generic = vnet::nlmsg::generic_header(message);
  if (!generic || message.nlmsg_type != vnet::nlmsg::VNET_SOCKET_FAMILY)
    fail("an answer that is not vnet's");
  const Command* const command = find_command(generic->cmd);
  if (!command) fail(fmt::format("command {} in an answer", generic->cmd));
  const auto attributes = vnet::nlmsg::attributes(message);
  fmt::print("{}", command->name);
  print_attributes(command->set, attributes.data(), attributes.size(), "");
  fmt::print("\n");
}

int print_status(const vnet::nlmsg::Status& status) {
  if (status.code == 0) {
    fmt::print("{}\n", status.done ? "done" : "ack");
    return 0;
  }
  const std::string offset = status.offset ? fmt::format("{}", *status.offset) : "-";
  fmt::print("error {} {} {}\n", status.code, offset, status.text);
  return 2;
}

// Until `answers` requests were answered; the exit status.
int read_answers(int socket, long answers) {
  static char bytes[vnet::nlmsg::kDatagramMax];
  int status = 0;
  while (answers > 0) {
    const ssize_t n = recv(socket, bytes, sizeof(bytes), 0);
    if (n <= 0) {
      fmt::print("closed\n");
      return status ? status : 3;
    }
    vnet::nlmsg::Parser parser(bytes, static_cast<size_t>(n));
    while (const nlmsghdr* const message = parser.next()) {
      if (const auto ended = vnet::nlmsg::parse_status(*message)) {
        status = print_status(*ended);
        answers--;
      } else {
        print_reply(*message);
      }
    }
    if (parser.malformed()) fail("an answer is malformed");
    std::fflush(stdout);
  }
  return status;
}

int connect_to(const char* path) {
  const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    fail(fmt::format("{}: {}", path, std::strerror(errno)));
  return socket;
}

void send_request(int socket, const Command& command, bool dump, const Arguments& attributes) {
  static char bytes[vnet::nlmsg::kDatagramMax];
  nlmsghdr* const message = mnl_nlmsg_put_header(bytes);
  message->nlmsg_type = vnet::nlmsg::VNET_SOCKET_FAMILY;
  message->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
  message->nlmsg_seq = 1;
  auto* const generic =
      static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(message, sizeof(genlmsghdr)));
  generic->cmd = command.number;
  generic->version = VNET_FAMILY_VERSION;
  put_attributes(message, command.set, attributes);
  if (send(socket, bytes, message->nlmsg_len, MSG_NOSIGNAL) < 0 && errno != EPIPE)
    fail(fmt::format("send: {}", std::strerror(errno)));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argv + 1, argv + argc);
  const auto next = [&] {
    if (arguments.empty()) fail("usage: control [-n TIMES] SOCKET [dump|listen] COMMAND ...");
    const std::string first = arguments.front();
    arguments.erase(arguments.begin());
    return first;
  };
  std::string path = next();
  long times = 1;
  if (path == "-n") {
    times = std::atol(next().c_str());
    path = next();
  }
  std::string verb = next();
  const bool dump = verb == "dump";
  const bool listen = verb == "listen";
  if (dump) verb = next();
  if (listen) {
    verb = "subscribe";
    arguments = {"groups=" + next()};
  }
  const int socket = connect_to(path.c_str());
  for (long i = 0; i < times; i++) send_request(socket, command_named(verb), dump, arguments);
  const int status = read_answers(socket, times);
  if (!listen || status != 0) return status;
  (void)read_answers(socket, 1);  // there is none: events only
  return 0;
}
