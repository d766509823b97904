// SPDX-License-Identifier: GPL-2.0-only
// Every fault with every `when` and every `for`, in virtual time: what comes of it is what the
// model says, or it is refused in the words that docs/faults.md has a reason for.
#include <optional>
#include <string>

#include "core/fault/chance.h"
#include "tests/unit/fault_model.h"

namespace vnet::fake {
namespace {

constexpr u64 kTick = 1000000;  // between two units
constexpr u64 kSecond = 1000000000;
constexpr u64 kSeed = 42;

constexpr KindFacts kKinds[] = {
    {VNET_FAULT_IRQ_LOST, "irq_lost", KindFacts::kInterrupt},
    {VNET_FAULT_IRQ_SPURIOUS, "irq_spurious", KindFacts::kReceived, 0, true},
    {VNET_FAULT_IRQ_STORM, "irq_storm", KindFacts::kReceived, kSecond, true},
    {VNET_FAULT_TX_STALL, "tx_stall", KindFacts::kSent, kOpenEnd, false, true},
    {VNET_FAULT_RX_STALL, "rx_stall", KindFacts::kReceived, kSecond},
    {VNET_FAULT_RX_OVERRUN, "rx_overrun", KindFacts::kReceived},
    {VNET_FAULT_LINK_FLAP, "link_flap", KindFacts::kSent, kSecond, true, true},
    {VNET_FAULT_CSUM_GOOD, "csum_good", KindFacts::kReceived},
    {VNET_FAULT_CSUM_BAD, "csum_bad", KindFacts::kReceived},
    {VNET_FAULT_TRUNCATE, "truncate", KindFacts::kReceived},
    {VNET_FAULT_BAD_LENGTH, "bad_length", KindFacts::kReceived},
    {VNET_FAULT_MAC_FILTER_LEAK, "mac_filter_leak", KindFacts::kRefused},
    {VNET_FAULT_MAC_FILTER_DEAF, "mac_filter_deaf", KindFacts::kMulticast},
    {VNET_FAULT_DMA_SLOW, "dma_slow", KindFacts::kReceived},
    {VNET_FAULT_DMA_ERROR, "dma_error", KindFacts::kSent},
    {VNET_FAULT_RING_CORRUPT, "ring_corrupt", KindFacts::kReceived},
    {VNET_FAULT_ALLOC_FAIL, "alloc_fail", KindFacts::kReceived},
    {VNET_FAULT_RESET_FAIL, "reset_fail", KindFacts::kReset},
    {VNET_FAULT_REMOVE, "remove", KindFacts::kSent, 0, true},
};
static_assert(std::size(kKinds) == VNET_FAULT_WHAT_COUNT);

struct Word {
  const char* name;
  u32 word;
  u64 value;
};
// Times are between two units.
constexpr Word kWhens[] = {
    {"now", VNET_FAULT_NOW, 0},
    {"at", VNET_FAULT_AT, 5 * kTick / 2},
    {"after", VNET_FAULT_AFTER, 5},
    {"nth", VNET_FAULT_NTH, 5},
    {"every", VNET_FAULT_EVERY_FRAMES, 4},
    {"every_time", VNET_FAULT_EVERY_TIME, 33 * kTick / 10},
    {"prob", VNET_FAULT_PROB, VNET_ALWAYS / 3},
    {"match", VNET_FAULT_MATCH, 0},
};
static_assert(std::size(kWhens) == VNET_FAULT_WHEN_COUNT);
constexpr Word kFors[] = {
    {"", VNET_FAULT_FOR_DEFAULT, 0},          {"once", VNET_FAULT_FOR_ONCE, 0},
    {"count", VNET_FAULT_FOR_COUNT, 3},       {"for_time", VNET_FAULT_FOR_TIME, 17 * kTick / 10},
    {"until_reset", VNET_FAULT_FOR_RESET, 0},
};
static_assert(std::size(kFors) == VNET_FAULT_FOR_MAX);

// The frames that `match` takes: each third, by the byte behind the type.
constexpr u64 kTaken = 3;
constexpr vnet_bpf_insn kProgram[] = {
    {0x30, 0, 0, 14}, {0x94, 0, 0, kTaken}, {0x15, 0, 1, 2}, {0x06, 0, 0, 1}, {0x06, 0, 0, 0}};
bool is_taken(u64 number) {
  return number % kTaken == 2;
}

const char* refusal(const KindFacts& kind, u32 when, u32 duration) {
  const bool again = when >= VNET_FAULT_EVERY_FRAMES;
  if (when == VNET_FAULT_MATCH &&
      (kind.unit == KindFacts::kInterrupt || kind.unit == KindFacts::kReset))
    return "match: not with irq-lost and reset-fail, which no frame meets";
  if (kind.what == VNET_FAULT_REMOVE && duration >= VNET_FAULT_FOR_COUNT)
    return "remove: a device goes once, no `count`, `for` or `until`";
  if (kind.what == VNET_FAULT_IRQ_SPURIOUS && duration >= VNET_FAULT_FOR_TIME)
    return "for: irq-spurious does not last; say `count N`, or `every` and when it expires";
  if (kind.lasts && duration == VNET_FAULT_FOR_COUNT && !again)
    return "count: this fault lasts; say for how long, or `every` to have it again";
  return nullptr;
}

class FaultMatrix : public FaultPair, public ::testing::WithParamInterface<KindFacts> {
 protected:
  const KindFacts& kind() { return GetParam(); }
  bool is_sent() { return kind().unit == KindFacts::kSent; }
  Device& device() { return is_sent() ? pair().a() : pair().b(); }

