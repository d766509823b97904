// SPDX-License-Identifier: GPL-2.0-only
#include "user/control_requests.h"

#include <libmnl/libmnl.h>

#include <algorithm>

#include "lib/nlmsg/parser.h"
#include "user/control_values.h"
#include "user/rtnetlink.h"

namespace vnet::user {
namespace {

constexpr vnet_u64 bit(unsigned attribute) {
  return 1ull << attribute;
}

// The attributes that name a device are the first two of each set that has them.
constexpr vnet_u32 kIfindex = VNET_A_DEVICE_IFINDEX;
constexpr vnet_u32 kIfname = VNET_A_DEVICE_IFNAME;
static_assert(kIfindex == VNET_A_STATS_IFINDEX && kIfname == VNET_A_STATS_IFNAME);
static_assert(kIfindex == VNET_A_REGS_IFINDEX && kIfname == VNET_A_REGS_IFNAME);
static_assert(kIfindex == VNET_A_SEED_IFINDEX && kIfname == VNET_A_SEED_IFNAME);
static_assert(kIfindex == VNET_A_IMPAIR_IFINDEX && kIfname == VNET_A_IMPAIR_IFNAME);
static_assert(kIfindex == VNET_A_FAULT_IFINDEX && kIfname == VNET_A_FAULT_IFNAME);
static_assert(kIfindex == VNET_A_WIRE_IFINDEX && kIfname == VNET_A_WIRE_IFNAME);
static_assert(kIfindex == VNET_A_GOLDEN_IFINDEX && kIfname == VNET_A_GOLDEN_IFNAME);
constexpr vnet_u64 kWhich = bit(kIfindex) | bit(kIfname);

// What can be seen of a port's settings, for comparing.
std::string settings_seen(const Port& port, const Port& peer) {
  vnet_device_values values;
  device_values(port, peer, values);
  alignas(4) char bytes[4096];
  const int length = vnet_core_encode(VNET_SET_DEVICE, &values, bytes, sizeof(bytes));
  return {bytes, static_cast<size_t>(std::max(length, 0))};
}

void reply(const nlmsghdr& request, vnet_u32 command, vnet_set set, const void* values,
           nlmsg::Builder& answer) {
  answer.begin(nlmsg::VNET_SOCKET_FAMILY, static_cast<vnet_u8>(command), request.nlmsg_seq, 0);
  answer.append(set, values);
}

}  // namespace

// ---- a message

void ControlRequests::serve(const nlmsghdr& request, Session& session, nlmsg::Builder& answer) {
  const size_t before = answer.length();
  if (const Outcome refusal = answer_to(request, session, answer)) {
    std::optional<vnet_u32> offset = refusal->offset;
    if (offset) *offset += nlmsg::kAttributesAt;
    (void)answer.error(request, refusal->code, refusal->text, offset);
    return;
  }
  if (session.dump) return;
  const bool answered = answer.length() != before;
  if (request.nlmsg_flags & NLM_F_ACK || !answered) (void)answer.error(request, 0);
}

auto ControlRequests::answer_to(const nlmsghdr& request, Session& session, nlmsg::Builder& answer)
    -> Outcome {
  if (!(request.nlmsg_flags & NLM_F_REQUEST))
    return Refusal{-EINVAL, "nlmsg_flags: a request has NLM_F_REQUEST", {}};
  if (request.nlmsg_type != nlmsg::VNET_SOCKET_FAMILY)
    return Refusal{-ENOENT, "nlmsg_type: must be 0x7f0 (VNET_SOCKET_FAMILY)", {}};
  const genlmsghdr* const generic = nlmsg::generic_header(request);
  if (!generic) return Refusal{-EINVAL, "no room for a struct genlmsghdr", {}};

  const bool dump = (request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  Call call{request, nlmsg::attributes(request), answer, session};
  vnet_control_error error{};
  const int code =
      vnet_core_request_decode(generic->cmd, dump, call.attributes.data(),
                               static_cast<vnet_u32>(call.attributes.size()), &request_, &error);
  if (code == -EINVAL) return Refusal{code, error.text, error.offset};
  if (code) return Refusal{code, error.text, {}};  // no such command, no such dump
  return dump ? begin_dump(generic->cmd, call) : run(generic->cmd, call);
}

auto ControlRequests::run(vnet_u32 command, Call& call) -> Outcome {
  switch (command) {
    case VNET_CMD_DEVICE_GET:
      return device_get(call);
    case VNET_CMD_DEVICE_SET:
      return device_set(call);
    case VNET_CMD_LINK_GET:
      return link_get(call);
    case VNET_CMD_LINK_NEW:
      return Refusal{-EOPNOTSUPP, "link-new: the pair is made when the driver starts", {}};
    case VNET_CMD_LINK_SET:
      return link_set(call);
    case VNET_CMD_LINK_DEL:
      return link_del(call);
    case VNET_CMD_STATS_GET:
      return stats_get(call);
    case VNET_CMD_REGS_GET:
      return regs_get(call);
    case VNET_CMD_SEED_GET:
      return seed_get(call);
    case VNET_CMD_SEED_SET:
      return seed_set(call);
    case VNET_CMD_IMPAIR_GET:
      return impair_get(call);
    case VNET_CMD_IMPAIR_SET:
      return impair_set(call);
    case VNET_CMD_IMPAIR_DEL:
      return impair_del(call);
    case VNET_CMD_IMPAIR_TRACE:
      return impair_trace(call);
    case VNET_CMD_SUBSCRIBE:
      return subscribe(call);
    case VNET_CMD_FAULT_GET:
      return fault_get(call);
    case VNET_CMD_FAULT_ADD:
      return fault_add(call);
    case VNET_CMD_FAULT_DEL:
      return fault_del(call);
    case VNET_CMD_FAULT_FIRE:
      return fault_fire(call);
    case VNET_CMD_WIRE_GET:
      return wire_get(call);
    case VNET_CMD_GOLDEN_GET:
      return golden_get(call);
    default:
      return Refusal{-EOPNOTSUPP, "cmd: only in the kernel", {}};
  }
}

// ---- which attribute and device

std::optional<vnet_u32> ControlRequests::offset_of(std::span<const vnet_u8> attributes,
                                                   std::initializer_list<vnet_u32> path) {
  const vnet_u8* at = attributes.data();
  const vnet_u8* end = at + attributes.size();
  std::optional<vnet_u32> found;
  for (const vnet_u32 type : path) {
    if (type == 0) continue;
    found.reset();
    for (const auto* attribute = reinterpret_cast<const nlattr*>(at);
         mnl_attr_ok(attribute, static_cast<int>(end - at));
         attribute = mnl_attr_next(attribute), at = reinterpret_cast<const vnet_u8*>(attribute)) {
      if (mnl_attr_get_type(attribute) != type) continue;
      found = static_cast<vnet_u32>(at - attributes.data());
      end = at + attribute->nla_len;
      at += MNL_ATTR_HDRLEN;
      break;
    }
    if (!found) return {};
  }
  return found;
}

auto ControlRequests::refused(const Call& call, int error, const vnet_refusal& why) -> Refusal {
  std::optional<vnet_u32> offset;
  for (const vnet_u32 attribute : {why.attribute, why.other})
    if (!offset && attribute) offset = offset_of(call.attributes, {attribute});
  return {error, why.text ? why.text : "no memory", offset};
}

template <typename Values>
auto ControlRequests::find(const Call& call, const Values& values, vnet_u32 nest, size_t& end) const
    -> Outcome {
  const bool by_index = values.has & bit(kIfindex);
  const bool by_name = values.has & bit(kIfname);
  if (!by_index && !by_name)
    return Refusal{-EINVAL, "ifindex, ifname: one of them is needed",
                   nest ? offset_of(call.attributes, {nest}) : std::nullopt};
  std::optional<size_t> found;
  for (const size_t i : {0u, 1u}) {
    const Port& port = *ports_[i];
    if (by_index && static_cast<vnet_u32>(port.ifindex()) != values.ifindex) continue;
    if (by_name && port.name() != values.ifname) continue;
    // Where both are called the same, in two namespaces, it is the one in ours.
    if (!found || port.nsid() == kOwnNetns) found = i;
  }
  const vnet_u32 named = by_name ? kIfname : kIfindex;
  const auto refuse = [&](const char* why) {
    return Refusal{-ENODEV, (by_name ? "ifname: " : "ifindex: ") + std::string(why),
                   offset_of(call.attributes, {nest, named})};
  };
  if (!found) return refuse("no such device here");
  if (!ports_[*found]->tap().device_name()) return refuse("the device is gone, and its pair ends");
  end = *found;
  return {};
}

template auto ControlRequests::find(const Call& call, const vnet_impair_values& values,
                                    vnet_u32 nest, size_t& end) const -> Outcome;
template auto ControlRequests::find(const Call& call, const vnet_fault_values& values,
                                    vnet_u32 nest, size_t& end) const -> Outcome;
template auto ControlRequests::find(const Call& call, const vnet_wire_values& values, vnet_u32 nest,
                                    size_t& end) const -> Outcome;
template auto ControlRequests::find(const Call& call, const vnet_golden_values& values,
                                    vnet_u32 nest, size_t& end) const -> Outcome;
template auto ControlRequests::find(const Call& call, const vnet_stats_values& values,
                                    vnet_u32 nest, size_t& end) const -> Outcome;

auto ControlRequests::find_link(const Call& call, vnet_u64 allowed, size_t& end) const -> Outcome {
  const vnet_link_values& link = request_.link;
  if (!(link.has & bit(VNET_A_LINK_DEVICE))) return Refusal{-EINVAL, "device: is needed", {}};
  for (const vnet_u32 nest : {VNET_A_LINK_DEVICE, VNET_A_LINK_PEER}) {
    if (!(link.has & bit(nest))) continue;
    const vnet_u64 named = nest == VNET_A_LINK_DEVICE ? link.device.has : link.peer.has;
    for (vnet_u32 attribute = 1; attribute <= VNET_A_DEVICE_MAX; attribute++)
      if (named & ~allowed & bit(attribute))
        return Refusal{-EINVAL, "device, peer: an attribute that this command does not take",
                       offset_of(call.attributes, {nest, attribute})};
  }
  if (Outcome refusal = find(call, link.device, VNET_A_LINK_DEVICE, end)) return refusal;
  if (!(link.has & bit(VNET_A_LINK_PEER)) || !(link.peer.has & kWhich)) return {};
  size_t other;
  if (Outcome refusal = find(call, link.peer, VNET_A_LINK_PEER, other)) return refusal;
  if (other != end) return {};
  return Refusal{-EINVAL, "peer: is the same device",
                 offset_of(call.attributes, {VNET_A_LINK_PEER})};
}

// ---- what there is

auto ControlRequests::device_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.device, 0, end)) return refusal;
  vnet_device_values values;
  device_values(*ports_[end], *ports_[1 - end], values);
  reply(call.request, VNET_CMD_DEVICE_GET, VNET_SET_DEVICE, &values, call.answer);
  (void)call.answer.end();
  return {};
}

