// SPDX-License-Identifier: GPL-2.0-only
// The command's side of a driver's socket, against a server that plays a script.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "cli/transport_socket.h"
#include "lib/nlmsg/builder.h"
#include "lib/nlmsg/parser.h"

namespace vnet::cli {
namespace {

constexpr vnet_u16 kType = nlmsg::VNET_SOCKET_FAMILY;

// One client's server: `answer` gets each request and the client's socket; false: it hangs up. With
// MSG_PEEK the request stays unread.
class Script {
 public:
  using Answer = std::function<bool(const nlmsghdr&, int)>;

  explicit Script(Answer answer, int flags = 0) : answer_(std::move(answer)), flags_(flags) {
    char name[] = "/tmp/vnet-transport.XXXXXX";
    dir_ = mkdtemp(name);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = dir_ + "/v0.sock";
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_.reset(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_.get(), 1), 0);
    server_ = std::thread([this] { serve(); });
  }
  ~Script() {
    transport_.reset();
    server_.join();
    std::filesystem::remove_all(dir_);
  }

  Transport& transport() {
    if (!transport_) {
      Instance instance;
      instance.name = "v0";
      Result<std::unique_ptr<Transport>> opened = open_instance(dir_, instance);
      EXPECT_TRUE(opened);
      transport_ = std::move(*opened);
    }
    return *transport_;
  }

 private:
  void serve() {
    const user::UniqueFd client(accept(listener_.get(), nullptr, nullptr));
    alignas(nlmsghdr) char buffer[8192];
    while (recv(client.get(), buffer, sizeof(buffer), flags_) > 0)
      if (!answer_(*reinterpret_cast<nlmsghdr*>(buffer), client.get())) return;
  }

  Answer answer_;
  int flags_;
  std::string dir_;
  user::UniqueFd listener_;
  std::thread server_;
  std::unique_ptr<Transport> transport_;
};

// A datagram with a reply for each index, then, if wanted, the end of the dump.
void send_devices(int socket, const nlmsghdr& request, vnet_u32 first, vnet_u32 count, bool done,
                  vnet_u16 flags = NLM_F_MULTI) {
  std::vector<vnet_u32> buffer(1 << 18);
  nlmsg::Builder builder(buffer.data(), buffer.size() * sizeof(vnet_u32));
  for (vnet_u32 i = first; i < first + count; i++) {
    vnet_device_values device{};
    device.has = 1ull << VNET_A_DEVICE_IFINDEX;
    device.ifindex = i;
    builder.begin(kType, VNET_CMD_DEVICE_GET, request.nlmsg_seq, flags);
    builder.append(VNET_SET_DEVICE, &device);
    ASSERT_TRUE(builder.end());
  }
  if (done) {
    ASSERT_TRUE(builder.done(request));
  }
  ASSERT_EQ(send(socket, buffer.data(), builder.length(), 0),
            static_cast<ssize_t>(builder.length()));
}

void send_status(int socket, const nlmsghdr& request, int code, std::string_view text = {},
                 std::optional<vnet_u32> offset = {}) {
  alignas(nlmsghdr) char buffer[1024];
  nlmsg::Builder builder(buffer, sizeof(buffer));
  ASSERT_TRUE(builder.error(request, code, text, offset));
  send(socket, buffer, builder.length(), 0);
}

struct Dumped {
  Failure failure;
  std::vector<vnet_u32> indices;
};
Dumped dump(Transport& transport) {
  Dumped dumped;
  dumped.failure =
      transport.dump(VNET_CMD_DEVICE_GET, vnet_device_values{}, [&](const Reply& reply) {
        vnet_device_values device;
        EXPECT_TRUE(reply.decode(device));
        dumped.indices.push_back(device.ifindex);
      });
  return dumped;
}

void is_told_why(int flags) {
  const auto turn_away = [](const nlmsghdr&, int socket) {
    send_status(socket, nlmsghdr{}, -EUSERS, "too many");
    return false;
  };
  Script script(turn_away, flags);
  const Failure failure = script.transport().request(VNET_CMD_DEVICE_GET, vnet_device_values{});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->text, "instance 'v0': too many");
  EXPECT_EQ(failure->code, EUSERS);
}

TEST(Transport, WhoIsTurnedAwayIsToldWhy) {
  is_told_why(0);
}

// Then the socket says first that the connection was reset.
TEST(Transport, WhoseRequestIsNotReadIsToldWhy) {
  is_told_why(MSG_PEEK);
}