  void begin_pair() {
    make_pair({});
    sent_ = 0;
    vnet_params params = device().params();
    params.seed = kSeed;
    ASSERT_EQ(device().set_params(params), 0);
    vnet_filter filter{};
    filter.all_multicast = 1;
    pair().b().set_filter(filter);
    other_irqs_ = b().irqs();
  }

  vnet_fault config(const Word& when, const Word& duration) {
    vnet_fault config = fault(kind().what, static_cast<vnet_fault_start>(when.word), when.value,
                              static_cast<vnet_fault_for>(duration.word), duration.value);
    if (when.word == VNET_FAULT_MATCH) {
      config.match = kProgram;
      config.match_count = std::size(kProgram);
    }
    if (kind().what == VNET_FAULT_DMA_SLOW) config.value = 1000;  // over before the next frame
    return config;
  }

  void check_refused(const vnet_fault& config, const char* text) {
    const char* why = nullptr;
    EXPECT_EQ(device().add_fault(config, nullptr, &why), -22);
    EXPECT_STREQ(why, text);
    EXPECT_TRUE(device().faults().empty());
    EXPECT_TRUE(device().take_fault_events().empty());
  }

  void check(const vnet_fault& config) {
    for (u32 i = 0; i < 2; i++) one_unit();  // of the run, not of the fault's count
    FaultModel model(kind(), config, host.now());
    add(device(), config);
    model.come_to(host.now());
    for (u32 i = 0; i < 8; i++) step(model, config);
    reset(model);
    for (u32 i = 0; i < 4; i++) step(model, config);
    wait(model, kSecond);
    for (u32 i = 0; i < 4; i++) step(model, config);
    compare(model);
    host.check();
  }

  // Whether what is sent comes to the transmitter: not with its queue stopped, or without a link.
  bool can_send() { return pair().a().carrier() && !a().stopped(); }

  void step(FaultModel& model, const vnet_fault& config) {
    if (can_send()) come(model, config);
    wait(model, kTick);
    if (kind().stops_sending) {
      EXPECT_EQ(can_send(), !model.lasts());
    }
  }

  void come(FaultModel& model, const vnet_fault& config) {
    const u64 drawn_by = number() ? number() : model.count() + 1;
    const bool struck = model.unit(host.now(), is_chosen(config, drawn_by), number());
    one_unit();
    // Such a descriptor has the ring reset, and a reset that works ends what lasts until then.
    const bool resets =
        struck ? kind().what == VNET_FAULT_RING_CORRUPT : kind().unit == KindFacts::kReset;
    if (resets) model.reset();
  }

  void wait(FaultModel& model, u64 time) {
    pair().run_for(time);
    model.come_to(host.now());
    b().take_received();
  }

  void reset(FaultModel& model) {
    const u64 before = b().irqs();
    device().stop();
    ASSERT_EQ(device().open(), 0);
    model.reset();
    wait(model, 0);
    other_irqs_ += b().irqs() - before;
  }

  // What the next unit's number in its run will be.
  u64 number() {
    const bool known = kind().unit <= KindFacts::kMulticast;
    return known ? sent_ + 1 : 0;
  }

