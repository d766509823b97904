// SPDX-License-Identifier: GPL-2.0-only
#include "cli/verify/judge.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "cli/oracle.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

// The specification's, of each host.
struct Limits {
  double quantile[2], late_ns[2];
  const char* name[2];
  double rate;
};
constexpr Limits kKernel{{0.5, 0.999}, {3000, 25000}, {"late_p50", "late_p99.9"}, 0.0001};
constexpr Limits kUser{{0.5, 0.99}, {50000, 100000}, {"late_p50", "late_p99"}, 0.005};
constexpr double kJitterLeast = 0.98, kJitterMost = 1.02;
constexpr vnet_u64 kJitterFrames = 100;     // at least
constexpr vnet_u64 kJitterMax = 500000000;  // ns: what the core can measure of it

// What the frames of some queues have met, or by the determinism contract should have.
struct Tally {
  vnet_u64 lost = 0, duplicated = 0, corrupted = 0, reordered = 0;
  vnet_u64 truncated = 0;  // of those that are long enough
  // Delays that were drawn, as the core measures them: less the delay asked for.
  vnet_u64 delays = 0;
  double delay_sum = 0, delay_squares = 0;

  void add(const Fate& fate, const DelayPlan& plan) {
    lost += fate.lost;
    if (fate.lost) return;
    duplicated += fate.duplicate;
    corrupted += fate.corrupt;
    truncated += fate.truncate;
    reordered += fate.early ? 1 + fate.duplicate : 0;
    if (!plan.jitter || fate.early || !fate.delay) return;
    const s64 more = static_cast<s64>(fate.delay - plan.delay);
    const auto units = static_cast<double>(plan.in_units(more));
    const double copies = fate.duplicate ? 2 : 1;
    delays += fate.duplicate ? 2 : 1;
    delay_sum += copies * static_cast<double>(more);
    delay_squares += copies * units * units;
  }
  double deviation_ns(vnet_u32 shift) const {
    if (!delays) return 0;
    const auto n = static_cast<double>(delays);
    const double unit = std::ldexp(1, static_cast<int>(shift));
    const double mean = delay_sum / n;
    return std::sqrt(std::max(0.0, delay_squares * unit * unit / n - mean * mean));
  }
};

class Judge {
 public:
  Judge(const Trial& trial, Host host)
      : trial_(trial), limits_(host == Host::kKernel ? kKernel : kUser) {}

  std::vector<Check> all() {
    late();
    const std::optional<Tally> expected = decided_again();
    counts(expected.value_or(Tally{}));
    if (has(VNET_A_IMPAIR_JITTER)) jitter(expected.value_or(Tally{}));
    if (!expected) doubt_decisions();
    if (has(VNET_A_IMPAIR_RATE)) rate();
    conservation();
    return std::move(checks_);
  }

 private:
  bool has(unsigned attribute) const { return (trial_.asked.has & bit(attribute)) != 0; }
  vnet_u64 grown(vnet_u64 vnet_wire_values::*member) const {
    return grown(trial_.before, trial_.after, member);
  }
  static vnet_u64 grown(const Moment& from, const Moment& to, vnet_u64 vnet_wire_values::*member) {
    vnet_u64 all = 0;
    for (size_t i = 0; i < from.queues.size(); i++)
      all += to.queues[i].*member - from.queues[i].*member;
    return all;
  }
  bool only_probes() const { return grown(&vnet_wire_values::sent) == trial_.probes; }

  // What follows from decisions that only the host can make. Each check but those of time.
  void doubt_decisions() {
    const char* const why =
        has(VNET_A_IMPAIR_MATCH_TEXT)   ? "match: which frames are meant is in their bytes"
        : has(VNET_A_IMPAIR_TRACE_TEXT) ? "trace: what decides changes with time"
                                        : "the command cannot decide as the host does";
    for (Check& check : checks_)
      if (check.name != limits_.name[0] && check.name != limits_.name[1]) doubt(check, why);
  }