auto ControlRequests::link_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find_link(call, kWhich, end)) return refusal;
  link_values(*ports_[end], *ports_[1 - end], request_.link);
  reply(call.request, VNET_CMD_LINK_GET, VNET_SET_LINK, &request_.link, call.answer);
  (void)call.answer.end();
  return {};
}

auto ControlRequests::stats_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.stats, 0, end)) return refusal;
  const bool one = request_.stats.has & bit(VNET_A_STATS_QUEUE);
  const vnet_u32 queue = one ? request_.stats.queue : VNET_ALL_QUEUES;
  if (one && queue >= ports_[end]->params().queues)
    return Refusal{-EINVAL, "queue: must be 0, the device has one",
                   offset_of(call.attributes, {VNET_A_STATS_QUEUE})};
  stats_values(*ports_[end], queue, request_.stats);
  reply(call.request, VNET_CMD_STATS_GET, VNET_SET_STATS, &request_.stats, call.answer);
  (void)call.answer.end();
  return {};
}

auto ControlRequests::regs_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.regs, 0, end)) return refusal;
  const Port& port = *ports_[end];
  vnet_u32 registers[int{VNET_REG_DEVICE_COUNT} + int{VNET_REG_QUEUE_COUNT}];  // one queue
  const vnet_u32 count = vnet_core_registers(port.device(), registers, std::size(registers));
  vnet_regs_values values{};
  values.ifindex = static_cast<vnet_u32>(port.ifindex());
  copy_name(port.name(), values.ifname);
  values.values = {registers, std::min<vnet_u32>(count, std::size(registers)) * 4};
  values.has = kWhich | bit(VNET_A_REGS_VALUES);
  reply(call.request, VNET_CMD_REGS_GET, VNET_SET_REGS, &values, call.answer);
  (void)call.answer.end();
  return {};
}

