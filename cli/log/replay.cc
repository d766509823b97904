// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/replay.h"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>

#include "cli/fault_words.h"
#include "cli/hosts.h"
#include "cli/log/verdict.h"
#include "cli/oracle.h"
#include "cli/show.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

constexpr int kRoundMs = 100;
// The two directions of one change, seen by the recorder one after the other.
constexpr vnet_u64 kOneChangeNs = 50'000'000;
// A difference is looked for again when the log has grown by a quarter, so that all the looking
// together costs no more than a few readings.
constexpr size_t kGrowth = 4;

vnet_u8 direction_number(const std::string& word) {
  return word == "tx" ? VNET_DIRECTION_TX : VNET_DIRECTION_RX;
}

// What takes away a knob, and the attribute that says it is there.
struct KnobBit {
  vnet_u32 knob;
  vnet_u64 attributes;
};
constexpr KnobBit kKnobs[] = {
    {VNET_IMPAIR_KNOB_LOSS, bit(VNET_A_IMPAIR_LOSS_MODEL)},
    {VNET_IMPAIR_KNOB_DUPLICATE, bit(VNET_A_IMPAIR_DUPLICATE)},
    {VNET_IMPAIR_KNOB_CORRUPT, bit(VNET_A_IMPAIR_CORRUPT)},
    {VNET_IMPAIR_KNOB_TRUNCATE, bit(VNET_A_IMPAIR_TRUNCATE)},
    {VNET_IMPAIR_KNOB_DELAY, bit(VNET_A_IMPAIR_DELAY)},
    {VNET_IMPAIR_KNOB_REORDER, bit(VNET_A_IMPAIR_REORDER)},
    {VNET_IMPAIR_KNOB_RATE, bit(VNET_A_IMPAIR_RATE)},
    {VNET_IMPAIR_KNOB_LIMIT, bit(VNET_A_IMPAIR_LIMIT_FRAMES) | bit(VNET_A_IMPAIR_LIMIT_BYTES)},
    {VNET_IMPAIR_KNOB_GSO_KEEP, bit(VNET_A_IMPAIR_GSO_KEEP)},
};

constexpr vnet_u32 kAllKnobs = [] {
  vnet_u32 all = 0;
  for (const KnobBit& each : kKnobs) all |= each.knob;
  return all;
}();

vnet_u32 knobs_of(vnet_u64 has) {
  vnet_u32 knobs = 0;
  for (const KnobBit& each : kKnobs)
    if (has & each.attributes) knobs |= each.knob;
  return knobs;
}

// A model that remembers would have to begin where it was in the middle of a run.
Failure check_beginning(const Log& record) {
  if (record.links.empty()) return Error{fmt::format("{}: has no links", record.name)};
  for (const std::vector<std::string>& devices : record.links)
    if (!record.wires.contains({devices[0], "tx", 0}))
      return Error{fmt::format("{}: says nothing of what {} sends", record.name, devices[0])};
  for (const auto& [key, wire] : record.wires) {
    const LoggedSettings& first = wire.settings.front();
    if (first.loss_state || first.since_early)
      return Error{
          fmt::format("{}:{}: {}: the log begins in the middle of what its models "
                      "remember; a run that can be repeated begins with `vnet seed set`",
                      record.name, first.line, text_of(key))};
  }
  return {};
}

}  // namespace

// ---- before

Result<std::unique_ptr<Replay>> Replay::open(const Log& record, Request request) {
  if (Failure failure = check_beginning(record)) return *failure;
  Result<StopSignals> signals = StopSignals::open();
  if (!signals) return signals.error();
  Result<LogWriter> log = LogWriter::open(request.log);
  if (!log) return log.error();
  std::unique_ptr<Replay> replay(
      new Replay(record, std::move(request), std::move(*log), std::move(*signals)));
  if (Failure failure = replay->find_hosts()) return *failure;
  replay->plan();
  return replay;
}

