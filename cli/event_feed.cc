// SPDX-License-Identifier: GPL-2.0-only
#include "cli/event_feed.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "cli/host_end.h"
#include "cli/hosts.h"
#include "cli/run_dir.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

using user::errno_error;

constexpr std::string_view kSocketSuffix = ".sock";

// A socket that was made just now does not listen yet: it is tried again after this, so often.
constexpr int kRetryMs = 20;
constexpr int kRetries = 50;

// An event that no host tells.
void visit_own(vnet_event_values event, const EventFeed::Visitor& visit) {
  event.has |= 1ull << VNET_A_EVENT_TYPE | 1ull << VNET_A_EVENT_TIME;
  event.time = user::realtime_ns();
  alignas(4) vnet_u8 bytes[128];
  const int length = vnet_core_encode(VNET_SET_EVENT, &event, bytes, sizeof(bytes));
  if (length > 0) visit({VNET_CMD_EVENT, {bytes, static_cast<std::size_t>(length)}});
}

// The user-space driver says by itself how many; of the kernel's socket only the error is known.
void visit_lost(const EventFeed::Visitor& visit) {
  vnet_event_values event{};
  event.type = VNET_EVENT_TYPE_LOST;
  visit_own(event, visit);
}

// A user-space driver makes its devices when nobody can listen yet.
Failure visit_devices(Transport& host, const EventFeed::Visitor& visit) {
  return host.dump(VNET_CMD_DEVICE_GET, vnet_device_values{}, [&](const Reply& reply) {
    vnet_device_values device{};
    if (!reply.decode(device)) return;
    vnet_event_values event{};
    event.has =
        1ull << VNET_A_EVENT_IFINDEX | 1ull << VNET_A_EVENT_IFNAME | 1ull << VNET_A_EVENT_SEED;
    event.type = VNET_EVENT_TYPE_DEVICE_NEW;
    event.ifindex = device.ifindex;
    event.ifname = {device.ifname, static_cast<vnet_u32>(std::strlen(device.ifname))};
    event.seed = device.info.seed;
    visit_own(event, visit);
  });
}

// Reads all events of the run directories: whether a socket was made.
bool socket_appeared(int fd) {
  alignas(inotify_event) char buffer[4096];
  bool appeared = false;
  for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;)
    for (const char* at = buffer; at < buffer + n;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(at);
      appeared |= event.len > 0 && std::string_view(event.name).ends_with(kSocketSuffix);
      appeared |= (event.mask & IN_Q_OVERFLOW) != 0;
      at += sizeof(event) + event.len;
    }
  return appeared;
}

// Whether a message of nlctrl says that our family was registered.
bool names_our_family(const nlmsghdr& message) {
  const auto* const header = static_cast<const genlmsghdr*>(mnl_nlmsg_get_payload(&message));
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(*header)) || header->cmd != CTRL_CMD_NEWFAMILY)
    return false;
  bool ours = false;
  const auto look = [](const nlattr* attribute, void* found) {
    if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_NAME &&
        mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
      *static_cast<bool*>(found) =
          std::string_view(mnl_attr_get_str(attribute)) == VNET_FAMILY_NAME;
    return MNL_CB_OK;
  };
  mnl_attr_parse(&message, sizeof(*header), look, &ours);
  return ours;
}

// Reads all events of nlctrl. What was lost may have been about us.
bool family_appeared(const mnl_socket* socket) {
  alignas(nlmsghdr) char buffer[16384];
  bool appeared = false;
  for (;;) {
    const ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
    if (n < 0 && errno != ENOBUFS && errno != ENOSPC) return appeared;
    if (n < 0) {
      appeared = true;
      continue;
    }
    int rest = static_cast<int>(n);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); mnl_nlmsg_ok(message, rest);
         message = mnl_nlmsg_next(message, &rest))
      appeared |= names_our_family(*message);
  }
}

}  // namespace

Result<std::unique_ptr<EventFeed>> EventFeed::open(HostChoice choice, vnet_u32 groups) {
  std::unique_ptr<EventFeed> feed(new EventFeed(choice, groups));
  // Watch first, then look: nobody is missed.
  if (choice != HostChoice::kKernel)
    if (Failure failure = feed->watch_run_dirs()) return *failure;
  if (choice != HostChoice::kUser)
    if (Failure failure = feed->watch_families()) return *failure;
  if (Failure failure = feed->join({})) return *failure;
  return feed;
}

Failure EventFeed::watch_run_dirs() {
  run_dirs_ = UniqueFd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!run_dirs_) return errno_error("inotify");
  for (const std::string& path : RunDir::candidates()) {
    mkdir(path.c_str(), 0755);  // as the driver would; what is not there cannot be watched
    if (inotify_add_watch(run_dirs_.get(), path.c_str(), IN_CREATE | IN_MOVED_TO) < 0 &&
        errno != ENOENT && errno != EACCES)
      return errno_error(path);
  }
  return {};
}

Failure EventFeed::watch_families() {
  families_.reset(mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!families_ || mnl_socket_bind(families_.get(), 0, MNL_SOCKET_AUTOPID) != 0)
    return errno_error("generic netlink");
  // nlctrl's group "notify" has the number of its family (net/netlink/genetlink.c).
  int group = GENL_ID_CTRL;
  if (mnl_socket_setsockopt(families_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) != 0)
    return errno_error("nlctrl's events");
  return {};
}

void EventFeed::append_to(std::vector<pollfd>& wanted) const {
  if (run_dirs_) wanted.push_back({run_dirs_.get(), POLLIN, 0});
  if (families_) wanted.push_back({mnl_socket_get_fd(families_.get()), POLLIN, 0});
  for (const std::unique_ptr<Transport>& host : hosts_) wanted.push_back({host->fd(), POLLIN, 0});
}

int EventFeed::patience_ms() const {
  return retries_ > 0 ? kRetryMs : -1;
}

bool EventFeed::host_appeared() {
  bool appeared = run_dirs_ && socket_appeared(run_dirs_.get());
  if (families_ && family_appeared(families_.get())) {
    // Membership of a family that went is worth nothing.
    std::erase_if(hosts_, [](const auto& host) { return host->host() == Host::kKernel; });
    appeared = true;
  }
  return appeared;
}

bool EventFeed::is_known(const Transport& other) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& host) {
    return host->host() == other.host() && host->name() == other.name();
  });
}

Failure EventFeed::join(const Visitor& announce) {
  Result<std::vector<std::unique_ptr<Transport>>> living = open_hosts(choice_);
  if (!living) return living.error();
  for (std::unique_ptr<Transport>& host : *living) {
    if (is_known(*host)) continue;
    Failure failure;
    if (announce && host->host() == Host::kUser) failure = visit_devices(*host, announce);
    if (!failure) failure = host->subscribe(groups_);
    if (!failure) {
      hosts_.push_back(std::move(host));
    } else if (!has_ended(*failure)) {
      return failure;
    }
  }
  return {};
}

// False: the host is gone.
bool EventFeed::read_host(Transport& host, const Visitor& visit) {
  while (Failure failure = host.receive(visit)) {
    if (failure->code != ENOBUFS) return false;
    visit_lost(visit);
  }
  return true;
}

void EventFeed::read(const Visitor& visit) {
  std::erase_if(hosts_, [&](const auto& host) { return !read_host(*host, visit); });
  if (host_appeared()) {
    retries_ = kRetries;
  } else if (retries_ == 0) {
    return;
  }
  const std::size_t before = hosts_.size();
  const Failure failure = join(visit);
  retries_ = hosts_.size() > before && !failure ? 0 : retries_ - 1;
}

}  // namespace vnet::cli
