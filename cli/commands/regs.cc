// SPDX-License-Identifier: GPL-2.0-only
// `vnet regs`: the registers by name.
#include <fmt/core.h>

#include <array>

#include "cli/show.h"

namespace vnet::cli {
namespace {

constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
};

// In the order of enum vnet_device_register and vnet_queue_register.
constexpr std::array<const char*, VNET_REG_DEVICE_COUNT> kDeviceRegisters{
    "abi", "control", "queues", "ring_size", "mtu", "lockup", "timeout_ms"};
constexpr std::array<const char*, VNET_REG_QUEUE_COUNT> kQueueRegisters{"irq_status", "irq_mask",
                                                                        "tx_state", "rx_pending"};
static_assert(kDeviceRegisters.back() && kQueueRegisters.back());

struct Bit {
  vnet_u32 mask;
  const char* name;
};
constexpr Bit kControlBits[] = {{VNET_CONTROL_OPEN, "OPEN"},
                                {VNET_CONTROL_LINK, "LINK"},
                                {VNET_CONTROL_SNULL, "SNULL"},
                                {VNET_CONTROL_PAD, "PAD"},
                                {VNET_CONTROL_NOARP, "NOARP"}};
constexpr Bit kIrqBits[] = {{VNET_IRQ_RX, "RX"}, {VNET_IRQ_TX, "TX"}};
constexpr Bit kTxBits[] = {{VNET_TX_STOPPED, "STOPPED"}, {VNET_TX_HUNG, "HUNG"}};

std::string bits_text(vnet_u32 value, std::span<const Bit> bits) {
  std::string text;
  for (const Bit& bit : bits)
    if (value & bit.mask) text += fmt::format("{}{}", text.empty() ? "" : ",", bit.name);
  return "<" + text + ">";
}

// What stands behind the number.
std::string meaning(std::string_view name, vnet_u32 value) {
  if (name == kDeviceRegisters[VNET_REG_CONTROL]) return bits_text(value, kControlBits);
  if (name == kQueueRegisters[VNET_REG_IRQ_STATUS]) return bits_text(value, kIrqBits);
  if (name == kQueueRegisters[VNET_REG_TX_STATE]) return bits_text(value, kTxBits);
  return fmt::format("{}", value);
}

// {"ifindex": ..., "ifname": ..., "abi": 1, ..., "queue": [{"irq_status": 0, ...}, ...]}
Json regs_json(const vnet_regs_values& regs) {
  Json json{{"ifindex", regs.ifindex}, {"ifname", regs.ifname}};
  const auto* const bytes = static_cast<const vnet_u8*>(regs.values.data);
  const size_t count = regs.values.len / sizeof(vnet_u32);
  const auto value = [&](size_t i) {
    vnet_u32 each;
    std::memcpy(&each, bytes + i * sizeof(each), sizeof(each));
    return each;
  };
  size_t at = 0;
  for (; at < kDeviceRegisters.size() && at < count; at++) json[kDeviceRegisters[at]] = value(at);
  json["queue"] = Json::array();
  for (; at + kQueueRegisters.size() <= count; at += kQueueRegisters.size()) {
    Json queue;
    for (size_t i = 0; i < kQueueRegisters.size(); i++) queue[kQueueRegisters[i]] = value(at + i);
    json["queue"].push_back(queue);
  }
  return json;
}

std::string register_line(const std::string& name, vnet_u32 value, std::string_view kind) {
  return fmt::format("    {:<20} {:#010x}  {}\n", name, value, meaning(kind, value));
}

void print_regs(const Json& json, const Options& options) {
  std::string text = painted(Paint::kDevice, json["ifname"].get<std::string>(), options) + ":\n";
  for (const char* name : kDeviceRegisters)
    if (json.contains(name)) text += register_line(name, json[name].get<vnet_u32>(), name);
  size_t queue = 0;
  for (const Json& each : json["queue"]) {
    for (const char* name : kQueueRegisters)
      text += register_line(fmt::format("q{}_{}", queue, name), each[name].get<vnet_u32>(), name);
    queue++;
  }
  fmt::print("{}", record(std::move(text), options));
}

int show(Context& context, const Arguments& arguments) {
  const std::string& name = arguments.get("dev");
  vnet_regs_values which{};
  which.has = 1ull << VNET_A_REGS_IFNAME;
  if (!set_name(which.ifname, name)) return context.refused(no_such_device(name));
  Json array = Json::array();
  const auto ask = [&](Transport& host) {
    return host.request(VNET_CMD_REGS_GET, which, [&](const Reply& reply) {
      vnet_regs_values regs;
      if (reply.decode(regs))
        array.push_back(with_host(regs_json(regs), host.host(), context.options));
    });
  };
  if (Failure failure = ask_hosts(name, context.options, ask)) return context.refused(*failure);
  if (context.options.json) {
    print_json(array, context.options);
  } else {
    for (const Json& json : array) print_regs(json, context.options);
  }
  return kOk;
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows the registers, without side effects", kShowParameters, show},
};

}  // namespace

const Object kRegsObject{"regs", "registers of a device and its queues", kVerbs};

}  // namespace vnet::cli
