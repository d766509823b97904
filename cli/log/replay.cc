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
#include "cli/trace_upload.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

constexpr int kRoundMs = 100;
constexpr vnet_u64 kRoundNs = 1'000'000ull * kRoundMs;
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
    {VNET_IMPAIR_KNOB_MATCH, bit(VNET_A_IMPAIR_MATCH)},
    {VNET_IMPAIR_KNOB_TRACE, bit(VNET_A_IMPAIR_TRACE_TEXT)},
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
    Step step{change["time"], change["device"], change["direction"], change["words"]};
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
    } else {
      step.frames = 0;
      for (const Json& queue : change["queues"]) *step.frames += queue["frames"].get<vnet_u64>();
    }
    known = run;
    steps_.push_back(std::move(step));
  }
  for (const LoggedFault& fault : record_.faults)
    if (fault.time > 0) plan_fault(fault);
  std::stable_sort(steps_.begin(), steps_.end(),
                   [](const Step& a, const Step& b) { return a.time < b.time; });
}

// What was done to it by hand.
void Replay::plan_fault(const LoggedFault& fault) {
  Step step{fault.time, fault.device, "", fault.fields.value("words", "")};
  step.fault = fault.fault;
  if (const auto frames = fault.fields.find("frames"); frames != fault.fields.end())
    step.frames = frames->get<vnet_u64>();
  if (fault.what == "fault_armed")
    step.kind = Step::kArm;
  else if (fault.what == "fault_forced")
    step.kind = Step::kFire;
  else if (fault.what == "fault_ended" && fault.fields.contains("deleted"))
    step.kind = Step::kDelete;
  else
    return;
  steps_.push_back(std::move(step));
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
      if (Failure failure = add_fault(fault.device, fault.fault, fault.fields.value("words", "")))
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
    if (!impairment.trace.empty())
      if (Failure failure = hand_over_trace(*hosts_.at(device), impairment.trace, values))
        return failure;
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

// Its chance depends on its number.
Failure Replay::add_fault(const std::string& device, vnet_u32 id, const std::string& words) {
  MatchProgram program;
  vnet_fault_values values{};
  if (Failure failure = read_fault_words(words, program, values))
    return Error{fmt::format("{}: {}", record_.name, failure->text)};
  values.has |= bit(VNET_A_FAULT_IFNAME) | bit(VNET_A_FAULT_ID);
  values.id = id;
  if (!set_name(values.ifname, device)) return no_such_device(device);
  return hosts_.at(device)->request(VNET_CMD_FAULT_ADD, values);
}

// One that is over by itself this time needs no end, and cannot be fired.
Failure Replay::change_fault(const Step& step) {
  vnet_fault_values values{};
  values.has = bit(VNET_A_FAULT_IFNAME) | bit(VNET_A_FAULT_ID);
  values.id = step.fault;
  if (!set_name(values.ifname, step.device)) return no_such_device(step.device);
  const bool fires = step.kind == Step::kFire;
  Failure failure =
      hosts_.at(step.device)->request(fires ? VNET_CMD_FAULT_FIRE : VNET_CMD_FAULT_DEL, values);
  if (!failure || (failure->code != ENOENT && failure->code != EINVAL)) return failure;
  fmt::print(stderr, "{}: fault {} is over already: it is not {}\n", step.device, step.fault,
             fires ? "fired" : "deleted");
  return {};
}

Failure Replay::delete_faults(const std::string& device) {
  vnet_fault_values values{};
  values.has = bit(VNET_A_FAULT_IFNAME);
  if (!set_name(values.ifname, device)) return no_such_device(device);
  return hosts_.at(device)->request(VNET_CMD_FAULT_DEL, values);
}

Failure Replay::apply(const Step& step) {
  if (step.kind == Step::kArm) return add_fault(step.device, step.fault, step.words);
  if (step.kind != Step::kSettings) return change_fault(step);
  if (Failure failure = set_words(step.device, step.direction, step.words)) return failure;
  return step.seed ? set_seed(step.device, *step.seed) : Failure();
}

// Behind as many frames as had come then: at its time, or with the next one, if traffic is faster.
// It may be less than then, too.
bool Replay::is_due(const Step& step, vnet_u64 time,
                    const std::map<WireKey, vnet_u64>& frames) const {
  if (!step.frames || is_quiet_) return time >= step.time;
  std::string first = step.device;
  for (const std::vector<std::string>& devices : record_.links)
    if (std::find(devices.begin(), devices.end(), step.device) != devices.end()) first = devices[0];
  vnet_u64 come = 0;
  for (const auto& [key, count] : frames)
    if (key.device == first && (step.direction.empty() || key.direction == step.direction))
      come += count;
  return come > *step.frames || (come == *step.frames && time >= step.time);
}

// A run that begins counts frames anew.
Failure Replay::steps_due(vnet_u64 time, const std::map<WireKey, vnet_u64>& frames) {
  bool begins = false;
  while (!begins && next_step_ < steps_.size() && is_due(steps_[next_step_], time, frames)) {
    const Step& step = steps_[next_step_++];
    if (Failure failure = apply(step)) return failure;
    begins = step.seed.has_value();
  }
  return {};
}

// ---- the run

bool Replay::wait(int milliseconds) {
  std::vector<pollfd> wanted{{signals_.fd(), POLLIN, 0}};
  recorder_->append_to(wanted);
  if (poll(wanted.data(), wanted.size(), milliseconds) < 0) return errno == EINTR;
  return !(wanted[0].revents && signals_.came());
}

bool Replay::all_came(const std::map<WireKey, vnet_u64>& frames) const {
  return std::all_of(record_.wires.begin(), record_.wires.end(), [&](const auto& each) {
    const auto found = frames.find(each.first);
    const vnet_u64 come = found == frames.end() ? 0 : found->second;
    return each.second.frames && come >= *each.second.frames;
  });
}

// What came since the last look may not be told yet: only what had come then is compared; the first
// time, nothing.
void Replay::look() {
  const std::map<WireKey, vnet_u64> had = std::exchange(had_, recorder_->frames());
  if (had.empty()) return;
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
  const vnet_u64 begin = user::realtime_ns();
  vnet_u64 came = 0, last_came = begin;
  while (wait(kRoundMs)) {
    if (Failure failure = recorder_->read()) return failure;
    const vnet_u64 now = user::realtime_ns();
    const std::map<WireKey, vnet_u64> frames = recorder_->frames();
    vnet_u64 so_far = 0;
    for (const auto& [key, count] : frames) so_far += count;
    if (std::exchange(came, so_far) != so_far) last_came = now;
    is_quiet_ = now - last_came > request_.patience_ns;
    const size_t first = next_step_;
    if (Failure failure = steps_due(now - begin, frames)) return failure;
    if (next_step_ != first) last_came = now;  // what they change is to be seen
    if (!differs_ && now - looked_ns_ >= kRoundNs &&
        came >= looked_at_ + looked_at_ / kGrowth + 1) {
      looked_at_ = came;
      looked_ns_ = now;
      look();
    }
    if (first < steps_.size()) continue;
    if (all_came(frames) || (is_quiet_ && now - begin > record_.last_time)) break;
  }
  (void)wait(kRoundMs);  // a poll that runs has told then what it decided
  return recorder_->close();
}

}  // namespace vnet::cli
