// SPDX-License-Identifier: GPL-2.0-only
#include "cli/verify/trial.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include "cli/show.h"
#include "cli/verify/probe.h"

namespace vnet::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}
constexpr vnet_u64 kSecond = 1000000000;
constexpr vnet_u64 kLong = 60 * kSecond;
constexpr vnet_u64 kTimeDefault = 5 * kSecond;
constexpr vnet_u64 kRateDefault = 1000;   // probes a second
constexpr vnet_u64 kFramesWanted = 1000;  // for a quantile of 99.9 %
constexpr vnet_u64 kFastest = 20000;      // probes a second
constexpr size_t kShortProbe = 60, kLongProbe = 1014;
constexpr auto kLook = 200ms;

class TrialRun {
 public:
  TrialRun(Transport& host, const TrialOptions& options) : host_(host), options_(options) {}

  Result<Trial> run() {
    if (Failure failure = begin()) return *failure;
    std::this_thread::sleep_for(kLook);
    Result<Moment> look = take_moment();
    if (!look) return look.error();
    const bool idle = sent_of(*look) == sent_of(trial_.before);
    const bool probing = options_.probes || options_.per_second || idle;
    if (Failure failure = probing ? probe() : wait_for_others()) return *failure;
    if (Failure failure = settle()) return *failure;
    if (Failure failure = end()) return *failure;
    return std::move(trial_);
  }

 private:
  static vnet_u64 sent_of(const Moment& moment) { return sum(moment, &vnet_wire_values::sent); }
  static vnet_u64 sum(const Moment& moment, vnet_u64 vnet_wire_values::*member) {
    vnet_u64 all = 0;
    for (const vnet_wire_values& queue : moment.queues) all += queue.*member;
    return all;
  }

  // What is asked of the wire now, with what it points to.
  Failure ask(vnet_impair_values& values, std::vector<vnet_u64>& pattern, LatenessView& late) {
    vnet_impair_values which{};
    if (!set_name(which.ifname, options_.device)) return no_such_device(options_.device);
    which.direction = options_.direction;
    which.has = bit(VNET_A_IMPAIR_IFNAME) | bit(VNET_A_IMPAIR_DIRECTION);
    return host_.request(VNET_CMD_IMPAIR_GET, which, [&](const Reply& reply) {
      if (!reply.decode(values)) return;
      late = LatenessView(values);
      pattern.resize(values.loss_pattern.len / sizeof(vnet_u64));
      if (!pattern.empty())
        std::memcpy(pattern.data(), values.loss_pattern.data, values.loss_pattern.len);
      values.loss_pattern.data = pattern.data();
      values.late = {};
    });
  }

  Result<Moment> take_moment() {
    Moment moment;
    const auto begin = Clock::now();
    for (vnet_u32 queue = 0; queue < VNET_QUEUES_MAX; queue++) {
      vnet_wire_values which{};
      set_name(which.ifname, options_.device);
      which.direction = options_.direction;
      which.queue = queue;
      which.has = bit(VNET_A_WIRE_IFNAME) | bit(VNET_A_WIRE_DIRECTION) | bit(VNET_A_WIRE_QUEUE);
      const Failure failure = host_.request(VNET_CMD_WIRE_GET, which, [&](const Reply& reply) {
        if (reply.decode(which)) moment.queues.push_back(which);
      });
      if (failure && (queue == 0 || failure->code != ENOENT)) return *failure;
      if (failure) break;
    }
    const auto took = Clock::now() - begin;
    moment.unsure = std::chrono::duration<double>(took).count();
    moment.seconds = std::chrono::duration<double>((begin + took / 2).time_since_epoch()).count();
    return moment;
  }

  Failure begin() {
    if (Failure failure = ask(trial_.asked, trial_.pattern, late_before_)) return failure;
    constexpr vnet_u64 kKnobs = (2ull << VNET_A_IMPAIR_GSO_KEEP) - bit(VNET_A_IMPAIR_LOSS_MODEL);
    if (!(trial_.asked.has & kKnobs))
      return user::Error{"nothing is asked of the wire: there is nothing to verify"};
    Result<Moment> before = take_moment();
    if (!before) return before.error();
    trial_.before = *before;
    return {};
  }

  bool has_rate() const { return trial_.asked.has & bit(VNET_A_IMPAIR_RATE); }