  // Of all frames that came in between; nothing if the command cannot decide as the host does.
  std::optional<Tally> decided_again() const {
    Tally all;
    for (size_t i = 0; i < trial_.before.queues.size(); i++) {
      const vnet_wire_values& from = trial_.before.queues[i];
      const Result<std::unique_ptr<Oracle>> oracle = Oracle::make(
          trial_.asked, {from.seed, from.place, from.ordinal, from.loss_state, from.since_early});
      if (!oracle) return {};
      for (vnet_u64 frame = from.ordinal; frame < trial_.after.queues[i].ordinal; frame++)
        all.add((*oracle)->next(), (*oracle)->plan().delay);
    }
    return all;
  }

  Check& within(std::string name, std::string unit, double measured, double least, double most) {
    Check check{std::move(name), std::move(unit), measured, least, most, Verdict::kInvalid, {}};
    if (measured >= least && measured <= most) check.verdict = Verdict::kValid;
    checks_.push_back(std::move(check));
    return checks_.back();
  }
  static void doubt(Check& check, std::string why) {
    check.verdict = Verdict::kUndetermined;
    check.note = std::move(why);
  }

  // Never early: the core lets no frame go before its time, so there is no such class.
  void late() {
    const vnet_u64 frames = trial_.late.count();
    for (int i = 0; i < 2; i++) {
      const double p = limits_.quantile[i];
      Check& check = within(limits_.name[i], "ns", trial_.late.quantile(p), 0, limits_.late_ns[i]);
      const auto needed = std::max<vnet_u64>(20, static_cast<vnet_u64>(std::llround(1 / (1 - p))));
      if (frames < needed)
        doubt(check, fmt::format("{} frames came, {} are needed", frames, needed));
    }
  }

  void count(const char* name, vnet_u64 vnet_wire_values::*counted, vnet_u64 expected,
             bool at_most = false) {
    const auto most = static_cast<double>(expected);
    Check& check =
        within(name, "frames", static_cast<double>(grown(counted)), at_most ? 0 : most, most);
    if (grown(&vnet_wire_values::no_memory)) doubt(check, "frames were lost for lack of memory");
    if (has(VNET_A_IMPAIR_GSO_KEEP) && !only_probes())
      doubt(check, "gso keep: a super-frame counts as many and is decided once");
    if (!grown(&vnet_wire_values::ordinal)) doubt(check, "no frame came");
  }

  void counts(const Tally& expected) {
    const bool overflowed = grown(&vnet_wire_values::overflowed) != 0;
    if (has(VNET_A_IMPAIR_LOSS_MODEL)) count("lost", &vnet_wire_values::lost, expected.lost);
    if (has(VNET_A_IMPAIR_DUPLICATE))
      count("duplicated", &vnet_wire_values::duplicated, expected.duplicated);
    if (has(VNET_A_IMPAIR_CORRUPT))
      count("corrupted", &vnet_wire_values::corrupted, expected.corrupted);
    if (has(VNET_A_IMPAIR_TRUNCATE)) {
      const bool all_longer = only_probes() && trial_.probe_length > trial_.asked.truncate_len;
      count("truncated", &vnet_wire_values::truncated, expected.truncated, !all_longer);
    }
    if (has(VNET_A_IMPAIR_REORDER))
      count("reordered", &vnet_wire_values::reordered, expected.reordered, overflowed);
  }