void ControlRequests::put_seed(Call& call, vnet_u32 command, size_t end) const {
  vnet_seed_values values{};
  values.ifindex = static_cast<vnet_u32>(ports_[end]->ifindex());
  copy_name(ports_[end]->name(), values.ifname);
  values.seed = ports_[end]->params().seed;
  values.has = kWhich | bit(VNET_A_SEED_SEED);
  reply(call.request, command, VNET_SET_SEED, &values, call.answer);
  (void)call.answer.end();
}

auto ControlRequests::seed_get(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.seed, 0, end)) return refusal;
  put_seed(call, VNET_CMD_SEED_GET, end);
  return {};
}

// ---- changes

auto ControlRequests::device_set(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.device, 0, end)) return refusal;
  if (!(request_.device.has & bit(VNET_A_DEVICE_INFO)))
    return Refusal{-EINVAL, "info: is needed", {}};
  return change_by({&request_.device.info, nullptr}, end, [&](size_t, vnet_u32 attribute) {
    return offset_of(call.attributes, {VNET_A_DEVICE_INFO, attribute});
  });
}

auto ControlRequests::link_set(Call& call) -> Outcome {
  size_t end;
  const vnet_link_values& link = request_.link;
  if (Outcome refusal = find_link(call, kWhich | bit(VNET_A_DEVICE_INFO), end)) return refusal;
  const bool own = link.device.has & bit(VNET_A_DEVICE_INFO);
  const bool peer = link.has & bit(VNET_A_LINK_PEER) && link.peer.has & bit(VNET_A_DEVICE_INFO);
  if (!own && !peer) return Refusal{-EINVAL, "info: is needed, of device, peer or both", {}};
  const Infos infos{own ? &link.device.info : nullptr, peer ? &link.peer.info : nullptr};
  return change_by(infos, end, [&](size_t which, vnet_u32 attribute) {
    const vnet_u32 nest = which == 0 ? VNET_A_LINK_DEVICE : VNET_A_LINK_PEER;
    return offset_of(call.attributes, {nest, VNET_A_DEVICE_INFO, attribute});
  });
}

