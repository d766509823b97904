// SPDX-License-Identifier: GPL-2.0-only
#include "user/tap.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <cstring>

// Newer than Debian 12's kernel headers.
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

namespace vnet::user {
namespace {

constexpr char kTunPath[] = "/dev/net/tun";
constexpr char kNeedsPrivilege[] = "needs CAP_NET_ADMIN (run as root, or in 'unshare -Urn')";

Result<UniqueFd> open_tun() {
  UniqueFd fd(open(kTunPath, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (fd) return fd;
  const Error error = errno_error(kTunPath);
  switch (error.code) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return Error{
          error.text +
              ": the user-space driver needs the TUN/TAP driver (modprobe tun, or give the "
              "container --device /dev/net/tun)",
          error.code};
    case EACCES:
    case EPERM:
      return Error{error.text + ": the user-space driver " + kNeedsPrivilege, error.code};
    default:
      return error;
  }
}

ifreq request_for(const std::string& name, int flags) {
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());  // the caller checked the length
  request.ifr_flags = static_cast<short>(flags);
  return request;
}

}  // namespace

Failure Tap::probe() {
  Result<UniqueFd> fd = open_tun();
  if (!fd) return fd.error();
  return {};
}

Result<Tap> Tap::create(const std::string& name) {
  Result<UniqueFd> fd = open_tun();
  if (!fd) return fd.error();
  // IFF_TUN_EXCL: never attach to a persistent TAP that somebody else left.
  ifreq request = request_for(name, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL);
  if (ioctl(fd->get(), TUNSETIFF, &request) != 0) {
    const int code = errno;
    if (code == EPERM)
      return Error{fmt::format("cannot create the device '{}': {}", name, kNeedsPrivilege), code};
    if (code == EBUSY || code == EEXIST)
      return Error{fmt::format("refused: a network device named '{}' exists already", name), code};
    return errno_error(fmt::format("cannot create the device '{}'", name), code);
  }
  Tap tap(std::move(*fd));
  if (Failure failure = tap.set_offloads(true)) return *failure;
  return tap;
}

ssize_t Tap::receive(PoolFrame& frame) const {
  const ssize_t n = read(fd_.get(), &frame.wire, sizeof(frame.wire));
  if (n < 0) return -errno;
  return n - static_cast<ssize_t>(sizeof(VirtioHeader));
}

ssize_t Tap::send(const PoolFrame& frame) const {
  const ssize_t n = write(fd_.get(), &frame.wire, sizeof(VirtioHeader) + frame.frame.len);
  return n < 0 ? -errno : n;
}

Failure Tap::set_carrier(bool up) const {
  unsigned int carrier = up;
  if (ioctl(fd_.get(), TUNSETCARRIER, &carrier) != 0) return errno_error("TUNSETCARRIER");
  return {};
}

// USO needs Linux 6.2; an older kernel refuses the whole set with EINVAL.
Failure Tap::set_offloads(bool on) const {
  constexpr unsigned long kBase = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  constexpr unsigned long kAll = kBase | TUN_F_USO4 | TUN_F_USO6;
  if (ioctl(fd_.get(), TUNSETOFFLOAD, on ? kAll : 0ul) == 0) return {};
  if (on && ioctl(fd_.get(), TUNSETOFFLOAD, kBase) == 0) return {};
  return errno_error("TUNSETOFFLOAD");
}

Result<std::string> Tap::device_name() const {
  ifreq request{};
  if (ioctl(fd_.get(), TUNGETIFF, &request) != 0) return errno_error("TUNGETIFF");
  return std::string(request.ifr_name, strnlen(request.ifr_name, sizeof(request.ifr_name)));
}

Result<UniqueFd> Tap::device_netns() const {
  UniqueFd netns(ioctl(fd_.get(), TUNGETDEVNETNS));
  if (!netns) return errno_error("TUNGETDEVNETNS");
  return netns;
}

}  // namespace vnet::user
