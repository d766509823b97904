// SPDX-License-Identifier: GPL-2.0-only
// A script of operations and frame bytes through the fake pair. The fake host aborts on every
// violation; on top of it: conservation, translating twice is the identity, true checksums stay
// true.
//
// Input: one byte of options, then operations of one byte each, some with arguments; see Script
// below.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "core/translate.h"
#include "tests/fake/pair.h"
#include "tests/unit/frame_maker.h"

namespace {

using vnet::u16;
using vnet::u32;
using vnet::u64;
using vnet::u8;
using vnet::fake::Bytes;
using vnet::fake::Device;
using vnet::fake::FakePair;
using vnet::fake::Frame;
using vnet::fake::Host;
using vnet::fake::Queue;
using vnet::fake::Received;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// The input, read as a stream; zeros beyond its end.
class Input {
 public:
  explicit Input(std::span<const u8> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  u8 byte() {
    if (bytes_.empty()) return 0;
    const u8 first = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return first;
  }
  u16 word() { return static_cast<u16>(byte() << 8 | byte()); }
  Bytes bytes(size_t count) {
    const size_t length = std::min(count, bytes_.size());
    Bytes taken(bytes_.begin(), bytes_.begin() + static_cast<long>(length));
    bytes_ = bytes_.subspan(length);
    return taken;
  }

 private:
  std::span<const u8> bytes_;
};

// One's complement sums have two zeros (RFC 1624 section 3): a field that held the wrong one comes
// back as the right one, which is the same sum. Nothing else may differ.
void require_same_but_for_zeros(const Bytes& a, const Bytes& b) {
  const auto zero = [](const Bytes& bytes, size_t at, u8 value) {
    return bytes[at] == value && bytes[at + 1] == value;
  };
  for (size_t i = 0; i < a.size(); i++) {
    if (a[i] == b[i]) continue;
    const bool zeros = i + 1 < a.size() &&
                       ((zero(a, i, 0) && zero(b, i, 0xff)) || (zero(a, i, 0xff) && zero(b, i, 0)));
    require(zeros, "translating twice is the identity");
    i++;
  }
}

bool translate(Bytes& frame, vnet_csum csum, u32 csum_start) {
  const size_t length = std::min<size_t>(frame.size(), vnet::kTranslateBytes);
  const auto head = std::make_unique<u8[]>(length);
  std::copy_n(frame.begin(), length, head.get());
  const bool ok = vnet::translate(head.get(), static_cast<u32>(frame.size()), csum, csum_start);
  std::copy_n(head.get(), length, frame.begin());
  return ok;
}

void check_translation(const Bytes& frame, vnet_csum csum, u32 csum_start) {
  Bytes once = frame;
  if (!translate(once, csum, csum_start))
    return require(once == frame, "a refused frame is unchanged");
  if (vnet::reference::checksums_valid(frame, csum, csum_start)) {
    require(vnet::reference::checksums_valid(once, csum, csum_start), "true checksums stay true");
  }
  Bytes twice = once;
  require(translate(twice, csum, csum_start), "what was translated can be translated");
  require_same_but_for_zeros(frame, twice);
}

// Sets the checksums right that a random input has wrong, or the checks of true ones would never
// run.
void repair_ipv4_checksum(Bytes& frame) {
  if (frame.size() < 34 || frame[12] != 8 || frame[13] != 0) return;
  const size_t length = (frame[14] & 15u) * 4;
  if (length < 20 || 14 + length > frame.size()) return;
  frame[24] = frame[25] = 0;
  const Bytes header(frame.begin() + 14, frame.begin() + 14 + static_cast<long>(length));
  const u16 checksum = vnet::reference::internet_checksum(header);
  frame[24] = static_cast<u8>(checksum >> 8);
  frame[25] = static_cast<u8>(checksum);
}

class Script {
 public:
  explicit Script(std::span<const u8> bytes) : input_(bytes), pair_(options(input_.byte())) {}

