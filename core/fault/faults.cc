// SPDX-License-Identifier: GPL-2.0-only
#include "core/fault/faults.h"

#include <vnet/control_gen.h>
#include <vnet/host.h>

#include <new>

#include "core/fault/refusals.h"
#include "core/params.h"

namespace vnet {
namespace {

constexpr u64 kQueuesAt = (sizeof(Faults) + kCacheLine - 1) & ~u64{kCacheLine - 1};

const char* exclusion_text(u32 what) {
  switch (what) {
    case VNET_FAULT_IRQ_LOST:
      return "irq-lost: excludes irq-storm, which the queue has";
    case VNET_FAULT_IRQ_STORM:
      return "irq-storm: excludes irq-lost and another irq-storm, one of which the queue has";
    case VNET_FAULT_TX_STALL:
      return "tx-stall: the queue has one already";
    case VNET_FAULT_RX_STALL:
      return "rx-stall: the queue has one already";
    case VNET_FAULT_LINK_FLAP:
      return "link-flap: the device has one already";
    case VNET_FAULT_CSUM_GOOD:
      return "csum good: excludes csum bad, which the queue has";
    case VNET_FAULT_CSUM_BAD:
      return "csum bad: excludes csum good, which the queue has";
    case VNET_FAULT_TRUNCATE:
      return "truncate: excludes bad-length, which the queue has";
    case VNET_FAULT_BAD_LENGTH:
      return "bad-length: excludes truncate, which the queue has";
    default:
      return "remove: the device has one already";
  }
}

}  // namespace

Faults::Faults(u32 queue_count, void* host_device)
    : queue_count_(queue_count),
      queues_(reinterpret_cast<QueueFaults*>(reinterpret_cast<u8*>(this) + kQueuesAt)) {
  host_.host_device = host_device;
  for (u32 i = 0; i < queue_count; i++) (new (&queues_[i]) QueueFaults)->init(table_, i, &host_);
}

Faults* Faults::create(u32 queue_count, void* host_device) {
  void* const memory = vnet_host_alloc(kQueuesAt + sizeof(QueueFaults) * queue_count);
  return memory ? new (memory) Faults(queue_count, host_device) : nullptr;
}

void Faults::destroy() {
  free(mark(0));
  vnet_host_free(this);
}

// ---- the table

bool Faults::is_at(const Fault& fault, const vnet_fault& config) const {
  if (fault.kind().of_device || config.queue == VNET_FAULT_ALL_QUEUES) return true;
  return fault.is_at(config.queue);
}

const char* Faults::exclusion(const vnet_fault& config) const {
  const u32 excluded = fault_kind(config.what).excludes;
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++) {
    const Fault* const fault = at(i);
    if (fault && fault->is_armed() && excluded >> fault->config().what & 1 && is_at(*fault, config))
      return exclusion_text(config.what);
  }
  return nullptr;
}

int Faults::check(const vnet_fault& config, Refusal& why) const {
  why = fault_refusal(config, queue_count_);
  if (why) return kInvalid;
  why = {exclusion(config), VNET_A_FAULT_WHAT};
  if (why) return kBusy;
  if (config.id && mark(config.id)) {
    why = {"id: the device has a fault of this number", VNET_A_FAULT_ID};
    return kBusy;
  }
  return 0;
}

int Faults::add(const vnet_fault& config, u64 now, u32& id, Refusal& why) {
  u32 place = 0;
  while (place < VNET_FAULTS_MAX && at(place)) place++;
  if (place == VNET_FAULTS_MAX) {
    why.text = "fault: a device has at most 32";
    return kBusy;
  }
  const u32 number = config.id ? config.id : last_id_ + 1;
  Fault* const fault = Fault::create(config, number, queue_count_, host_, now);
  if (!fault) return kNoMemory;
  id = number;
  if (id > last_id_) last_id_ = id;
  table_[place].store_release(fault);
  return 0;
}

u32 Faults::ended_if_full() const {
  u32 ended = 0;
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++) {
    if (!at(i)) return 0;
    if (!at(i)->is_armed()) ended |= 1u << i;
  }
  return ended;
}

u32 Faults::mark(u32 id) const {
  u32 places = 0;
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++)
    if (at(i) && (!id || at(i)->id() == id)) places |= 1u << i;
  return places;
}

void Faults::forget(u32 places) {
  for (; places; places &= places - 1)
    at(static_cast<u32>(__builtin_ctz(places)))->end(VNET_FAULT_DONE);
}

void Faults::free(u32 places) {
  for (; places; places &= places - 1) {
    Atomic<Fault*>& place = table_[__builtin_ctz(places)];
    place.load_relaxed()->destroy();
    place.store_relaxed(nullptr);
  }
}

int Faults::fire(u32 id) {
  const u32 places = id ? mark(id) : 0;
  if (!places) return kNoEntry;
  Fault& fault = *at(static_cast<u32>(__builtin_ctz(places)));
  if (!fault.is_armed()) return kInvalid;
  fault.fire();
  return 0;
}

bool Faults::list(u32 from, u64 now, vnet_fault_info& info) const {
  const Fault* next = nullptr;
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++) {
    const Fault* const fault = at(i);
    if (fault && fault->id() >= from && (!next || fault->id() < next->id())) next = fault;
  }
  if (next) next->info(info, now);
  return next;
}

// ---- time

u64 Faults::tick(u64 now) {
  u64 next = Fault::kNever;
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++) {
    Fault* const fault = at(i);
    if (!fault) continue;
    for (u32 queue = 0; queue < queue_count_; queue++) {
      if (!fault->tick(queue, now)) continue;
      if (fault->config().what == VNET_FAULT_IRQ_SPURIOUS) queues_[queue].spurious.fetch_add(1);
    }
    if (const u64 time = fault->next_tick(); time < next) next = time;
    if (fault->config().what == VNET_FAULT_REMOVE && !fault->is_armed() && fault->has_fired())
      removal_ = true;
  }
  return next;
}

// Once.
bool Faults::take_removal() {
  const bool removal = removal_ && !removed_;
  removed_ |= removal;
  return removal;
}

void Faults::reset(u32 queue) {
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++)
    if (Fault* const fault = table_[i].load_acquire()) fault->reset(queue);
}

bool Faults::lasts(vnet_fault_kind what, u64 now) const {
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++)
    for (u32 queue = 0; at(i) && at(i)->config().what == what && queue < queue_count_; queue++)
      if (at(i)->lasts(queue, now)) return true;
  return false;
}

bool Faults::has(vnet_fault_kind what) const {
  for (u32 i = 0; i < VNET_FAULTS_MAX; i++)
    if (at(i) && at(i)->config().what == what) return true;
  return false;
}

void Faults::refresh() {
  for (u32 queue = 0; queue < queue_count_; queue++) {
    QueueFaults::Masks masks{};
    for (u32 i = 0; i < VNET_FAULTS_MAX; i++) {
      const Fault* const fault = at(i);
      if (!fault || !fault->is_armed() || !fault->is_at(queue)) continue;
      u32* const by_side[] = {&masks.transmit, &masks.receive, &masks.interrupt, &masks.reset};
      *by_side[static_cast<u32>(fault->kind().side)] |= 1u << i;
      masks.cuts |= fault->kind().cuts;
    }
    queues_[queue].set(masks);
  }
}

void Faults::set_run(u64 seed, u32 direction) {
  host_.run.seed.store_relaxed(seed);
  host_.run.direction.store_relaxed(direction);
}

}  // namespace vnet