template <typename InfoAt>
auto ControlRequests::change_by(const Infos& infos, size_t first, const InfoAt& info_at)
    -> Outcome {
  Settings settings = settings_of(*ports_[first], *ports_[1 - first]);
  if (const std::optional<InfoRefusal> refusal = change(settings, infos))
    return Refusal{-refusal->error.code, refusal->error.text,
                   info_at(refusal->end, refusal->attribute)};
  return put_in_force(settings, first);
}

auto ControlRequests::put_in_force(const Settings& settings, size_t first) -> Outcome {
  Port& own = *ports_[first];
  Port& peer = *ports_[1 - first];
  const std::string before[] = {settings_seen(own, peer), settings_seen(peer, own)};
  if (const Failure failure = apply(settings, own, peer, pool_))
    return Refusal{failure->code ? -failure->code : -EINVAL, failure->text, {}};
  if (settings_seen(own, peer) != before[0])
    owner_.on_port_event(own, VNET_EVENT_TYPE_CONFIG_CHANGED, 0);
  if (settings_seen(peer, own) != before[1])
    owner_.on_port_event(peer, VNET_EVENT_TYPE_CONFIG_CHANGED, 0);
  return {};
}

auto ControlRequests::seed_set(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find(call, request_.seed, 0, end)) return refusal;
  const bool given = request_.seed.has & bit(VNET_A_SEED_SEED);
  Settings settings = settings_of(*ports_[end], *ports_[1 - end]);
  const vnet_u64 seed = given ? request_.seed.seed : drawn_seed(), before = settings.params[0].seed;
  settings.params[0].seed = settings.params[1].seed = seed;
  if (Outcome refusal = put_in_force(settings, end)) return refusal;
  // Also the same seed: who asks for it wants the run from its beginning.
  for (const Port* port : ports_) {
    vnet_core_run_begin(port->device());
    if (seed == before) owner_.on_port_event(*port, VNET_EVENT_TYPE_CONFIG_CHANGED, 0);
  }
  put_seed(call, VNET_CMD_SEED_SET, end);
  return {};
}

auto ControlRequests::link_del(Call& call) -> Outcome {
  size_t end;
  if (Outcome refusal = find_link(call, kWhich, end)) return refusal;
  owner_.end("link-del");
  return {};
}

auto ControlRequests::subscribe(Call& call) -> Outcome {
  if (!(request_.subscription.has & bit(VNET_A_SUBSCRIPTION_GROUPS)))
    return Refusal{-EINVAL, "groups: is needed", {}};
  call.session.groups = request_.subscription.groups;
  return {};
}

}  // namespace vnet::user
