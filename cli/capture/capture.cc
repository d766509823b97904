// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture/capture.h"

#include <fmt/core.h>
#include <net/if.h>
#include <poll.h>
#include <sys/utsname.h>
#include <time.h>
#include <vnet/version.h>

#include <cerrno>
#include <limits>

#include "cli/capture/pcapng.h"
#include "cli/schema_words.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

// A dropped frame is reported within this, unless the machine is at its end.
constexpr vnet_u64 kDropWindowNs = 200'000'000;
// At the end the ring's last block is waited for.
constexpr int kLastBlockMs = 30;
// Blocks are written when they come to so much, or when nothing else is to be done.
constexpr std::size_t kWriteSize = 1u << 18;

std::string system_text() {
  utsname system{};
  uname(&system);
  return fmt::format("{} {}", system.sysname, system.release);
}

// The device's index, where its host sees it; AF_PACKET needs it to be in our network namespace.
Result<vnet_u32> index_of(const std::string& device, Transport& host) {
  vnet_device_values wanted{};
  wanted.has = 1ull << VNET_A_DEVICE_IFNAME;
  device.copy(wanted.ifname, sizeof(wanted.ifname) - 1);
  vnet_u32 ifindex = 0;
  const auto read = [&](const Reply& reply) {
    if (auto values = std::make_unique<vnet_device_values>(); reply.decode(*values))
      ifindex = values->ifindex;
  };
  if (Failure failure = host.request(VNET_CMD_DEVICE_GET, wanted, read)) return *failure;
  if (ifindex == 0 || if_nametoindex(device.c_str()) != ifindex)
    return Error{fmt::format("'{}' is in another network namespace: vnet -n NETNS capture", device),
                 ENODEV};
  return ifindex;
}

}  // namespace

Capture::Capture(CaptureRequest request, std::unique_ptr<Transport> host, StopSignals signals,
                 OutputFile file, PacketRing ring, vnet_u32 ifindex)
    : request_(std::move(request)),
      host_(std::move(host)),
      signals_(std::move(signals)),
      file_(std::move(file)),
      ring_(std::move(ring)),
      ifindex_(ifindex),
      names_{request_.device},
      start_ns_(user::realtime_ns()),
      order_(request_.with_drops ? kDropWindowNs : 0) {}

Result<std::unique_ptr<Capture>> Capture::open(const CaptureRequest& request,
                                               std::unique_ptr<Transport> host) {
  Result<StopSignals> signals = StopSignals::open();
  if (!signals) return signals.error();
  Result<vnet_u32> ifindex = index_of(request.device, *host);
  if (!ifindex) return ifindex.error();
  // Drops first: a frame that is dropped is then either seen twice, or not at all.
  if (request.with_drops)
    if (Failure failure = host->subscribe(VNET_GROUP_DROPS)) return *failure;
  Result<PacketRing> ring = PacketRing::open(*ifindex, request.snaplen);
  if (!ring) return ring.error();
  Result<OutputFile> file = OutputFile::open(request.file);  // last: it empties the file
  if (!file) return file.error();
  std::unique_ptr<Capture> capture(new Capture(request, std::move(host), std::move(*signals),
                                               std::move(*file), std::move(*ring), *ifindex));
  Result<std::unique_ptr<user::LinkWatch>> links = user::LinkWatch::open(*capture);
  if (!links) return links.error();
  capture->links_ = std::move(*links);
  return capture;
}

Failure Capture::run() {
  Failure failure = write_head();
  bool running = true;
  while (running && !failure && !is_complete()) {
    running = wait();
    read_ring();
    read_drops();
    failure = write_frames(user::realtime_ns());
  }
  if (!failure && !is_complete()) {
    poll(nullptr, 0, kLastBlockMs);
    read_ring();
    read_drops();
    failure = write_frames({});
  }
  if (!failure) failure = write_statistics();
  if (failure && failure->code == EPIPE) return {};  // whoever read has seen enough
  return failure;
}

bool Capture::is_complete() const {
  return request_.count && counts_.delivered + counts_.dropped >= *request_.count;
}

// False: it is time to end.
bool Capture::wait() {
  int patience = -1;
  if (const std::optional<vnet_u64> due = order_.due_ns()) {
    const vnet_u64 now = user::realtime_ns();
    patience = *due > now ? static_cast<int>((*due - now) / 1000000 + 1) : 0;
  }
  pollfd wanted[] = {{ring_.fd(), POLLIN, 0},
                     {host_gone_ || !request_.with_drops ? -1 : host_->fd(), POLLIN, 0},
                     {links_->fd(), POLLIN, 0},
                     {signals_.fd(), POLLIN, 0},
                     {file_.fd(), 0, 0}};
  if (poll(wanted, std::size(wanted), patience) < 0) return errno == EINTR;
  if (wanted[0].revents & POLLERR) ring_.clear_error();
  if (wanted[2].revents) links_->on_event(0);
  return !(wanted[3].revents && signals_.came()) && !(wanted[4].revents & POLLERR) && !device_gone_;
}

