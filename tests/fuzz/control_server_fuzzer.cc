// SPDX-License-Identifier: GPL-2.0-only
// Datagrams for the request handler of the user-space driver, over two TAPs in a network namespace
// of its own: root, or a user namespace.
//
// Input: a datagram as it is, or, if the first byte is odd, messages one after the other: each a
// byte for the command, one of flags (1: a dump; 2: a device's name goes first), one of length, and
// as many bytes of attributes. Each message is answered by one status and replies that can be read;
// both ends agree on what is the link's; no frame is lost uncounted, whatever becomes of the rings.
#include <sched.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "lib/nlmsg/parser.h"
#include "user/control_requests.h"
#include "user/drop_listener.h"
#include "user/rtnetlink.h"

namespace {

using namespace vnet;
using user::Port;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

template <typename T>
T must(user::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().text.c_str());
  std::exit(1);
}

// The driver around the handler: two open ends with frames on their rings, and nothing that runs.
class Pair final : public Port::Owner,
                   public user::ControlRequests::Owner,
                   public user::DropListener {
 public:
  Pair() {
    a_ = make_port("left", 2);
    b_ = make_port("right", 3);
    const char* why;
    require(vnet_core_link_attach(a_->device(), b_->device(), &why) == 0, "there is a link");
    require(!pool_.reserve(user::pool_frames(user::settings_of(*a_, *b_))), "there is a pool");
    open(*a_);
    open(*b_);
    requests = std::make_unique<user::ControlRequests>(*a_, *b_, pool_, *this);
    user::drop_listener = this;
  }

  // Frames for the rings, so that another size has some to drop; a poll now and then.
  void run() {
    for (Port* port : {a_.get(), b_.get()}) send(*port);
    if (++rounds_ % 8 != 0) return;
    while (Port* const port = polls_.pop()) port->poll();
  }

  void check() const {
    const user::Settings now = user::settings_of(*a_, *b_);
    require(now.params[0].seed == now.params[1].seed, "both ends have the link's seed");
    require(a_->csum_wire() == b_->csum_wire(), "both ends have the link's csum");
    conserved(*a_, *b_);
    conserved(*b_, *a_);
    require(seen_ == counted(*a_) + counted(*b_), "each dropped frame was told");
  }

  std::unique_ptr<user::ControlRequests> requests;

 private:
  std::unique_ptr<Port> make_port(const char* name, int ifindex) {
    auto port =
        std::make_unique<Port>(must(user::Tap::create(name)), name, pool_, polls_, loop_, *this);
    vnet_params params;
    vnet_core_params_default(&params);
    params.mac[5] = static_cast<vnet_u8>(ifindex);
    require(!port->start(params), "the core takes the device");
    port->set_place(user::kOwnNetns, ifindex);
    return port;
  }
  static void open(Port& port) {
    user::LinkState up;
    up.name = port.name();
    up.mac[5] = port.params().mac[5];
    up.mtu = VNET_MTU_DEFAULT;
    up.up = true;
    port.apply(up);
  }

  void send(Port& port) {
    user::PoolFrame* const frame = pool_.take();
    require(frame, "the pool has room for what the rings have");
    frame->frame = {};
    frame->frame.len = frame->frame.wire_len = 60;
    frame->frame.wire_frames = 1;
    std::memset(frame->wire.data, 0xff, 60);
    const vnet_verdict verdict = vnet_core_tx_admit(port.queue(), &frame->frame);
    if (verdict == VNET_TX_BUSY) pool_.give(*frame);
    if (verdict != VNET_TX_ADMITTED) return;
    std::memset(frame->frame.dst, 0xff, sizeof(frame->frame.dst));
    vnet_core_tx_put(port.queue(), &frame->frame, 0);
  }

  static vnet_u64 counted(const Port& port) {
    vnet_queue_stats stats;
    vnet_core_device_stats(port.device(), &stats);
    return std::accumulate(std::begin(stats.rx_drops), std::end(stats.rx_drops), vnet_u64{0}) +
           std::accumulate(std::begin(stats.tx_drops), std::end(stats.tx_drops), vnet_u64{0});
  }
  static void conserved(const Port& from, const Port& to) {
    vnet_queue_stats sent, got;
    vnet_core_device_stats(from.device(), &sent);
    vnet_core_device_stats(to.device(), &got);
    const vnet_u64 dropped =
        std::accumulate(std::begin(got.rx_drops), std::end(got.rx_drops), vnet_u64{0});
    require(sent.tx_frames == got.rx_frames + dropped + got.in_flight, "frames are conserved");
  }

  void on_frames_dropped(const Port& port, vnet_direction, const vnet_frame* list,
                         vnet_drop) override {
    require(&port == a_.get() || &port == b_.get(), "a drop has a place");
    for (; list; list = list->next) seen_++;
  }
  void on_tap_error(Port&) override {}
  void on_port_event(const Port&, vnet_event_type, vnet_u64) override {}
  void on_port_fault(const Port&, const vnet_fault_event&) override {}
  void on_port_removed(Port&) override {}
  void end(const std::string&) override {}

  user::EventLoop loop_ = must(user::EventLoop::create());
  user::FramePool pool_;
  user::PollList polls_;
  std::unique_ptr<Port> a_, b_;
  unsigned rounds_ = 0;
  vnet_u64 seen_ = 0;
};

