// SPDX-License-Identifier: GPL-2.0-only
#include "user/driver.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstring>

#include "user/report.h"

namespace vnet::user {
namespace {

// "\0SNUL0" and "\0SNUL1" (LDD3, chapter 17, snull.c).
constexpr Mac kSnullMac[2] = {{0x00, 0x53, 0x4e, 0x55, 0x4c, 0x30},
                              {0x00, 0x53, 0x4e, 0x55, 0x4c, 0x31}};
// The networks of the snull recipe.
constexpr vnet_u32 kSnullNetworks[] = {0xc0a80000, 0xc0a80100};  // 192.168.0.0, 192.168.1.0

// A TAP drops at the tail when its own ring is full; 1000 is too little for a burst of datagrams.
constexpr vnet_u32 kTxQueueLen = 10000;

bool same_file(int a, int b) {
  struct stat sa, sb;
  return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
         sa.st_ino == sb.st_ino;
}

// The options have been checked.
Settings initial_settings(const DriverOptions& options) {
  Settings settings{};
  for (vnet_params& params : settings.params) {
    vnet_core_params_default(&params);
    params.mtu = options.mtu;
    params.snull = params.tx_irq = params.pad = options.snull;
  }
  settings.params[0].seed = settings.params[1].seed = drawn_seed();
  (void)change(settings, {&options.infos[0], &options.infos[1]});
  return settings;
}

}  // namespace

// ---- setup

Result<std::unique_ptr<Driver>> Driver::create(const DriverOptions& options, Hooks hooks,
                                               UniqueFd control) {
  if (vnet_core_init(VNET_ABI, sizeof(vnet_frame)) != 0)
    return Error{"this program and its core were not built together"};
  Result<EventLoop> loop = EventLoop::create();
  if (!loop) return loop.error();
  Result<Rtnetlink> rtnetlink = Rtnetlink::open();
  if (!rtnetlink) return rtnetlink.error();
  std::unique_ptr<Driver> driver(
      new Driver(std::move(*loop), std::move(*rtnetlink), std::move(hooks)));
  if (Failure failure = driver->setup(options, std::move(control))) return *failure;
  return driver;
}

Failure Driver::setup(const DriverOptions& options, UniqueFd control) {
  Result<std::unique_ptr<Signals>> signals = Signals::open(*this);
  if (!signals) return signals.error();
  signals_ = std::move(*signals);
  Result<std::unique_ptr<LinkWatch>> link_watch = LinkWatch::open(*this);
  if (!link_watch) return link_watch.error();
  link_watch_ = std::move(*link_watch);
  if (Failure failure = loop_.add(signals_->fd(), EPOLLIN, *signals_)) return failure;
  if (Failure failure = loop_.add(link_watch_->fd(), EPOLLIN, *link_watch_)) return failure;

  const Settings settings = initial_settings(options);
  if (Failure failure = pool_.reserve(pool_frames(settings))) return failure;
  for (size_t i : {0u, 1u}) {
    Result<std::unique_ptr<Port>> port = make_port(options, settings, i);
    if (!port) return port.error();
    (i == 0 ? a_ : b_) = std::move(*port);
  }
  const char* why = nullptr;
  const int error = vnet_core_link_attach(a_->device(), b_->device(), &why);
  if (error) return why ? Error{why} : errno_error("link", -error);
  // The TAPs may have been taken up already by somebody quick (udev, NetworkManager).
  if (Failure failure = locate(*a_)) return failure;
  if (Failure failure = locate(*b_)) return failure;
  if (control) {
    Result<std::unique_ptr<ControlServer>> server =
        ControlServer::open(std::move(control), loop_, {*a_, *b_, pool_, *this});
    if (!server) return server.error();
    control_ = std::move(*server);
  }
  spdlog::info("{} and {} created{}", a_->name(), b_->name(), options.snull ? " (snull)" : "");
  if (options.snull) warn_of_routes();
  return {};
}

Result<std::unique_ptr<Port>> Driver::make_port(const DriverOptions& options,
                                                const Settings& settings, size_t index) {
  const std::string& name = options.names[index];
  Result<Tap> tap = Tap::create(name);
  if (!tap) return tap.error();
  if (!own_netns_) {
    Result<UniqueFd> netns = tap->device_netns();
    if (!netns) return netns.error();
    own_netns_ = std::move(*netns);
  }
  Rtnetlink::Settings link{options.mtu, kTxQueueLen, options.macs[index]};
  if (options.snull && !link.mac) link.mac = kSnullMac[index];
  if (Failure failure = rtnetlink_.set_link(name, link)) return *failure;
  Result<LinkState> state = rtnetlink_.link(name);
  if (!state) return state.error();
  auto port = std::make_unique<Port>(std::move(*tap), name, pool_, polls_, loop_, *this);
  vnet_params params = settings.params[index];
  std::copy(state->mac.begin(), state->mac.end(), params.mac);
  if (Failure failure = port->start(params)) return *failure;
  if (Failure failure = port->set_csum_wire(settings.csum_wire)) return *failure;
  port->set_place(kOwnNetns, state->ifindex);
  return port;
}

void Driver::warn_of_routes() {
  for (const vnet_u32 network : kSnullNetworks) {
    Result<bool> routed = rtnetlink_.has_route(network);
    if (routed && *routed)
      spdlog::warn(
          "192.168.{}.0/24 is routed here already: the snull recipe's addresses will clash",
          (network >> 8) & 0xff);
  }
}

// ---- loop

void Driver::run() {
  hooks_.named(a_->name(), b_->name());
  serve();
  hooks_.ready();
  while (!ended_) {
    loop_.wait();
    serve();
  }
  a_->shut();
  b_->shut();
  for (const Port* port : {a_.get(), b_.get()}) on_port_event(*port, VNET_EVENT_TYPE_DEVICE_DEL, 0);
  if (control_) control_->settle();
  hooks_.report(report(*a_, *b_));
}

// The ports' last events go to the rest of it.
Driver::~Driver() {
  a_.reset();
  b_.reset();
}

// Serves all interrupts, also those that serving raises, and frames that now have room.
void Driver::serve() {
  bool more = true;
  while (more) {
    while (Port* const port = polls_.pop()) port->poll();
    more = false;
    for (Port* port : {a_.get(), b_.get()}) {
      if (!port->can_resume()) continue;
      port->transmit();
      more = true;
    }
  }
  a_->settle();
  b_->settle();
  if (control_) control_->settle();
}

void Driver::end(const std::string& why) {
  if (ended_) return;
  ended_ = true;
  spdlog::info("{}: {} and {} end", why, a_->name(), b_->name());
}

void Driver::on_signal(int signal) {
  if (signal == SIGUSR1) return hooks_.report(report(*a_, *b_));
  if (signal == SIGHUP && !hooks_.end_on_hangup) return;
  end(strsignal(signal));
}

// ---- where the devices are, and what the stack made of them

void Driver::on_link(int nsid, const LinkState& state) {
  for (Port* port : {a_.get(), b_.get()})
    if (port->is_at(nsid, state.ifindex)) apply(*port, state);
}

// The message is the same for a device that was deleted and for one that moved.
void Driver::on_link_gone(int nsid, int ifindex) {
  for (Port* port : {a_.get(), b_.get()})
    if (port->is_at(nsid, ifindex)) resync(*port);
}

void Driver::on_events_lost() {
  spdlog::warn("rtnetlink events were lost: looking again");
  resync(*a_);
  resync(*b_);
}

// A TAP reports an error while its device is being unregistered and ever after. TUNGETIFF, unlike
// TUNGETDEVNETNS, asks for no privilege in the device's namespace.
void Driver::on_tap_error(Port& port) {
  if (!port.tap().device_name()) return end(fmt::format("{} is gone", port.name()));
  resync(port);
}

void Driver::on_port_event(const Port& port, vnet_event_type type, vnet_u64 value) {
  if (control_) control_->tell(port, type, value);
}

void Driver::on_port_fault(const Port& port, const vnet_fault_event& event) {
  if (control_) control_->tell_fault(port, event);
}

// A pair ends with either device.
void Driver::on_port_removed(Port& port) {
  end(fmt::format("{} was pulled out", port.name()));
}

void Driver::apply(Port& port, const LinkState& state) {
  const bool renamed = state.name != port.name();
  port.apply(state);
  if (renamed) hooks_.named(a_->name(), b_->name());
}

void Driver::resync(Port& port) {
  if (ended_) return;
  const Failure failure = locate(port);
  if (!failure) return;
  if (failure->code == EBADFD) return end(fmt::format("{} is gone", port.name()));
  spdlog::error("{}: {}", port.name(), failure->text);
}

Failure Driver::locate(Port& port) {
  Error error;
  for (int attempt = 0; attempt < 3; attempt++) {  // it may be renamed or moved while we look
    Result<UniqueFd> netns = port.tap().device_netns();
    if (!netns) return netns.error();
    int nsid = kOwnNetns;
    if (!same_file(netns->get(), own_netns_.get())) {
      Result<int> id = rtnetlink_.nsid(netns->get());
      if (!id) return id.error();
      nsid = *id;
      if (!link_watch_->sees_other_netns())
        spdlog::warn(
            "{}: in another namespace; its changes there are not seen without "
            "CAP_NET_BROADCAST",
            port.name());
    }
    Result<std::string> name = port.tap().device_name();
    if (!name) return name.error();
    Result<LinkState> state = rtnetlink_.link(*name, nsid);
    if (state) {
      port.set_place(nsid, state->ifindex);
      apply(port, *state);
      return {};
    }
    error = state.error();
  }
  return error;
}

}  // namespace vnet::user