TEST(Transport, ADumpOfManyDatagramsOfAnySize) {
  Script script([](const nlmsghdr& request, int socket) {
    EXPECT_EQ(request.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
    send_devices(socket, request, 1, 3, false);
    send_devices(socket, request, 4, 5000, false);  // more than the usual buffer takes
    send_devices(socket, request, 5004, 1, true);
    return true;
  });
  const Dumped dumped = dump(script.transport());
  EXPECT_FALSE(dumped.failure);
  ASSERT_EQ(dumped.indices.size(), 5004u);
  for (vnet_u32 i = 0; i < 5004; i++) ASSERT_EQ(dumped.indices[i], i + 1);
}

TEST(Transport, AnInterruptedDumpIsRepeatedAndNothingOfItShown) {
  std::atomic<int> times = 0;
  Script script([&](const nlmsghdr& request, int socket) {
    const bool interrupted = times++ < 2;
    send_devices(socket, request, 1, 2, false,
                 static_cast<vnet_u16>(NLM_F_MULTI | (interrupted ? NLM_F_DUMP_INTR : 0)));
    send_devices(socket, request, 7, 1, true);
    return true;
  });
  const Dumped dumped = dump(script.transport());
  EXPECT_FALSE(dumped.failure);
  EXPECT_EQ(dumped.indices, (std::vector<vnet_u32>{1, 2, 7}));
  EXPECT_EQ(times, 3);
}

TEST(Transport, ADumpThatNeverStandsStillEnds) {
  Script script([&](const nlmsghdr& request, int socket) {
    send_devices(socket, request, 1, 1, true, NLM_F_MULTI | NLM_F_DUMP_INTR);
    return true;
  });
  const Dumped dumped = dump(script.transport());
  ASSERT_TRUE(dumped.failure);
  EXPECT_TRUE(dumped.indices.empty());
}

TEST(Transport, AnInstanceThatDiesInMidDump) {
  Script script([](const nlmsghdr& request, int socket) {
    send_devices(socket, request, 1, 3, false);
    return false;
  });
  const Dumped dumped = dump(script.transport());
  ASSERT_TRUE(dumped.failure);
  EXPECT_EQ(dumped.failure->text, "instance 'v0' has ended");
  EXPECT_TRUE(dumped.indices.empty());
}

TEST(Transport, ARefusalHasTheHostsTextAndNamesTheWord) {
  Script script([](const nlmsghdr& request, int socket) {
    // The attribute at fault: the first in the info nest, behind ifname's 8 bytes and the nest's
    // header.
    send_status(socket, request, -ERANGE, "must be 64 to 32768", nlmsg::kAttributesAt + 8 + 4);
    return true;
  });
  vnet_device_values device{};
  device.has = 1ull << VNET_A_DEVICE_IFNAME | 1ull << VNET_A_DEVICE_INFO;
  std::strcpy(device.ifname, "v0");
  device.info.has = 1ull << VNET_INFO_RX_RING;
  const Failure failure = script.transport().request(VNET_CMD_DEVICE_SET, device);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->text, "rx: must be 64 to 32768");
  EXPECT_EQ(failure->code, ERANGE);
}

TEST(Transport, ARefusalWithoutTextIsTheErrnos) {
  Script script([](const nlmsghdr& request, int socket) {
    send_status(socket, request, -EPERM);
    return true;
  });
  const Failure failure = script.transport().request(VNET_CMD_DEVICE_SET, vnet_device_values{});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->text, "Operation not permitted");
}

TEST(Transport, AnAckWithoutAReplyIsEnough) {
  Script script([](const nlmsghdr& request, int socket) {
    EXPECT_EQ(request.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
    send_status(socket, request, 0);
    return true;
  });
  EXPECT_FALSE(script.transport().request(VNET_CMD_DEVICE_SET, vnet_device_values{}));
}

TEST(Transport, AnswersToOthersArePassedBy) {
  Script script([](const nlmsghdr& request, int socket) {
    nlmsghdr other = request;
    other.nlmsg_seq += 7;
    send_status(socket, other, -EPERM);
    send_status(socket, request, 0);
    return true;
  });
  EXPECT_FALSE(script.transport().request(VNET_CMD_DEVICE_SET, vnet_device_values{}));
}

TEST(Transport, MalformedAnswersAreAnError) {
  for (const size_t length : {1u, 15u, 17u}) {
    Script script([&](const nlmsghdr&, int socket) {
      char bytes[32];
      std::memset(bytes, 0xff, sizeof(bytes));
      send(socket, bytes, length, 0);
      return true;
    });
    const Failure failure = script.transport().request(VNET_CMD_DEVICE_SET, vnet_device_values{});
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, EBADMSG) << length;
  }
}

TEST(Transport, EventsAreReceivedWithoutWaiting) {
  Script script([](const nlmsghdr& request, int socket) {
    send_status(socket, request, 0);
    alignas(nlmsghdr) char buffer[1024];
    nlmsg::Builder builder(buffer, sizeof(buffer));
    for (vnet_u32 i = 1; i <= 2; i++) {
      vnet_event_values event{};
      event.has = 1ull << VNET_A_EVENT_IFINDEX;
      event.ifindex = i;
      builder.begin(kType, VNET_CMD_EVENT, 0, 0);
      builder.append(VNET_SET_EVENT, &event);
      EXPECT_TRUE(builder.end());
    }
    send(socket, buffer, builder.length(), 0);
    return false;
  });
  Transport& transport = script.transport();
  ASSERT_FALSE(transport.subscribe(VNET_GROUP_EVENTS));
  std::vector<vnet_u32> seen;
  Failure failure;
  do {
    failure = transport.receive([&](const Reply& reply) {
      vnet_event_values event;
      EXPECT_EQ(reply.command, static_cast<vnet_u32>(VNET_CMD_EVENT));
      EXPECT_TRUE(reply.decode(event));
      seen.push_back(event.ifindex);
    });
  } while (!failure);
  EXPECT_EQ(seen, (std::vector<vnet_u32>{1, 2}));
  EXPECT_EQ(failure->text, "instance 'v0' has ended");
}

TEST(Transport, NobodyListens) {
  char name[] = "/tmp/vnet-transport.XXXXXX";
  const std::string dir = mkdtemp(name);
  Instance instance;
  instance.name = "v0";
  const Result<std::unique_ptr<Transport>> opened = open_instance(dir, instance);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().text, "instance 'v0' has ended");
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vnet::cli