  // By chance, or by `match`.
  bool is_chosen(const vnet_fault& config, u64 drawn_by) {
    if (config.when != VNET_FAULT_PROB) return is_taken(sent_);
    const Chance chance{kSeed, 0, is_sent() ? 0u : 1u << 15};
    return fault_happens(chance, config.what, 1, drawn_by, config.when_value);
  }

  void one_unit() {
    if (kind().unit == KindFacts::kReset) {
      sent_++;
      b().tx_timeout();
      return pair().run();
    }
    constexpr u8 kForeign[6] = {2, 9, 9, 9, 9, 9}, kGroup[6] = {1, 0, 0x5e, 0, 0, 1};
    Bytes bytes = kind().unit == KindFacts::kRefused     ? ethernet_frame(kForeign, kMacA)
                  : kind().unit == KindFacts::kMulticast ? ethernet_frame(kGroup, kMacA)
                                                         : ethernet_frame(kMacB, kMacA);
    bytes[14] = static_cast<u8>(sent_);
    sent_++;
    pair().send(bytes);
    pair().run();
  }

  void compare(const FaultModel& model) {
    EXPECT_GT(model.fired(), 0u);
    const vnet_fault_info seen = info(device());
    EXPECT_EQ(seen.fired, model.fired());
    EXPECT_EQ(seen.hits, model.hits());
    EXPECT_EQ(seen.remaining, model.remaining());
    EXPECT_EQ(seen.state, u32{model.over()    ? VNET_FAULT_DONE
                              : model.lasts() ? VNET_FAULT_ACTIVE
                                              : VNET_FAULT_ARMED});
    EXPECT_EQ(texts(device().take_fault_events()), texts(model.events()));
    if (const std::optional<u64> count = counted()) {
      EXPECT_EQ(*count, model.hits());
    }
  }

  static std::vector<std::string> texts(const std::vector<vnet_fault_event>& events) {
    static constexpr const char* kNews[] = {"armed", "fired", "ended", "forced"};
    std::vector<std::string> all;
    for (const vnet_fault_event& event : events)
      all.push_back(std::string(kNews[event.news]) + " id " + std::to_string(event.id) + " queue " +
                    std::to_string(event.queue) + " what " + std::to_string(event.what) +
                    " value " + std::to_string(event.value) + " frame " +
                    std::to_string(event.frame) + " fired " + std::to_string(event.fired));
    return all;
  }

  // What each hit leaves, where it is counted.
  std::optional<u64> counted() {
    const vnet_queue_stats at_a = a().stats(), at_b = b().stats();
    switch (kind().what) {
      case VNET_FAULT_IRQ_SPURIOUS:
        return b().irqs() - other_irqs_ - sent_;
      case VNET_FAULT_RX_OVERRUN:
        return at_b.rx_drops[VNET_DROP_RX_OVERRUN];
      case VNET_FAULT_BAD_LENGTH:
        return at_b.rx_drops[VNET_DROP_BAD_LENGTH];
      case VNET_FAULT_MAC_FILTER_LEAK:
        return at_b.rx_frames;
      case VNET_FAULT_MAC_FILTER_DEAF:
        return at_b.rx_drops[VNET_DROP_MULTICAST_FILTER];
      case VNET_FAULT_DMA_ERROR:
        return at_a.tx_drops[VNET_DROP_DMA_ERROR];
      case VNET_FAULT_RING_CORRUPT:
        return at_b.resets;
      case VNET_FAULT_ALLOC_FAIL:
        return at_b.rx_drops[VNET_DROP_NO_MEMORY];
      default:
        return {};
    }
  }

 private:
  u64 other_irqs_ = 0;  // than those of frames and faults
};

TEST_P(FaultMatrix, EveryWhenWithEveryFor) {
  for (const Word& when : kWhens)
    for (const Word& duration : kFors) {
      SCOPED_TRACE(std::string(kind().name) + " " + when.name + " " + duration.name);
      begin_pair();
      const vnet_fault asked = config(when, duration);
      if (const char* const text = refusal(kind(), when.word, duration.word))
        check_refused(asked, text);
      else
        check(asked);
    }
}

INSTANTIATE_TEST_SUITE_P(All, FaultMatrix, ::testing::ValuesIn(kKinds),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace vnet::fake
