// SPDX-License-Identifier: GPL-2.0-only
#include "core/fault/fault.h"

#include <vnet/host.h>

#include <new>

#include "core/fault/chance.h"

namespace vnet {
namespace {

u64 initial_left(const vnet_fault& fault) {
  switch (fault.duration) {
    case VNET_FAULT_FOR_COUNT:
      return fault.for_value;
    case VNET_FAULT_FOR_ONCE:
    case VNET_FAULT_FOR_RESET:
      return 1;
    default:
      return recurs(fault.when) && fault.what != VNET_FAULT_REMOVE ? ~0ull : 1;
  }
}

u64 after(u64 now, u64 delay) {
  return delay == VNET_FAULT_NEVER ? VNET_FAULT_NEVER : now + delay;
}

u32 places_of(const vnet_fault& fault, u32 queue_count) {
  const bool all = fault.queue == VNET_FAULT_ALL_QUEUES && !fault_kind(fault.what).of_device;
  return all ? queue_count : 1;
}

}  // namespace

void FaultHost::call_control() {
  due.exchange(1);
  vnet_host_timer_arm(host_device, 0);
}

Fault::Fault(const vnet_fault& config, u32 id, u32 places, FaultHost& host, u64 now)
    : config_(config),
      id_(id),
      places_count_(places),
      first_queue_(config.queue == VNET_FAULT_ALL_QUEUES ? 0 : config.queue),
      host_(host),
      start_(config.when == VNET_FAULT_AT ? now + config.when_value : now),
      expires_(after(now, config.expire ? config.expire : VNET_FAULT_EXPIRE_DEFAULT)),
      open_(places),
      places_(reinterpret_cast<Place*>(this + 1)) {
  for (u32 i = 0; i < places; i++) {
    Place& place = *new (&places_[i]) Place;
    place.left.store_relaxed(initial_left(config));
    place.next.store_relaxed(config.when == VNET_FAULT_EVERY_TIME ? now + config.when_value
                                                                  : start_);
  }
  auto* const program = reinterpret_cast<vnet_bpf_insn*>(places_ + places);
  for (u32 i = 0; i < config.match_count; i++) program[i] = config.match[i];
  config_.match = config.match_count ? program : nullptr;
  match_ = {config_.match, config.match_count};
}

Fault* Fault::create(const vnet_fault& config, u32 id, u32 queue_count, FaultHost& host, u64 now) {
  const u32 places = places_of(config, queue_count);
  void* const memory = vnet_host_alloc(sizeof(Fault) + sizeof(Place) * places +
                                       sizeof(vnet_bpf_insn) * config.match_count);
  if (!memory) return nullptr;
  Fault* const fault = new (memory) Fault(config, id, places, host, now);
  fault->tell(VNET_FAULT_NEWS_ARMED, config.queue, 0);
  return fault;
}

void Fault::destroy() {
  vnet_host_free(this);
}

Fault::Place* Fault::place_of(u32 queue) const {
  if (places_count_ > 1) return &places_[queue];
  return queue == first_queue_ ? places_ : nullptr;
}

u64 Fault::window() const {
  switch (config_.duration) {
    case VNET_FAULT_FOR_TIME:
      return config_.for_value;
    case VNET_FAULT_FOR_RESET:
      return kUntilReset;
    default:
      return kind().lasts;
  }
}

// ---- decisions

bool Fault::strikes(u32 queue, const vnet_frame* frame, u32 frames, u64 now, u64 number) {
  Place* const place = place_of(queue);
  if (!place || !is_armed() || now >= expires_) return false;
  const bool uncounted = !frame && kind().by_itself;  // time alone
  const u64 first = place->ordinal.fetch_add(uncounted ? 0 : frames) + 1;
  close(*place, now);
  if (place->until.load_relaxed()) {
    place->hits.fetch_add(frames);
    return true;
  }
  if (!place->left.load_relaxed()) return false;
  for (u32 i = 0; i < frames; i++) {
    const Unit unit{first + i, number ? number + i : 0};
    if (wants_to_begin(*place, queue, unit, frame, now))
      return begin(*place, queue, unit, frames, now);
    if (config_.when == VNET_FAULT_MATCH) break;  // a super-frame is one to it
  }
  return false;
}

bool Fault::wants_to_begin(Place& place, u32 queue, const Unit& unit, const vnet_frame* frame,
                           u64 now) {
  if (place.forced.load_relaxed() && place.forced.exchange(0)) return true;
  const u64 value = config_.when_value;
  switch (config_.when) {
    case VNET_FAULT_NOW:
    case VNET_FAULT_AT:
      return now >= place.next.load_relaxed();
    case VNET_FAULT_AFTER:
      return unit.ordinal > value;
    case VNET_FAULT_NTH:
      return unit.ordinal >= value;
    case VNET_FAULT_EVERY_FRAMES:
      return unit.ordinal % value == 0;
    case VNET_FAULT_EVERY_TIME:
      return now >= place.next.load_relaxed();
    case VNET_FAULT_PROB: {
      const Chance chance{host_.run.seed.load_relaxed(), 0,
                          host_.run.direction.load_relaxed() << 15 | queue};
      return fault_happens(chance, config_.what, id_, unit.number ? unit.number : unit.ordinal,
                           value);
    }
    default:
      return frame && match_.takes(*frame);
  }
}

// False: it has begun as often as it may.
bool Fault::take_one(Place& place) {
  for (;;) {
    const u64 left = place.left.load_relaxed();
    if (!left) return false;
    if (left == kUnlimited || place.left.compare_exchange(left, left - 1)) return true;
  }
}

bool Fault::begin(Place& place, u32 queue, const Unit& unit, u32 frames, u64 now) {
  if (!take_one(place)) return false;
  const u64 fired = place.fired.fetch_add(1) + 1;
  place.hits.fetch_add(frames);
  if (config_.when == VNET_FAULT_EVERY_TIME) {
    const u64 late = (now - start_) % config_.when_value;
    place.next.store_relaxed(now - late + config_.when_value);
  } else if (kind().by_itself) {
    place.next.store_relaxed(now + VNET_FAULT_PERIOD_MIN);
  }
  tell(VNET_FAULT_NEWS_FIRED, queue, unit.ordinal, unit.number & ~kCopy, fired);
  const u64 length = window();
  if (length) {
    place.until.store_release(length == kUntilReset ? kUntilReset : now + length);
    host_.call_control();
  } else if (!place.left.load_relaxed()) {
    finish(place);
  }
  if (kind().by_itself) host_.call_control();
  return true;
}

bool Fault::lasts(u32 queue, u64 now) const {
  const Place* const place = place_of(queue);
  return place && is_armed() && now < expires_ && now < place->until.load_acquire();
}

// ---- ends

void Fault::close(Place& place, u64 now) {
  const u64 until = place.until.load_relaxed();
  if (!until || now < until || !place.until.compare_exchange(until, 0)) return;
  host_.call_control();
  if (!place.left.load_relaxed()) finish(place);
}

void Fault::reset(u32 queue) {
  Place* const place = place_of(queue);
  if (!place || !place->until.compare_exchange(kUntilReset, 0)) return;
  host_.call_control();
  if (!place->left.load_relaxed()) finish(*place);
}

void Fault::finish(Place& place) {
  if (!place.done.exchange(1) && open_.fetch_add(~0u) == 1) end(VNET_FAULT_DONE);
}

void Fault::end(u32 state) {
  if (!state_.compare_exchange(VNET_FAULT_ARMED, state)) return;
  for (u32 i = 0; i < places_count_; i++) places_[i].until.store_relaxed(0);
  tell(VNET_FAULT_NEWS_ENDED, config_.queue, sum(&Place::fired));
  host_.call_control();
}

// ---- control

void Fault::fire() {
  tell(VNET_FAULT_NEWS_FORCED, config_.queue, sum(&Place::fired));
  for (u32 i = 0; i < places_count_; i++)
    if (!places_[i].done.load_relaxed()) places_[i].forced.store_relaxed(1);
}

bool Fault::tick(u32 queue, u64 now) {
  Place* const place = place_of(queue);
  if (!place || !is_armed()) return false;
  if (now >= expires_) {
    end(VNET_FAULT_EXPIRED);
    return false;
  }
  close(*place, now);
  if (!kind().by_itself || place->until.load_relaxed()) return false;
  const bool timed = by_time(config_.when) && now >= place->next.load_relaxed();
  return (timed || place->forced.load_relaxed()) && strikes(queue, nullptr, 1, now);
}

u64 Fault::next_tick() const {
  if (!is_armed()) return kNever;
  u64 next = expires_;
  const auto earlier = [&](u64 time) {
    if (time < next) next = time;
  };
  for (u32 i = 0; i < places_count_; i++) {
    const Place& place = places_[i];
    if (place.done.load_relaxed()) continue;
    if (const u64 until = place.until.load_relaxed())
      earlier(until);
    else if (kind().by_itself && by_time(config_.when) && place.left.load_relaxed())
      earlier(place.next.load_relaxed());
  }
  return next;
}

void Fault::tell(u32 news, u32 queue, u64 value, u64 number, u64 fired) const {
  const vnet_fault_event event{news, id_, config_.what, queue, value, number, fired};
  vnet_host_fault(host_.host_device, &event);
}

u64 Fault::sum(Atomic<u64> Place::*member) const {
  u64 all = 0;
  for (u32 i = 0; i < places_count_; i++) all += (places_[i].*member).load_relaxed();
  return all;
}

void Fault::info(vnet_fault_info& info, u64 now) const {
  info = {};
  info.id = id_;
  info.fault = config_;
  info.fault.value = value();
  if (!info.fault.expire) info.fault.expire = VNET_FAULT_EXPIRE_DEFAULT;
  info.fired = sum(&Place::fired);
  info.hits = sum(&Place::hits);
  info.state = state_.load_relaxed();
  if (info.state != VNET_FAULT_ARMED) return;
  for (u32 i = 0; i < places_count_; i++) {
    if (now < places_[i].until.load_relaxed()) info.state = VNET_FAULT_ACTIVE;
    const u64 left = places_[i].left.load_relaxed();
    info.remaining =
        left == kUnlimited || info.remaining == kUnlimited ? kUnlimited : info.remaining + left;
  }
  info.expires_in = expires_ == VNET_FAULT_NEVER ? VNET_FAULT_NEVER
                    : expires_ > now             ? expires_ - now
                                                 : 0;
}

}  // namespace vnet