void Capture::on_link(int nsid, const user::LinkState& state) {
  if (nsid == user::kOwnNetns && static_cast<vnet_u32>(state.ifindex) == ifindex_)
    names_.insert(state.name);
}
void Capture::on_link_gone(int nsid, int ifindex) {
  if (nsid == user::kOwnNetns && static_cast<vnet_u32>(ifindex) == ifindex_) device_gone_ = true;
}
void Capture::on_events_lost() {
  char name[IF_NAMESIZE];
  if (if_indextoname(ifindex_, name)) {
    names_.insert(name);
  } else {
    device_gone_ = true;
  }
}

void Capture::read_ring() {
  while (std::optional<CapturedFrame> frame = ring_.next()) order_.add(std::move(*frame));
}

void Capture::read_drops() {
  if (!request_.with_drops || host_gone_) return;
  while (Failure failure = host_->receive([this](const Reply& reply) { read_drop(reply); })) {
    if (failure->code != ENOBUFS) {
      host_gone_ = true;
      return;
    }
    ++counts_.missed_drops;
  }
}

// A driver tells of both ends, and in two namespaces they may have the same index; the device may
// be renamed meanwhile.
bool Capture::is_ours(const vnet_dropped_values& drop) {
  const std::string_view name(static_cast<const char*>(drop.ifname.data), drop.ifname.len);
  if (drop.ifindex != ifindex_) return false;
  if (!names_.contains(name)) links_->on_event(0);  // the new name was told before
  return names_.contains(name);
}

void Capture::read_drop(const Reply& reply) {
  if (reply.command == VNET_CMD_EVENT) {
    vnet_event_values event{};
    if (reply.decode(event) && event.type == VNET_EVENT_TYPE_LOST)
      counts_.missed_drops += event.value;
    return;
  }
  vnet_dropped_values drop{};
  if (reply.command != VNET_CMD_DROPPED || !reply.decode(drop)) return;
  if (!is_ours(drop)) return;
  CapturedFrame frame;
  frame.time_ns = drop.time;
  frame.data.assign(static_cast<const char*>(drop.data.data), drop.data.len);
  if (frame.data.size() > request_.snaplen) frame.data.resize(request_.snaplen);
  frame.length = drop.length;
  frame.direction =
      drop.direction == VNET_DIRECTION_TX ? PcapngDirection::kOutbound : PcapngDirection::kInbound;
  if (drop.has & (1ull << VNET_A_DROPPED_QUEUE)) frame.queue = drop.queue;
  frame.drop = drop_reason_word(drop.reason);
  order_.add(std::move(frame));
}

// Those that are due at `now`; without it, all.
Failure Capture::write_frames(std::optional<vnet_u64> now) {
  while (!is_complete()) {
    const std::optional<CapturedFrame> frame = now ? order_.take(*now) : order_.take_any();
    if (!frame) break;
    append(*frame);
    if (out_.size() < kWriteSize) continue;
    if (Failure failure = file_.write(out_)) return failure;
    out_.clear();
  }
  if (out_.empty()) return {};
  Failure failure = file_.write(out_);
  out_.clear();
  return failure;
}

void Capture::append(const CapturedFrame& frame) {
  std::string comment;
  if (!frame.drop.empty()) comment = "dropped: " + frame.drop;
  ++(frame.drop.empty() ? counts_.delivered : counts_.dropped);
  PcapngPacket packet;
  packet.time_ns = frame.time_ns;
  packet.data = frame.data;
  packet.length = frame.length;
  packet.direction = frame.direction;
  packet.queue = frame.queue;
  packet.comment = comment;
  append_packet(out_, packet);
}

Failure Capture::write_head() {
  append_section(out_, {"", system_text(), fmt::format("vnet {}", VNET_VERSION)});
  PcapngInterface interface;
  interface.name = request_.device;
  interface.description = host_->host() == Host::kKernel ? "vnet device of the kernel module"
                                                         : "vnet device of the user-space driver";
  interface.os = system_text();
  interface.snaplen = request_.snaplen;
  append_interface(out_, interface);
  Failure failure = file_.write(out_);
  out_.clear();
  return failure;
}

Failure Capture::write_statistics() {
  const PacketRing::Counts seen = ring_.counts();
  counts_.missed = seen.missed;
  PcapngStatistics statistics;
  statistics.time_ns = statistics.end_ns = user::realtime_ns();
  statistics.start_ns = start_ns_;
  statistics.received = seen.seen;
  statistics.missed = seen.missed;
  statistics.delivered = counts_.delivered + counts_.dropped;
  statistics.comment = fmt::format("{} of these frames were dropped by vnet", counts_.dropped);
  if (counts_.missed_drops)
    statistics.comment += fmt::format("; at least {} more are missing", counts_.missed_drops);
  std::string block;
  append_statistics(block, statistics);
  return file_.write(block);
}

}  // namespace vnet::cli
