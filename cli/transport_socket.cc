// SPDX-License-Identifier: GPL-2.0-only
// A user-space driver's socket.
#include "cli/transport_socket.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "lib/nlmsg/builder.h"

namespace vnet::cli {
namespace {

using user::UniqueFd;

// A driver answers between two batches of frames, in microseconds; one that is stopped never does.
constexpr timeval kPatience{5, 0};

class SocketTransport final : public Transport {
 public:
  SocketTransport(UniqueFd fd, const std::string& instance)
      : Transport(Host::kUser, instance, std::move(fd), nlmsg::VNET_SOCKET_FAMILY) {}

  Failure subscribe(vnet_u32 groups) override {
    vnet_subscription_values wanted{};
    wanted.has = 1ull << VNET_A_SUBSCRIPTION_GROUPS;
    wanted.groups = groups;
    return request(VNET_CMD_SUBSCRIBE, wanted);
  }
};

}  // namespace

Result<std::unique_ptr<Transport>> open_instance(const std::string& run_dir,
                                                 const Instance& instance) {
  const std::string what = fmt::format("instance '{}'", instance.name);
  // By way of /proc: a path of any length fits sun_path.
  const UniqueFd dir(open(run_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return user::errno_error(run_dir);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(address.sun_path, sizeof(address.sun_path) - 1, "/proc/self/fd/{}/{}.sock",
                   dir.get(), instance.name);
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) return user::errno_error(what);
  (void)setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  (void)setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED)
      return Error{fmt::format("{} has ended", what), errno};
    if (errno == EAGAIN) return Error{fmt::format("{} does not answer", what), errno};
    return user::errno_error(what);
  }
  return std::unique_ptr<Transport>(
      std::make_unique<SocketTransport>(std::move(fd), instance.name));
}

}  // namespace vnet::cli
