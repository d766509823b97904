// SPDX-License-Identifier: GPL-2.0-only
#include "cli/capture/packet_ring.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace vnet::cli {
namespace {

using user::errno_error;
using user::Failure;
using user::Result;
using user::UniqueFd;

// A block takes the largest super-frame (512 KiB); 32 MiB are a tenth of a second at 2.5 Gbit/s.
constexpr unsigned kBlockSize = 1u << 20;
constexpr unsigned kBlocks = 32;
constexpr unsigned kFrameSize = 2048;  // of no meaning in version 3, but checked
// A block that is not full is handed over after this.
constexpr unsigned kPatienceMs = 20;

constexpr std::size_t kAddresses = 2 * ETH_ALEN;  // a VLAN tag stands behind them
constexpr std::size_t kTag = 4;

template <typename T>
Failure set(int fd, int name, const T& value, const char* what) {
  if (setsockopt(fd, SOL_PACKET, name, &value, sizeof(value)) != 0) return errno_error(what);
  return {};
}

// A filter that lets everything through says with its result how much of it.
Failure cut_at(int fd, vnet_u32 snaplen) {
  sock_filter accept = BPF_STMT(BPF_RET | BPF_K, snaplen);
  const sock_fprog program{1, &accept};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0)
    return errno_error("snaplen");
  return {};
}

Failure make_ring(int fd) {
  tpacket_req3 request{};
  request.tp_block_size = kBlockSize;
  request.tp_block_nr = kBlocks;
  request.tp_frame_size = kFrameSize;
  request.tp_frame_nr = kBlockSize / kFrameSize * kBlocks;
  request.tp_retire_blk_tov = kPatienceMs;
  if (Failure failure = set(fd, PACKET_VERSION, int{TPACKET_V3}, "PACKET_VERSION")) return failure;
  return set(fd, PACKET_RX_RING, request, "PACKET_RX_RING");
}

Failure bind_to(int fd, unsigned ifindex) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(ifindex);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return errno_error("bind");
  return {};
}

// The hardware's way, which the stack follows, is to keep the tag beside the frame.
void put_tag(CapturedFrame& frame, const tpacket3_hdr& header) {
  if (!(header.tp_status & TP_STATUS_VLAN_VALID) || frame.data.size() < kAddresses) return;
  const vnet_u16 protocol = (header.tp_status & TP_STATUS_VLAN_TPID_VALID)
                                ? header.hv1.tp_vlan_tpid
                                : static_cast<vnet_u16>(ETH_P_8021Q);
  const vnet_u16 tag[] = {htons(protocol), htons(static_cast<vnet_u16>(header.hv1.tp_vlan_tci))};
  static_assert(sizeof(tag) == kTag);
  frame.data.insert(kAddresses, reinterpret_cast<const char*>(tag), sizeof(tag));
  frame.length += kTag;
}

}  // namespace

void PacketRing::Unmap::operator()(unsigned char* memory) const {
  munmap(memory, size);
}

Result<PacketRing> PacketRing::open(unsigned ifindex, vnet_u32 snaplen) {
  // Protocol 0: nothing comes in before the socket is bound to the device.
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return errno_error("AF_PACKET");
  if (Failure failure = cut_at(fd.get(), snaplen)) return *failure;
  if (Failure failure = make_ring(fd.get())) return *failure;
  const std::size_t size = std::size_t{kBlockSize} * kBlocks;
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return errno_error("mmap");
  Memory owned(static_cast<unsigned char*>(memory), Unmap{size});
  if (Failure failure = bind_to(fd.get(), ifindex)) return *failure;
  return PacketRing(std::move(fd), std::move(owned), snaplen);
}

unsigned char* PacketRing::block() const {
  return memory_.get() + std::size_t{block_} * kBlockSize;
}

std::optional<CapturedFrame> PacketRing::next() {
  while (left_ == 0) {
    auto& header = reinterpret_cast<tpacket_block_desc*>(block())->hdr.bh1;
    if (next_) {  // all of it has been taken: back to the kernel
      __atomic_store_n(&header.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
      next_ = nullptr;
      block_ = (block_ + 1) % kBlocks;
      continue;
    }
    if (!(__atomic_load_n(&header.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) return {};
    left_ = header.num_pkts;
    next_ = block() + header.offset_to_first_pkt;
  }
  CapturedFrame frame = copy(next_);
  next_ += reinterpret_cast<const tpacket3_hdr*>(next_)->tp_next_offset;
  --left_;
  return frame;
}

CapturedFrame PacketRing::copy(const unsigned char* at) const {
  const auto& header = *reinterpret_cast<const tpacket3_hdr*>(at);
  const auto& from =
      *reinterpret_cast<const sockaddr_ll*>(at + TPACKET_ALIGN(sizeof(tpacket3_hdr)));
  CapturedFrame frame;
  frame.time_ns = vnet_u64{header.tp_sec} * 1000000000 + header.tp_nsec;
  frame.data.reserve(header.tp_snaplen + kTag);
  frame.data.assign(reinterpret_cast<const char*>(at) + header.tp_mac, header.tp_snaplen);
  frame.length = header.tp_len;
  frame.direction =
      from.sll_pkttype == PACKET_OUTGOING ? PcapngDirection::kOutbound : PcapngDirection::kInbound;
  put_tag(frame, header);
  if (frame.data.size() > snaplen_) frame.data.resize(snaplen_);
  return frame;
}

void PacketRing::clear_error() {
  int error = 0;
  socklen_t size = sizeof(error);
  (void)getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
}

PacketRing::Counts PacketRing::counts() {
  tpacket_stats_v3 now{};  // since they were last asked for
  socklen_t size = sizeof(now);
  if (getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &now, &size) == 0) {
    counts_.seen += now.tp_packets;
    counts_.missed += now.tp_drops;
  }
  return counts_;
}

}  // namespace vnet::cli