Pair* pair;

// The datagram that an input stands for.
std::vector<vnet_u8> datagram_of(std::span<const vnet_u8> input) {
  if (input.empty() || input[0] % 2 == 0)
    return {input.begin() + (input.empty() ? 0 : 1), input.end()};
  input = input.subspan(1);
  std::vector<vnet_u32> words(8192);
  vnet_u8* const bytes = reinterpret_cast<vnet_u8*>(words.data());
  size_t length = 0;
  while (input.size() >= 3 && length < 16384) {
    nlmsghdr header{};
    header.nlmsg_type = nlmsg::VNET_SOCKET_FAMILY;
    header.nlmsg_flags =
        static_cast<vnet_u16>(NLM_F_REQUEST | (input[1] & 1 ? NLM_F_DUMP : NLM_F_ACK));
    const genlmsghdr generic{static_cast<vnet_u8>(input[0] % (VNET_CMD_MAX + 2)), 1, 0};
    const bool named = input[1] & 2;
    const size_t more = std::min<size_t>(input[2], input.size() - 3);
    vnet_u8* at = bytes + length + nlmsg::kAttributesAt;
    if (named) {
      std::memcpy(at, "\x09\x00\x02\x00left\0\0\0\0", 12);
      at += 12;
    }
    std::memcpy(at, input.data() + 3, more);
    header.nlmsg_len = static_cast<vnet_u32>(at + more - (bytes + length));
    std::memcpy(bytes + length, &header, sizeof(header));
    std::memcpy(bytes + length + sizeof(header), &generic, sizeof(generic));
    length += NLMSG_ALIGN(header.nlmsg_len);
    input = input.subspan(3 + more);
  }
  return {bytes, bytes + length};
}

// Replies can be read, and one status ends them. Returns how many statuses there are.
int read_answer(const nlmsg::Builder& answer, const void* bytes) {
  int ended = 0;
  nlmsg::Parser parser(bytes, answer.length());
  while (const nlmsghdr* const message = parser.next()) {
    if (const auto status = nlmsg::parse_status(*message)) {
      require(status->code <= 0 && status->code != -EBADMSG, "a status is whole");
      require(status->code == 0 || !status->text.empty(), "an error has words");
      ended++;
      continue;
    }
    const genlmsghdr* const generic = nlmsg::generic_header(*message);
    require(generic && ended == 0, "replies come before the status");
  }
  require(!parser.malformed(), "an answer is whole");
  return ended;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    std::perror("unshare");
    std::exit(1);
  }
  spdlog::set_level(spdlog::level::off);
  require(vnet_core_init(VNET_ABI, sizeof(vnet_frame)) == 0, "built together");
  pair = new Pair;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const vnet_u8* data, size_t size) {
  const std::vector<vnet_u8> datagram = datagram_of({data, size});
  std::vector<vnet_u32> aligned((datagram.size() + 3) / 4);
  if (!datagram.empty()) std::memcpy(aligned.data(), datagram.data(), datagram.size());
  alignas(8) static char bytes[user::ControlRequests::kAnswerMax];
  user::ControlRequests::Session session;
  nlmsg::Parser parser(aligned.data(), datagram.size());
  while (const nlmsghdr* const request = parser.next()) {
    nlmsg::Builder answer(bytes, sizeof(bytes));
    pair->requests->serve(*request, session, answer);
    int ended = read_answer(answer, bytes);
    for (int parts = 0; session.dump; parts++) {  // in datagrams of a third of what there is
      nlmsg::Builder part(bytes, 2048);
      pair->requests->proceed(session, part);
      require(part.length() != 0 && parts < 40, "a dump ends");
      ended += read_answer(part, bytes);
    }
    const bool acked = request->nlmsg_flags & NLM_F_ACK || ended != 0;
    require(ended == (acked ? 1 : 0), "one status ends the answer, if one is asked for");
    pair->run();
  }
  pair->check();
  return 0;
}
