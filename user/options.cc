// SPDX-License-Identifier: GPL-2.0-only
#include "user/options.h"

#include <fmt/core.h>
#include <net/if.h>

#include "user/settings.h"
#include "user/tap.h"

namespace vnet::user {
namespace {

// The kernel's isspace() is that of ISO 8859-1: the no-break space counts.
bool is_space(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

// net/core/dev.c, dev_valid_name(); and '%', which the kernel takes for a template.
Failure check_name(const std::string& name) {
  const auto refused = [&](const char* why) {
    return Error{fmt::format("refused: '{}' is not a valid device name: {}", name, why)};
  };
  if (name.empty()) return refused("it is empty");
  if (name.size() >= IFNAMSIZ) return refused("it has more than 15 bytes");
  if (name == "." || name == "..") return refused("it is a directory's name");
  for (const char c : name) {
    if (c == '/' || c == ':') return refused("it contains '/' or ':'");
    if (c == '%') return refused("it contains '%'");
    if (is_space(static_cast<unsigned char>(c))) return refused("it contains white space");
  }
  return {};
}

Failure check_range(const char* what, vnet_u32 value, vnet_u32 low, vnet_u32 high,
                    const char* unit) {
  if (value >= low && value <= high) return {};
  return Error{
      fmt::format("refused: {} {} is out of range ({} to {}{})", what, value, low, high, unit)};
}

Failure check_free(const std::string& name) {
  if (if_nametoindex(name.c_str()) == 0) return {};
  return Error{fmt::format("refused: a network device named '{}' exists already", name)};
}

Failure check_mac(const std::string& name, const Mac& mac) {
  if (!(mac[0] & 1) && mac != Mac{}) return {};
  return Error{fmt::format("refused: {}: mac must be a unicast address and not zero", name)};
}

// Through the codec: its ranges are those of the control schema.
Failure check_info(const std::string& name, const vnet_info_values& info) {
  alignas(4) char bytes[4096];
  const int length = vnet_core_encode(VNET_SET_INFO, &info, bytes, sizeof(bytes));
  if (length < 0) return Error{fmt::format("refused: {}: too much to set", name)};
  vnet_info_values decoded;
  vnet_control_error error{};
  if (vnet_core_set_decode(VNET_SET_INFO, bytes, static_cast<vnet_u32>(length), &decoded, &error) ==
      0)
    return {};
  return Error{fmt::format("refused: {}: {}", name, error.text)};
}

}  // namespace

Failure check_options(const DriverOptions& options) {
  const auto& [a, b] = options.names;
  if (Failure failure = check_name(a)) return failure;
  if (Failure failure = check_name(b)) return failure;
  if (a == b) return Error{fmt::format("refused: both ends of the pair are named '{}'", a)};
  if (Failure failure = check_range("mtu", options.mtu, VNET_MTU_MIN, Tap::kMtuMax, " bytes"))
    return failure;
  for (const size_t end : {0u, 1u}) {
    const std::string& name = options.names[end];
    if (options.macs[end])
      if (Failure failure = check_mac(name, *options.macs[end])) return failure;
    if (Failure failure = check_info(name, options.infos[end])) return failure;
  }
  Settings settings{};
  if (const auto refusal = change(settings, {&options.infos[0], &options.infos[1]}))
    return Error{fmt::format("refused: {}: {}", options.names[refusal->end], refusal->error.text)};
  if (Failure failure = check_free(a)) return failure;
  return check_free(b);
}

}  // namespace vnet::user