  // Against what was drawn for these very frames, so that there is no error of sampling.
  void jitter(const Tally& expected) {
    Tally realised;
    realised.delays = grown(&vnet_wire_values::delays);
    realised.delay_sum =
        static_cast<double>(static_cast<long long>(grown(&vnet_wire_values::delay_sum)));
    realised.delay_squares = static_cast<double>(grown(&vnet_wire_values::delay_squares));
    const vnet_u32 shift = trial_.after.queues[0].delay_shift;
    const double drawn = expected.deviation_ns(shift);
    Check& check = within("jitter", "ratio", drawn > 0 ? realised.deviation_ns(shift) / drawn : 0,
                          kJitterLeast, kJitterMost);
    if (has(VNET_A_IMPAIR_RATE))
      doubt(check, "a rate delays frames, too");
    else if (trial_.asked.jitter > kJitterMax)
      doubt(check, "more than 500ms of jitter are not measured");
    else if (realised.delays < kJitterFrames)
      doubt(check, fmt::format("{} frames came, {} are needed", realised.delays, kJitterFrames));
    else if (check.measured < kJitterLeast && !trial_.asked.jitter_reorder)
      check.note = "order is kept: frames that follow each other closely wait for each other";
  }

  // Frames that left, over the time in which the wire always had some to send.
  void rate() {
    Check& check = within("rate", "ratio", 0, 1 - limits_.rate, 1 + limits_.rate);
    if (has(VNET_A_IMPAIR_TRACE_TEXT)) return doubt(check, "trace: the rate changes with time");
    if (has(VNET_A_IMPAIR_MATCH_TEXT)) return doubt(check, "match: not all frames take time");
    if (!trial_.busy) return doubt(check, "only probes keep the wire busy: say 'probe'");
    const auto& [from, to] = *trial_.busy;
    const bool busy = grown(trial_.before, from, &vnet_wire_values::held) &&
                      grown(trial_.before, to, &vnet_wire_values::held);
    if (!busy) return doubt(check, "the wire was not always busy");
    if (!only_probes() || has(VNET_A_IMPAIR_TRUNCATE))
      return doubt(check, "frames were not all of one length");
    using Values = vnet_wire_values;
    const vnet_u64 never_there = grown(from, to, &Values::lost) +
                                 grown(from, to, &Values::overflowed) +
                                 grown(from, to, &Values::no_memory);
    const auto left = static_cast<double>(grown(from, to, &Values::received) +
                                          grown(from, to, &Values::dropped) - never_there);
    const double seconds = to.seconds - from.seconds;
    const double bits = 8 * static_cast<double>(trial_.probe_length + trial_.asked.overhead);
    check.measured = left * bits / seconds / static_cast<double>(trial_.asked.rate);
    const double unsure = 1 / std::max(left, 1.0) + (from.unsure + to.unsure) / 2 / seconds;
    const double error = std::fabs(check.measured - 1);
    check.verdict = error <= limits_.rate ? Verdict::kValid : Verdict::kInvalid;
    if (unsure > limits_.rate && error <= limits_.rate + unsure)
      doubt(check, fmt::format("known to {:.4f} % only: a longer time", 100 * unsure));
    else if (error <= limits_.rate + unsure)
      check.verdict = Verdict::kValid;
  }

  // Since the device was made.
  void conservation() {
    double sent = 0, accounted = 0;
    for (const vnet_wire_values& queue : trial_.after.queues) {
      sent += static_cast<double>(queue.sent + queue.duplicated);
      accounted += static_cast<double>(queue.received + queue.dropped + queue.in_flight);
    }
    Check& check = within("conservation", "frames", accounted, sent, sent);
    if (check.verdict != Verdict::kValid && !trial_.quiet) doubt(check, "frames were under way");
  }

  const Trial& trial_;
  const Limits& limits_;
  std::vector<Check> checks_;
};

}  // namespace

const char* verdict_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "valid";
    case Verdict::kInvalid:
      return "invalid";
    default:
      return "undetermined";
  }
}

std::vector<Check> judge(const Trial& trial, Host host) {
  return Judge(trial, host).all();
}

Verdict verdict_of(const std::vector<Check>& checks) {
  const auto any = [&](Verdict verdict) {
    return std::any_of(checks.begin(), checks.end(),
                       [&](const Check& check) { return check.verdict == verdict; });
  };
  if (any(Verdict::kInvalid)) return Verdict::kInvalid;
  return any(Verdict::kUndetermined) ? Verdict::kUndetermined : Verdict::kValid;
}

}  // namespace vnet::cli