// A link is set from its first end; the other one, which may be in another network namespace, is
// needed only if it had a fault.
Failure Replay::find_hosts() {
  const auto had_fault = [&](const std::string& device) {
    return std::any_of(record_.faults.begin(), record_.faults.end(),
                       [&](const LoggedFault& fault) { return fault.device == device; });
  };
  for (const std::vector<std::string>& devices : record_.links)
    for (const std::string& device : devices) {
      Result<std::unique_ptr<Transport>> host = open_host_of(device, request_.host);
      if (host)
        hosts_[device] = std::move(*host);
      else if (device == devices[0] || had_fault(device))
        return host.error();
    }
  return {};
}

void Replay::plan() {
  std::map<std::pair<std::string, std::string>, vnet_u32> runs;
  for (const auto& [key, wire] : record_.wires)
    if (!wire.settings.empty()) runs[{key.device, key.direction}] = wire.settings.front().run;
  std::map<std::string, std::pair<vnet_u64, vnet_u64>> last_seed;  // by device: time, seed
  for (const Json& change : record_.changes) {
    Step step{change["time"], change["device"], change["direction"], change["words"], {}, false};
    const vnet_u32 run = change["queues"].empty() ? 0 : change["queues"][0]["run"].get<vnet_u32>();
    const vnet_u64 seed = std::strtoull(change["seed"].get<std::string>().c_str(), nullptr, 16);
    vnet_u32& known = runs[{step.device, step.direction}];
    // Run 0 is that of a wire that was never impaired: its first one is no other.
    const bool begins = known != 0 && run != known;
    const auto last = last_seed.find(step.device);
    const bool said = last != last_seed.end() && last->second.second == seed &&
                      step.time - last->second.first < kOneChangeNs;
    if (begins && !said) {
      step.seed = seed;
      last_seed[step.device] = {step.time, seed};
    }
    known = run;
    steps_.push_back(std::move(step));
  }
  for (const LoggedFault& fault : record_.faults)
    if (fault.what == "fault_armed" && fault.time > 0)
      steps_.push_back({fault.time, fault.device, "", fault.fields.value("words", ""), {}, true});
  std::stable_sort(steps_.begin(), steps_.end(),
                   [](const Step& a, const Step& b) { return a.time < b.time; });
}

Failure Replay::prepare() {
  for (const auto& [key, wire] : record_.wires)
    if (key.queue == 0)
      if (Failure failure = set_words(key.device, key.direction, wire.settings.front().words))
        return failure;
  for (const auto& [device, host] : hosts_)
    if (Failure failure = delete_faults(device)) return failure;
  for (const LoggedFault& fault : record_.faults)
    if (fault.what == "fault_armed" && fault.time == 0)
      if (Failure failure = add_fault(fault.device, fault.fields.value("words", "")))
        return failure;
  std::vector<std::string> devices;
  for (const std::vector<std::string>& link : record_.links) {
    const LoggedWire& wire = record_.wires.at({link[0], "tx", 0});
    if (Failure failure = set_seed(link[0], wire.settings.front().seed)) return failure;
    devices.push_back(link[0]);
  }
  Result<std::unique_ptr<LogRecorder>> recorder = LogRecorder::open(request_.host, devices, log_);
  if (!recorder) return recorder.error();
  recorder_ = std::move(*recorder);
  return log_.begin();
}

// ---- what is changed

// A direction that was never said has nothing: what there is goes.
Failure Replay::set_words(const std::string& device, const std::string& direction,
                          const std::string& words) {
  Impairment impairment;
  if (Failure failure = read_settings(words, impairment))
    return Error{fmt::format("{}: {}", record_.name, failure->text)};
  vnet_impair_values& values = impairment.values;
  const vnet_u64 which = bit(VNET_A_IMPAIR_IFNAME) | bit(VNET_A_IMPAIR_DIRECTION);
  const vnet_u32 wanted = knobs_of(values.has);
  if (!set_name(values.ifname, device)) return no_such_device(device);
  values.direction = direction_number(direction);
  const vnet_u64 has = values.has;
  const auto before = words_.find({device, direction});
  if (before == words_.end() || before->second != words) {
    values.has = which | bit(VNET_A_IMPAIR_KNOBS);
    values.knobs = kAllKnobs & ~wanted;
    if (Failure failure = hosts_.at(device)->request(VNET_CMD_IMPAIR_DEL, values)) return failure;
    values.has = has | which;
    if (wanted)
      if (Failure failure = hosts_.at(device)->request(VNET_CMD_IMPAIR_SET, values)) return failure;
  }
  words_[{device, direction}] = words;
  return {};
}