  void run() {
    while (!input_.empty()) operation(input_.byte());
    open_all();
    for (u32 end = 0; end < 2; end++) device(end).delete_fault(0);
    pair_.run_for(1'000'000'000);
    for (u32 end = 0; end < 2; end++) device(end).queue().take_received();
    Host::get().check();
  }

 private:
  static FakePair::Options options(u8 bits) {
    FakePair::Options options;
    options.ring_size = VNET_RING_MIN;
    options.mtu = 600;
    options.timeout_ms = VNET_TIMEOUT_MIN_MS;
    options.snull = bits & 1;
    options.pad = bits & 2;
    options.noarp = bits & 4;
    options.tx_irq = bits & 8;
    options.lockup = bits >> 4;
    return options;
  }

  Device& device(u32 end) { return end == 0 ? pair_.a() : pair_.b(); }

  void operation(u8 code) {
    const u32 end = code >> 7;
    Queue& queue = device(end).queue();
    switch (code & 15) {
      case 0:
      case 1:
      case 2:
        return send(queue, code);
      case 3:
        return random_frame(queue);
      case 4:
        return code & 0x10 ? fault(end, code) : queue.doorbell();
      case 5:
        return poll(end, input_.byte());
      case 6:
        return pair_.run();
      case 7:
        return toggle_open(end);
      case 8:
        return toggle_link();
      case 9:
        return pass_time(end);
      case 10:
        return fail_next(input_.byte());
      case 11:
        return static_cast<void>(queue.irq_raise(input_.byte()));
      case 12:
        return set_params(end);
      case 13:
        return set_filter(end);
      case 14:
        return burst(queue, input_.byte());
      default:
        return queue.tx_timeout();
    }
  }

  void transmit(Queue& queue, const Bytes& bytes, vnet_csum csum, u32 csum_start) {
    check_translation(bytes, csum, csum_start);
    Frame* frame = Host::get().ledger.make(bytes);
    frame->csum = static_cast<u8>(csum);
    frame->csum_start = static_cast<u16>(csum_start);
    queue.tx(frame);
  }

  void send(Queue& queue, u8 code) {
    Bytes bytes = input_.bytes(code & 0x40 ? input_.word() % 1600 : input_.byte());
    if (code & 0x10) repair_ipv4_checksum(bytes);
    const bool partial = code & 0x20;
    transmit(queue, bytes, partial ? VNET_CSUM_PARTIAL : VNET_CSUM_NONE,
             partial ? input_.byte() : 0);
  }

  // A valid frame; the input chooses which.
  void random_frame(Queue& queue) {
    vnet::reference::Random random(input_.word());
    const auto description = vnet::reference::random_frame(random);
    const bool partial = description.kind == vnet::reference::FrameDescription::Kind::kIpv4 &&
                         description.datagram.partial;
    const u32 start = vnet::reference::network_offset(description) +
                      vnet::reference::header_length(description.datagram);
    Bytes bytes = render(description, false);
    if (const u8 cut = input_.byte(); cut < 128 && cut < bytes.size()) bytes.resize(cut);
    transmit(queue, bytes, partial ? VNET_CSUM_PARTIAL : VNET_CSUM_NONE, partial ? start : 0);
  }

  void burst(Queue& queue, u8 count) {
    for (u32 i = 0; i < count % 80u; i++)
      queue.tx(Host::get().ledger.make(
          vnet::fake::ethernet_frame(vnet::fake::kMacB, vnet::fake::kMacA)));
  }

  void poll(u32 end, u8 budget) {
    if (!device(end).is_open()) return;
    device(end).queue().poll(budget);
    while (device(end).queue().poll_done()) device(end).queue().poll();
  }

  // One more, one fired, or none any more. None that pulls the device out: that is the host's to
  // do.
  void fault(u32 end, u8 code) {
    if (code & 0x20) return static_cast<void>(device(end).delete_fault(0));
    if (code & 0x40) return static_cast<void>(device(end).fire_fault(input_.byte()));
    vnet_fault fault{};
    fault.what = input_.byte() % VNET_FAULT_REMOVE;
    fault.queue = VNET_FAULT_ALL_QUEUES;
    fault.when = input_.byte() % VNET_FAULT_MATCH;
    fault.when_value = input_.word();
    if (fault.when == VNET_FAULT_NOW) fault.when_value = 0;
    if (fault.when == VNET_FAULT_EVERY_TIME) fault.when_value += VNET_FAULT_PERIOD_MIN;
    if (fault.when == VNET_FAULT_PROB) fault.when_value <<= 16;
    fault.duration = input_.byte() % VNET_FAULT_FOR_MAX;
    const bool valued =
        fault.duration == VNET_FAULT_FOR_COUNT || fault.duration == VNET_FAULT_FOR_TIME;
    if (valued) fault.for_value = input_.word() * 100ull;
    fault.expire = input_.word() * 1000ull;
    const int error = device(end).add_fault(fault);
    require(error == 0 || error == -EINVAL || error == -EBUSY, "a fault is taken or refused");
  }

  void toggle_open(u32 end) {
    if (device(end).is_open())
      device(end).stop();
    else
      device(end).open();
  }

  void toggle_link() {
    if (pair_.a().peer())
      pair_.a().detach();
    else
      require(pair_.a().attach(pair_.b()) == 0, "two free devices can be linked");
  }

  void open_all() {
    for (u32 end = 0; end < 2; end++) {
      if (!device(end).is_open()) device(end).open();
    }
  }

  void pass_time(u32 end) {
    Host::get().advance(input_.word() * 1000ull);
    device(end).watchdog();
  }

  static void fail_next(u8 which) {
    Host& host = Host::get();
    vnet::fake::Script* const scripts[] = {&host.fail_header, &host.fail_pad, &host.fail_commit};
    scripts[which % 3]->fail_nth(1 + which / 3 % 4);
  }

  void set_params(u32 end) {
    vnet_params params = device(end).params();
    params.mtu = input_.word();
    params.lockup = input_.byte() % 16;
    const u8 bits = input_.byte();
    params.snull = bits & 1;
    params.pad = bits >> 1 & 1;
    params.noarp = bits >> 2 & 1;
    params.tx_irq = bits >> 3 & 3;  // 2 and 3 are refused
    const vnet_params before = device(end).params();
    if (device(end).set_params(params) == 0) return;
    const vnet_params after = device(end).params();
    require(std::memcmp(&before, &after, sizeof(before)) == 0, "a refusal changes nothing");
  }

  void set_filter(u32 end) {
    const u8 bits = input_.byte();
    u8 macs[200][6];
    for (auto& mac : macs) {
      for (u8& byte : mac) byte = input_.byte();
    }
    const u32 unicast = bits & 1 ? 200 : bits >> 4, multicast = bits & 2 ? 200 : bits >> 5;
    device(end).set_filter({macs, macs, unicast, multicast, static_cast<u8>(bits >> 2 & 1),
                            static_cast<u8>(bits >> 3 & 1)});
  }

  Input input_;
  FakePair pair_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  Host& host = Host::get();
  host.reset();
  host.abort_on_violation(true);
  Script(std::span(data, size)).run();
  host.check_empty();
  return 0;
}