  // In order, a frame waits for the one before it: only frames that are far enough apart have the
  // jitter that was drawn.
  vnet_u64 apart_ns() const {
    const vnet_impair_values& asked = trial_.asked;
    if (options_.per_second) return kSecond / std::max<vnet_u64>(*options_.per_second, 1);
    if (options_.probes) return time_ns() / std::max<vnet_u64>(*options_.probes, 1);
    if (has_rate()) {
      const double frame = 8e9 * static_cast<double>(trial_.probe_length + asked.overhead) /
                           static_cast<double>(asked.rate);
      return std::max(kSecond / kFastest, static_cast<vnet_u64>(frame / 1.5));
    }
    const bool in_order = asked.jitter && !asked.jitter_reorder;
    return std::max(kSecond / kRateDefault, in_order ? 6 * asked.jitter : 0);
  }

  // Long enough for as many frames as it takes.
  vnet_u64 time_ns() const {
    if (options_.time_ns) return *options_.time_ns;
    if (options_.probes || options_.per_second || has_rate()) return kTimeDefault;
    return std::clamp(kFramesWanted * apart_ns(), kTimeDefault, kLong);
  }

  Failure probe() {
    const bool longer = has_rate() || trial_.asked.truncate;
    Result<ProbeSender> probe =
        ProbeSender::open(options_.device, longer ? kLongProbe : kShortProbe);
    if (!probe) return probe.error();
    trial_.probe_length = probe->length();
    const auto end = Clock::now() + Nanoseconds(time_ns());
    const vnet_u64 count = options_.probes.value_or(~0ull);
    Result<vnet_u64> sent = has_rate() ? probe_busy(*probe, count, end)
                                       : send_evenly(*probe, count, Nanoseconds(apart_ns()), end);
    if (!sent) return sent.error();
    trial_.probes = *sent;
    return {};
  }

  // The first tenth fills the wire; what follows is what the rate is measured by.
  Result<vnet_u64> probe_busy(ProbeSender& probe, vnet_u64 count, Clock::time_point end) {
    const auto apart = Nanoseconds(apart_ns());
    const auto full = Clock::now() + (end - Clock::now()) / 10;
    Result<vnet_u64> first = send_evenly(probe, count, apart, full);
    if (!first) return first;
    Result<Moment> from = take_moment();
    if (!from) return from.error();
    Result<vnet_u64> second = send_evenly(probe, count - std::min(count, *first), apart, end);
    if (!second) return second;
    Result<Moment> to = take_moment();
    if (!to) return to.error();
    trial_.busy = {*from, *to};
    return *first + *second;
  }

  Failure wait_for_others() {
    std::this_thread::sleep_for(Nanoseconds(time_ns()) - kLook);
    return {};
  }

  // Until what we have sent is off the wire.
  Failure settle() {
    const auto patience =
        Clock::now() +
        Nanoseconds(std::min(kLong, trial_.asked.delay + 4 * trial_.asked.jitter + kTimeDefault));
    while (trial_.probes && Clock::now() < patience) {
      Result<Moment> now = take_moment();
      if (!now) return now.error();
      if (!sum(*now, &vnet_wire_values::in_flight)) break;
      std::this_thread::sleep_for(50ms);
    }
    return {};
  }

  // The lateness first: the second moment disturbs it.
  Failure end() {
    vnet_impair_values asked{};
    std::vector<vnet_u64> pattern;
    LatenessView late;
    if (Failure failure = ask(asked, pattern, late)) return failure;
    trial_.late = late.since(late_before_);
    trial_.late_max = asked.late_max;
    Result<Moment> after = take_moment();
    if (!after) return after.error();
    trial_.after = *after;
    if (changed(asked, pattern))
      return user::Error{"what is asked of the wire was changed meanwhile: once more, please"};
    trial_.quiet = !sum(trial_.before, &vnet_wire_values::in_flight) &&
                   !sum(trial_.after, &vnet_wire_values::in_flight);
    return {};
  }

  bool changed(vnet_impair_values now, const std::vector<vnet_u64>& pattern) const {
    vnet_impair_values then = trial_.asked;
    if (now.seed != then.seed || pattern != trial_.pattern) return true;
    for (vnet_impair_values* const values : {&now, &then}) {
      values->has &= (2ull << VNET_A_IMPAIR_GSO_KEEP) - bit(VNET_A_IMPAIR_LOSS_MODEL);
      values->loss_pattern = {};
    }
    return to_json(now) != to_json(then) ||
           trial_.before.queues.size() != trial_.after.queues.size();
  }

  Transport& host_;
  const TrialOptions& options_;
  Trial trial_;
  LatenessView late_before_;
};

}  // namespace

Result<Trial> run_trial(Transport& host, const TrialOptions& options) {
  return TrialRun(host, options).run();
}

}  // namespace vnet::cli