Failure Replay::set_seed(const std::string& device, vnet_u64 seed) {
  vnet_seed_values values{};
  values.has = bit(VNET_A_SEED_IFNAME) | bit(VNET_A_SEED_SEED);
  values.seed = seed;
  if (!set_name(values.ifname, device)) return no_such_device(device);
  return hosts_.at(device)->request(VNET_CMD_SEED_SET, values);
}

Failure Replay::add_fault(const std::string& device, const std::string& words) {
  MatchProgram program;
  vnet_fault_values values{};
  if (Failure failure = read_fault_words(words, program, values))
    return Error{fmt::format("{}: {}", record_.name, failure->text)};
  values.has |= bit(VNET_A_FAULT_IFNAME);
  if (!set_name(values.ifname, device)) return no_such_device(device);
  return hosts_.at(device)->request(VNET_CMD_FAULT_ADD, values);
}

Failure Replay::delete_faults(const std::string& device) {
  vnet_fault_values values{};
  values.has = bit(VNET_A_FAULT_IFNAME);
  if (!set_name(values.ifname, device)) return no_such_device(device);
  return hosts_.at(device)->request(VNET_CMD_FAULT_DEL, values);
}

Failure Replay::apply(const Step& step) {
  if (step.is_fault) return add_fault(step.device, step.words);
  if (Failure failure = set_words(step.device, step.direction, step.words)) return failure;
  return step.seed ? set_seed(step.device, *step.seed) : Failure();
}

Failure Replay::steps_due(vnet_u64 time) {
  for (; next_step_ < steps_.size() && steps_[next_step_].time <= time; next_step_++)
    if (Failure failure = apply(steps_[next_step_])) return failure;
  return {};
}

// ---- the run

bool Replay::wait(int milliseconds) {
  std::vector<pollfd> wanted{{signals_.fd(), POLLIN, 0}};
  recorder_->append_to(wanted);
  if (poll(wanted.data(), wanted.size(), milliseconds) < 0) return errno == EINTR;
  return !(wanted[0].revents && signals_.came());
}

bool Replay::all_came(vnet_u64& came) {
  bool all = true;
  came = 0;
  const std::map<WireKey, vnet_u64> now = recorder_->frames();
  for (const auto& [key, wire] : record_.wires) {
    const auto found = now.find(key);
    const vnet_u64 frames = found == now.end() ? 0 : found->second;
    came += frames;
    all &= wire.frames && frames >= *wire.frames;
  }
  return all;
}

// What came since the last look may not be told yet: only what had come then is compared.
void Replay::look() {
  const std::map<WireKey, vnet_u64> had = std::exchange(had_, recorder_->frames());
  Result<Log> log = read_log(request_.log);
  if (!log) return;
  for (auto& [key, wire] : log->wires)
    if (const auto found = had.find(key); found != had.end()) wire.frames = found->second;
  const Comparison result = compare(record_, *log);
  if (result.equal()) return;
  differs_ = true;
  fmt::print(stderr, "first difference so far: {}\n", difference_text(result.differences.front()));
}

Failure Replay::run() {
  const vnet_u64 begin = realtime_ns();
  vnet_u64 came = 0, last_came = begin;
  while (wait(kRoundMs)) {
    if (Failure failure = recorder_->read()) return failure;
    const vnet_u64 now = realtime_ns();
    if (Failure failure = steps_due(now - begin)) return failure;
    vnet_u64 so_far;
    const bool all = all_came(so_far);
    if (std::exchange(came, so_far) != so_far) last_came = now;
    if (!differs_ && came >= looked_at_ + looked_at_ / kGrowth + 1) {
      looked_at_ = came;
      look();
    }
    const bool over = next_step_ == steps_.size();
    if (over && all) break;
    if (over && now - begin > record_.last_time && now - last_came > request_.patience_ns) break;
  }
  (void)wait(kRoundMs);  // a poll that runs has told then what it decided
  return recorder_->close();
}

}  // namespace vnet::cli
