// SPDX-License-Identifier: GPL-2.0-only
#include "cli/log/log_recorder.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/fault_words.h"
#include "cli/hosts.h"
#include "cli/impair_words.h"
#include "cli/schema.h"
#include "cli/schema_words.h"
#include "cli/show.h"
#include "cli/values.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

std::string text_of(const vnet_bytes& bytes) {
  return {static_cast<const char*>(bytes.data), bytes.len};
}

std::string json_word(const EnumType& type, vnet_u64 value) {
  const EnumEntry* const entry = find_entry(type, value);
  return entry ? entry->json : fmt::format("{}", value);
}

// What a decision's line has behind the frame's number.
std::string decision_text(const vnet_decision_values& decision) {
  std::string text;
  if (decision.has & bit(VNET_A_DECISION_STREAM))
    text += fmt::format(R"(,"stream":"{}")", json_word(draw_stream_type(), decision.stream));
  if (decision.has & bit(VNET_A_DECISION_DRAW))
    text += fmt::format(R"(,"draw":"{:#x}")", decision.draw);
  if (decision.has & bit(VNET_A_DECISION_VALUE))
    text += fmt::format(R"(,"value":{})", decision.value);
  if (decision.has & bit(VNET_A_DECISION_LENGTH))
    text += fmt::format(R"(,"length":{})", decision.length);
  return text +
         fmt::format(R"(,"class":"{}")", json_word(decision_class_type(), decision.decision_class));
}

}  // namespace

// ---- which links

Result<std::unique_ptr<LogRecorder>> LogRecorder::open(HostChoice choice,
                                                       const std::vector<std::string>& devices,
                                                       LogWriter& log) {
  // Listen first, then look: no decision is missed.
  Result<std::unique_ptr<EventFeed>> feed =
      EventFeed::open(choice, VNET_GROUP_EVENTS | VNET_GROUP_DECISIONS);
  if (!feed) return feed.error();
  std::unique_ptr<LogRecorder> recorder(new LogRecorder(std::move(*feed), choice, devices, log));
  if (Failure failure = recorder->survey()) return *failure;
  return recorder;
}

Failure LogRecorder::survey() {
  Result<std::vector<std::unique_ptr<Transport>>> hosts = open_hosts(choice_);
  if (!hosts) return hosts.error();
  for (std::unique_ptr<Transport>& host : *hosts) {
    if (Failure failure = add_links_of(std::shared_ptr<Transport>(std::move(host)))) return failure;
  }
  for (const std::string& device : devices_)
    if (!link_of(device)) return no_such_device(device);
  return {};
}

bool LogRecorder::is_wanted(const std::string& device) const {
  return devices_.empty() || std::find(devices_.begin(), devices_.end(), device) != devices_.end();
}

Failure LogRecorder::add_links_of(const std::shared_ptr<Transport>& host) {
  for (LinkNames& found : links_of(*host)) {
    if (is_known(*host, found)) continue;
    const bool turned = !is_wanted(found.names[0]);
    if (turned) found.turn();
    if (found.names[0].empty() || !is_wanted(found.names[0]) || link_of(found.names[0])) continue;
    if (Failure failure = add_link({host, found, turned, found.names, {}})) return failure;
  }
  return {};
}

// Takes the names that it has now.
bool LogRecorder::is_known(const Transport& host, const LinkNames& found) {
  for (const std::unique_ptr<RecordedLink>& link : links_)
    if (const std::optional<LinkNames> names = link->names_in(host, found)) {
      take_names(*link, *names, user::realtime_ns());
      return true;
    }
  return false;
}

Failure LogRecorder::add_link(RecordedLink link) {
  if (is_logged(link)) {  // the log could not say which is meant
    log_.add(user::realtime_ns(), {{"what", "missed"}, {"device", link.devices[0]}});
    return log_.flush();
  }
  for (const vnet_u32 direction : {VNET_DIRECTION_TX, VNET_DIRECTION_RX})
    (void)link.ask(direction, link.wires[direction]);
  Json devices = Json::array();
  for (const std::string& device : link.devices)
    if (!device.empty()) devices.push_back(device);
  Json json = {{"host", host_name(link.host->host())},
               {"devices", devices},
               {"seed", seed_text(link.wires[0].seed)},
               {"wires", Json::array()},
               {"faults", faults_json(link)}};
  for (const vnet_u32 direction : {VNET_DIRECTION_TX, VNET_DIRECTION_RX})
    json["wires"].push_back(link.wire_json(direction));
  links_.push_back(std::make_unique<RecordedLink>(std::move(link)));
  return log_.add_link(std::move(json));
}

// One that was renamed has left its name to another device, but not in the log.
bool LogRecorder::is_logged(const RecordedLink& link) const {
  return std::any_of(links_.begin(), links_.end(), [&](const auto& other) {
    return std::any_of(link.devices.begin(), link.devices.end(), [&](const std::string& device) {
      return !device.empty() && (device == other->devices[0] || device == other->devices[1]);
    });
  });
}

RecordedLink* LogRecorder::link_of(std::string_view device) {
  for (const std::unique_ptr<RecordedLink>& link : links_)
    if (link->end_of(device)) return link.get();
  return nullptr;
}

// What the second end receives is what the first one sends.
auto LogRecorder::place_of(std::string_view device, vnet_u32 direction) -> std::optional<Place> {
  RecordedLink* const link = link_of(device);
  if (!link) return {};
  const bool turned = *link->end_of(device) == 1;
  return Place{link, turned ? VNET_DIRECTION_MAX - direction : direction};
}

// ---- names

void LogRecorder::take_names(RecordedLink& link, const LinkNames& names, vnet_u64 time) {
  for (size_t end = 0; end < 2; end++) {
    std::string& known = link.now.names[end];
    if (link.devices[end].empty() || names.names[end].empty() || names.names[end] == known)
      continue;
    known = names.names[end];
    log_.add(time, {{"what", "renamed"}, {"device", link.devices[end]}, {"name", known}});
  }
}

// After an event that may be of a device's new name, or instead of one.
void LogRecorder::look_for_names(const vnet_event_values& event) {
  const bool any = event.type == VNET_EVENT_TYPE_LOST;
  const std::string device = text_of(event.ifname);
  for (const std::unique_ptr<RecordedLink>& link : links_) {
    const std::optional<size_t> end = link->end_of(device);
    if (end && link->now.indexes[*end] == event.ifindex) return;
  }
  for (const std::unique_ptr<RecordedLink>& link : links_) {
    const std::array<vnet_u32, 2>& indexes = link->now.indexes;
    if (!any && std::find(indexes.begin(), indexes.end(), event.ifindex) == indexes.end()) continue;
    for (const LinkNames& found : links_of(*link->host))
      if (const std::optional<LinkNames> names = link->names_in(*link->host, found))
        take_names(*link, *names, event.time);
  }
}

// ---- settings

// A line, if something decides otherwise than before.
void LogRecorder::ask_again(RecordedLink& link, vnet_u32 direction, vnet_u64 time) {
  RecordedWire& wire = link.wires[direction];
  const RecordedWire before = wire;
  if (!link.ask(direction, wire)) return;
  const auto same = [](const RecordedQueue& a, const RecordedQueue& b) {
    return a.run == b.run && a.after == b.after;
  };
  const bool idle = wire.words.empty() && before.words.empty();
  if (wire.seed == before.seed && wire.words == before.words &&
      (idle || std::equal(wire.queues.begin(), wire.queues.end(), before.queues.begin(),
                          before.queues.end(), same)))
    return;
  Json line = {{"what", "settings"}};
  line.update(link.wire_json(direction));
  log_.add(time, line);
}

Json LogRecorder::faults_json(RecordedLink& link) {
  Json faults = Json::array();
  for (const std::string& device : link.devices) {  // at first they are called so
    vnet_fault_values which{};
    which.has = bit(VNET_A_FAULT_IFNAME);
    if (!set_name(which.ifname, device)) continue;
    (void)link.host->dump(VNET_CMD_FAULT_GET, which, [&](const Reply& reply) {
      vnet_fault_values fault;
      if (!reply.decode(fault) || fault.state >= VNET_FAULT_STATE_DONE) return;
      faults_[{device, fault.id}] = {fault_class(fault), 0};
      faults.push_back({{"device", device}, {"fault", fault.id}, {"words", fault_words(fault)}});
    });
  }
  return faults;
}

// ---- what comes

Failure LogRecorder::read(const EventFeed::Visitor& also) {
  feed_->read([&](const Reply& reply) {
    take(reply);
    if (also) also(reply);
  });
  return log_.flush();
}

void LogRecorder::take(const Reply& reply) {
  if (reply.command == VNET_CMD_EVENT) {
    vnet_event_values event{};
    if (reply.decode(event)) take_event(event);
  } else if (reply.command == VNET_CMD_DECIDED) {
    const auto decided = std::make_unique<vnet_decided_values>();
    if (reply.decode(*decided)) take_decisions(*decided);
  }
}

void LogRecorder::take_event(const vnet_event_values& event) {
  if (event.type == VNET_EVENT_TYPE_LOST) {
    Json line = {{"what", "missed"}};
    if (event.has & bit(VNET_A_EVENT_VALUE)) line["messages"] = event.value;
    log_.add(event.time, line);
    return look_for_names(event);
  }
  const std::string device = text_of(event.ifname);
  if (event.type == VNET_EVENT_TYPE_DEVICE_NEW && is_wanted(device) && !link_of(device))
    (void)survey();
  if (event.type == VNET_EVENT_TYPE_CONFIG_CHANGED) look_for_names(event);
  RecordedLink* const link = link_of(device);
  if (!link) return;
  if (event.type == VNET_EVENT_TYPE_CONFIG_CHANGED)
    for (const vnet_u32 direction : {VNET_DIRECTION_TX, VNET_DIRECTION_RX})
      ask_again(*link, direction, event.time);
  Json line = {{"what", event_word(event.type)}, {"device", link->devices[*link->end_of(device)]}};
  if (event.has & bit(VNET_A_EVENT_QUEUE)) line["queue"] = event.queue;
  if (event.has & bit(VNET_A_EVENT_FAULT)) return take_fault(event, *link, std::move(line));
  if (event.type == VNET_EVENT_TYPE_CONFIG_CHANGED) return;  // the settings' line says it
  if (event.has & bit(VNET_A_EVENT_VALUE)) line["value"] = event.value;
  line["class"] = json_word(decision_class_type(), VNET_DECISION_CLASS_TIMING);
  log_.add(event.time, line);
  if (event.type == VNET_EVENT_TYPE_DEVICE_DEL)
    std::erase_if(links_, [&](const auto& each) { return each.get() == link; });
}

// What is done to a fault by hand has the number of frames that had come, for who repeats it.
void LogRecorder::take_fault(const vnet_event_values& event, RecordedLink& link, Json line) {
  const std::string device = line["device"], name = text_of(event.ifname);
  line["fault"] = event.fault;
  vnet_fault_values fault{};
  KnownFault& known = faults_[{device, event.fault}];
  if (event.type != VNET_EVENT_TYPE_FAULT_ARMED)
    line["kind"] = json_word(fault_what_type(), event.fault_what);
  switch (event.type) {
    case VNET_EVENT_TYPE_FAULT_ARMED:
      if (!ask_fault(link, name, event.fault, fault)) {
        known.fault_class = fault_class(fault);
        line["words"] = fault_words(fault);
      }
      line["frames"] = come(link);
      break;
    case VNET_EVENT_TYPE_FAULT_FORCED:
      known.forced = ~vnet_u64{0};
      line["frames"] = come(link);
      break;
    case VNET_EVENT_TYPE_FAULT_FIRED:
      fault_fired(event, device, line);
      break;
    default:
      line["fired"] = event.value;
      // One that has ended by itself stays listed.
      if (const Failure failure = ask_fault(link, name, event.fault, fault);
          !failure || failure->code != ENOENT)
        break;
      line["deleted"] = true;
      line["frames"] = come(link);
  }
  log_.add(event.time, line);
}

void LogRecorder::fault_fired(const vnet_event_values& event, const std::string& device,
                              Json& line) {
  KnownFault& known = faults_[{device, event.fault}];
  line["number"] = event.value;
  if (event.has & bit(VNET_A_EVENT_FRAME)) line["frame"] = event.frame;
  const vnet_u64 here = event.queue < 64 ? vnet_u64{1} << event.queue : 0;
  if (known.forced & here)
    line["class"] = json_word(decision_class_type(), VNET_DECISION_CLASS_TIMING);
  else if (!known.fault_class.empty())
    line["class"] = known.fault_class;
  known.forced &= ~here;
}

Failure LogRecorder::ask_fault(RecordedLink& link, const std::string& device, vnet_u32 id,
                               vnet_fault_values& fault) {
  vnet_fault_values which{};
  which.has = bit(VNET_A_FAULT_IFNAME) | bit(VNET_A_FAULT_ID);
  which.id = id;
  if (!set_name(which.ifname, device)) return no_such_device(device);
  return link.host->request(VNET_CMD_FAULT_GET, which,
                            [&](const Reply& reply) { (void)reply.decode(fault); });
}

// Frames of the present run, both ways.
vnet_u64 LogRecorder::come(RecordedLink& link) {
  vnet_u64 all = 0;
  for (const vnet_u32 direction : {VNET_DIRECTION_TX, VNET_DIRECTION_RX}) {
    RecordedWire wire;
    if (!link.ask(direction, wire)) continue;
    for (const RecordedQueue& queue : wire.queues) all += queue.frames;
  }
  return all;
}

void LogRecorder::miss(const Place& place, vnet_u32 queue, vnet_u64 time, vnet_u64 count) {
  log_.add(time, {{"what", "missed"},
                  {"device", place.link->devices[0]},
                  {"direction", direction_word(place.direction)},
                  {"queue", queue},
                  {"decisions", count}});
}

void LogRecorder::take_decisions(const vnet_decided_values& decided) {
  const std::optional<Place> place = place_of(text_of(decided.ifname), decided.direction);
  if (!place) return;
  RecordedWire& wire = place->link->wires[place->direction];
  if (decided.queue >= wire.queues.size()) return;
  // The settings stand before what they decided.
  if (wire.queues[decided.queue].run != decided.run)
    ask_again(*place->link, place->direction, decided.time);
  RecordedQueue& queue = wire.queues[decided.queue];
  if (queue.told && *queue.told < decided.sequence)
    miss(*place, decided.queue, decided.time, decided.sequence - *queue.told);
  queue.told = decided.sequence + decided.decision_count;
  const std::string where = fmt::format(
      R"("device":{},"direction":"{}","queue":{},"run":{})", json_line(place->link->devices[0]),
      direction_word(place->direction), decided.queue, decided.run);
  for (vnet_u32 i = 0; i < decided.decision_count; i++) {
    const vnet_decision_values& decision = decided.decision[i];
    log_.add_text(decided.time, fmt::format(R"("what":"{}",{},"frame":{}{})",
                                            json_word(decision_what_type(), decision.what), where,
                                            decision.frame, decision_text(decision)));
  }
}

std::map<WireKey, vnet_u64> LogRecorder::frames() {
  std::map<WireKey, vnet_u64> all;
  for (const std::unique_ptr<RecordedLink>& link : links_)
    for (const vnet_u32 direction : {VNET_DIRECTION_TX, VNET_DIRECTION_RX}) {
      RecordedWire wire;
      if (!link->ask(direction, wire)) continue;
      for (vnet_u32 i = 0; i < wire.queues.size(); i++)
        all[{link->devices[0], direction_word(direction), i}] = wire.queues[i].frames;
    }
  return all;
}

Failure LogRecorder::close() {
  if (Failure failure = read()) return failure;
  Json wires = Json::array();
  for (const std::unique_ptr<RecordedLink>& link : links_)
    for (const vnet_u32 direction : {VNET_DIRECTION_TX, VNET_DIRECTION_RX})
      if (link->ask(direction, link->wires[direction])) wires.push_back(link->wire_json(direction));
  log_.add(user::realtime_ns(), {{"what", "end"}, {"wires", wires}});
  return log_.flush();
}

}  // namespace vnet::cli
