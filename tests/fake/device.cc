// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fake/device.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace vnet::fake {

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;

// As a host has to: the attribute that the request has.
void show_in(const vnet_impair_values& values, vnet_refusal& refusal) {
  const auto has = [&](u32 id) { return id && (values.has & 1ull << id) != 0; };
  if (!has(refusal.attribute)) refusal.attribute = has(refusal.other) ? refusal.other : 0;
}

void violation(const std::string& what) {
  Host::get().violation(what);
}

std::string difference(const char* name, u64 core, u64 ledger) {
  return std::string("the core counts ") + std::to_string(core) + " " + name + ", the ledger " +
         std::to_string(ledger);
}

void compare(const vnet_queue_stats& core, const vnet_queue_stats& ledger) {
  const auto same = [](const char* name, u64 a, u64 b) {
    if (a != b) violation(difference(name, a, b));
  };
  same("tx_frames", core.tx_frames, ledger.tx_frames);
  same("tx_bytes", core.tx_bytes, ledger.tx_bytes);
  same("rx_frames", core.rx_frames, ledger.rx_frames);
  same("rx_bytes", core.rx_bytes, ledger.rx_bytes);
  same("rx_multicast", core.rx_multicast, ledger.rx_multicast);
  same("in_flight", core.in_flight, ledger.in_flight);
#define VNET_COMPARE(id, name, meaning)                                                   \
  same("tx_drops " name, core.tx_drops[VNET_DROP_##id], ledger.tx_drops[VNET_DROP_##id]); \
  same("rx_drops " name, core.rx_drops[VNET_DROP_##id], ledger.rx_drops[VNET_DROP_##id]);
  VNET_DROP_REASONS(VNET_COMPARE)
#undef VNET_COMPARE
}

void add(vnet_queue_stats& sum, const vnet_queue_stats& part) {
  static_assert(sizeof(vnet_queue_stats) % sizeof(u64) == 0);
  constexpr size_t kWords = sizeof(vnet_queue_stats) / sizeof(u64);
  u64 a[kWords], b[kWords];
  std::memcpy(a, &sum, sizeof(a));
  std::memcpy(b, &part, sizeof(b));
  for (size_t i = 0; i < kWords; i++) a[i] += b[i];
  std::memcpy(&sum, a, sizeof(a));
}
}  // namespace

std::unique_ptr<Device> Device::create(const vnet_params& params, int* error, const char** why,
                                       const vnet_fault* early) {
  std::unique_ptr<Device> device(new Device());
  const char* text = nullptr;
  int outcome;
  {
    const Call call(Context::kControl, nullptr);
    outcome = vnet_core_device_create(&params, device.get(), &device->core_, &text);
  }
  if (error) *error = outcome;
  if (why) *why = text;
  if (outcome != 0) {
    device->core_ = nullptr;
    return nullptr;
  }
  Host::get().enlist(device.get());
  if (early && device->add_fault(*early, nullptr, why) != 0) return nullptr;
  for (u32 i = 0; i < params.queues; i++) {
    auto queue = std::make_unique<Queue>(*device, i);
    const Call call(Context::kControl, nullptr);
    queue->core_ = vnet_core_device_queue(device->core_, i, queue.get());
    if (!queue->core_) {
      if (error) *error = -ENOMEM;
      return nullptr;
    }
    device->queues_.push_back(std::move(queue));
  }
  return device;
}

Device::~Device() {
  if (!core_) return;
  if (open_) stop();
  detach();
  check_counters();
  Host::get().delist(this);
  const Call call(Context::kControl, nullptr);
  vnet_core_device_destroy(core_);
}

int Device::open() {
  for (auto& queue : queues_) queue->line_.store(Queue::Line::kUnmasking, kRelaxed);
  open_ = true;
  int error;
  {
    const Call call(Context::kControl, nullptr);
    error = vnet_core_device_open(core_);
  }
  if (error) {
    for (auto& queue : queues_) queue->line_.store(Queue::Line::kDown, kRelaxed);
    open_ = false;
    return error;
  }
  for (auto& queue : queues_) queue->after_open();
  return 0;
}

void Device::stop(bool quiet) {
  for (auto& queue : queues_) {
    if (queue->tx_busy_.load(kRelaxed) || queue->poll_busy_.load(kRelaxed)) {
      violation("the test stopped a device with a transmit or a poll under way");
    }
    // Until the link is down the other end may still raise: from here on nobody serves it.
    queue->line_.store(Queue::Line::kUnmasking, kRelaxed);
  }
  {
    const Call call(Context::kControl, nullptr);
    vnet_core_device_stop(core_);
  }
  open_ = false;
  for (auto& queue : queues_) {
    queue->after_stop();
    if (quiet && Host::get().ledger.expected(queue->uid_).in_flight != 0) {
      violation("a stopped device holds frames");
    }
  }
}

int Device::attach(Device& other, const char** why) {
  const char* text = nullptr;
  const Call call(Context::kControl, nullptr);
  const int error = vnet_core_link_attach(core_, other.core_, &text);
  if (why) *why = text;
  return error;
}

void Device::detach() {
  const Call call(Context::kControl, nullptr);
  vnet_core_link_detach(core_);
}

Device* Device::peer() const {
  const Call call(Context::kAny, nullptr);
  return static_cast<Device*>(vnet_core_link_peer(core_));
}

vnet_params Device::params() const {
  const Call call(Context::kControl, nullptr);
  vnet_params params;
  std::memset(&params, 0xff, sizeof(params));
  vnet_core_params_get(core_, &params);
  return params;
}

int Device::set_params(const vnet_params& params, const char** why) {
  const Call call(Context::kControl, nullptr);
  const char* text = nullptr;
  const int error = vnet_core_params_set(core_, &params, &text);
  if (why) *why = text;
  return error;
}

void Device::set_filter(const vnet_filter& filter) {
  const Call call(Context::kControl, nullptr);
  vnet_core_filter_set(core_, &filter);
}

int Device::set_rss(const vnet_rss& rss, const char** why) {
  const Call call(Context::kControl, nullptr);
  const char* text = nullptr;
  const int error = vnet_core_rss_set(core_, &rss, &text);
  if (why) *why = text;
  return error;
}

bool Device::rss(vnet_rss& rss) const {
  const Call call(Context::kControl, nullptr);
  return vnet_core_rss_get(core_, &rss) != 0;
}

std::optional<vnet_rss_result> Device::rss_queue(const vnet_rss_tuple& tuple) const {
  const Call call(Context::kAny, nullptr);
  vnet_rss_result result;
  if (!vnet_core_rss_queue(core_, &tuple, &result)) return std::nullopt;
  return result;
}

// As a host has to: no poll while control is at it, and one of each queue after it.
int Device::change_wire(const std::function<int(const char** why)>& change, const char** why) {
  const char* text = nullptr;
  int error;
  {
    const Call call(Context::kControl, nullptr);
    for (const auto& queue : queues_)
      if (queue->poll_busy_.load(kRelaxed)) violation("the test set an impairment in a poll");
    error = change(&text);
  }
  if (why) *why = text;
  if (open_)
    for (const auto& queue : queues_) queue->serve();
  return error;
}

int Device::impair(const vnet_impairment& impairment, const char** why) {
  return change_wire(
      [&](const char** text) { return vnet_core_impair_set(core_, &impairment, text); }, why);
}

int Device::change_impairment(const vnet_impair_values& values, vnet_refusal& refusal,
                              Device* other) {
  const vnet_impair_target target{core_, {core_, other ? other->core_ : nullptr}};
  const int error = change_wire(
      [&](const char**) { return vnet_core_impair_change(&target, &values, &refusal); }, nullptr);
  show_in(values, refusal);
  return error;
}

int Device::remove_impairment(u32 knobs, vnet_refusal& refusal) {
  vnet_impair_values values{};
  values.has = 1ull << VNET_A_IMPAIR_KNOBS;
  values.knobs = knobs;
  const vnet_impair_target target{core_, {core_, nullptr}};
  const int error = change_wire(
      [&](const char**) { return vnet_core_impair_remove(&target, &values, &refusal); }, nullptr);
  show_in(values, refusal);
  return error;
}

int Device::upload_trace(const vnet_impair_values& values, vnet_refusal& refusal) {
  const Call call(Context::kControl, nullptr);
  return vnet_core_impair_trace(core_, &values, &refusal);
}

vnet_impair_values Device::impair_values(vnet_impair_stats& stats) const {
  const Call call(Context::kControl, nullptr);
  vnet_impair_values values;
  std::memset(&values, 0xff, sizeof(values));
  vnet_core_impair_values(core_, &stats, &values);
  return values;
}

void Device::begin_run() {
  const Call call(Context::kControl, nullptr);
  vnet_core_run_begin(core_);
}

std::optional<vnet_impairment> Device::impairment() const {
  const Call call(Context::kControl, nullptr);
  vnet_impairment impairment;
  if (!vnet_core_impair_get(core_, &impairment)) return std::nullopt;
  return impairment;
}

vnet_wire_view Device::wire_view(u32 queue) const {
  const Call call(Context::kControl, nullptr);
  vnet_wire_view view;
  vnet_core_wire_view(core_, queue, &view);
  return view;
}

vnet_impair_stats Device::impair_stats() const {
  const Call call(Context::kControl, nullptr);
  vnet_impair_stats stats;
  std::memset(&stats, 0xff, sizeof(stats));
  vnet_core_impair_stats(core_, &stats);
  return stats;
}

vnet_wire_state Device::wire_state(u32 queue) const {
  const Call call(Context::kControl, nullptr);
  vnet_wire_state state;
  std::memset(&state, 0xff, sizeof(state));
  if (vnet_core_wire_state(core_, queue, &state) != 0) Host::get().violation("no such wire");
  return state;
}

int Device::add_fault(const vnet_fault& fault, u32* id, const char** why) {
  vnet_refusal refusal{};
  vnet_u32 given = 0;
  int error;
  {
    const Call call(Context::kControl, nullptr);
    for (const auto& queue : queues_)
      if (queue->poll_busy_.load(kRelaxed)) violation("the test added a fault in a poll");
    error = vnet_core_fault_add(core_, &fault, &given, &refusal);
  }
  if (id) *id = given;
  if (why) *why = refusal.text;
  serve_all();
  return error;
}

int Device::delete_fault(u32 id) {
  int error;
  {
    const Call call(Context::kControl, nullptr);
    error = vnet_core_fault_del(core_, id);
  }
  serve_all();
  return error;
}

void Device::serve_all() {
  for (const auto& queue : queues_)
    if (open_) queue->serve();
}

int Device::fire_fault(u32 id) {
  const Call call(Context::kControl, nullptr);
  return vnet_core_fault_fire(core_, id);
}

std::vector<vnet_fault_info> Device::faults() const {
  const Call call(Context::kControl, nullptr);
  std::vector<vnet_fault_info> list;
  vnet_fault_info info;
  for (u32 from = 0; vnet_core_fault_list(core_, from, &info); from = info.id + 1)
    list.push_back(info);
  return list;
}

std::vector<vnet_fault_event> Device::take_fault_events() {
  const std::lock_guard lock(events_mutex_);
  return std::exchange(fault_events_, {});
}

void Device::expire() {
  if (timer_.exchange(0, kRelaxed) == 0) return;
  const Call call(Context::kControl, nullptr);
  vnet_core_timer(core_);
}

void Device::on_fault(const vnet_fault_event& event) {
  const std::lock_guard lock(events_mutex_);
  fault_events_.push_back(event);
}

void Device::on_remove() {
  if (removed_) violation("a device is removed twice");
  removed_ = true;
}

int Device::set_vlan(vnet_vlan protocol, u32 vid, bool member) {
  const Call call(Context::kControl, nullptr);
  return vnet_core_vlan_set(core_, protocol, vid, member);
}

int Device::set_vlan_filter(vnet_vlan protocol, bool on) {
  const Call call(Context::kControl, nullptr);
  return vnet_core_vlan_filter_set(core_, protocol, on);
}

u64 Device::watchdog(u64 now) {
  const Call call(Context::kControl, nullptr);
  return vnet_core_watchdog(core_, now);
}

vnet_queue_stats Device::stats() const {
  const Call call(Context::kAny, nullptr);
  vnet_queue_stats stats;
  std::memset(&stats, 0xff, sizeof(stats));
  vnet_core_device_stats(core_, &stats);
  return stats;
}

std::vector<u32> Device::registers() const {
  const Call call(Context::kControl, nullptr);
  std::vector<u32> registers(vnet_core_registers(core_, nullptr, 0));
  vnet_core_registers(core_, registers.data(), static_cast<u32>(registers.size()));
  return registers;
}

void Device::check_counters() {
  vnet_queue_stats sum{};
  for (const auto& queue : queues_) {
    const vnet_queue_stats stats = queue->stats();
    compare(stats, Host::get().ledger.expected(queue->uid_));
    add(sum, stats);
  }
  const vnet_queue_stats whole = stats();
  if (std::memcmp(&sum, &whole, sizeof(sum)) != 0)
    violation("the device's counters are not the sum");
}

void Device::on_carrier(bool up) {
  if (up == carrier_) violation("vnet_host_carrier_set without a change");
  carrier_ = up;
  carrier_changes_++;
}

}  // namespace vnet::fake
