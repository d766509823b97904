// SPDX-License-Identifier: GPL-2.0-only
#include "cli/knobs.h"

#include <fmt/core.h>

#include <limits>

#include "cli/output.h"
#include "cli/schema.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

vnet_u64 type_max(const Attribute& attribute) {
  switch (attribute.size) {
    case sizeof(vnet_u8):
      return std::numeric_limits<vnet_u8>::max();
    case sizeof(vnet_u32):
      return std::numeric_limits<vnet_u32>::max();
    default:
      return std::numeric_limits<vnet_u64>::max();
  }
}

std::optional<vnet_u64> read_enum(const EnumType& type, const std::string& text) {
  std::vector<std::string_view> names;
  for (const EnumEntry& entry : type.entries) names.emplace_back(entry.name);
  const Result<size_t> found = match("value", text, names);
  if (!found) return {};
  return type.entries[*found].value;
}

std::optional<vnet_u64> read_value(const Knob& knob, const std::string& text) {
  switch (knob.value) {
    case Value::kOnOff:
      return parse_on_off(text);
    case Value::kEnum:
      return read_enum(*knob.attribute->enumeration, text);
    case Value::kCount:
      return parse_count(text);
    case Value::kTimeUs:
      return parse_time(text, TimeUnit::kUs);
    case Value::kTimeMs:
      return parse_time(text, TimeUnit::kMs);
    case Value::kHex64:
      return parse_hex64(text);
  }
  return {};
}

// "64 to 32768 frames"
std::string range_of(const Knob& knob) {
  return fmt::format("{} to {}{}{}", knob.min, knob.max, *knob.unit ? " " : "", knob.unit);
}

std::string wanted(const Knob& knob) {
  switch (knob.value) {
    case Value::kOnOff:
      return "'on' or 'off'";
    case Value::kEnum:
      return fmt::format("one of {}", values_of(knob));
    case Value::kCount:
      return fmt::format("a number, {}", range_of(knob));
    case Value::kTimeUs:
      return fmt::format("a time of whole microseconds such as 50us or 1ms, {}", range_of(knob));
    case Value::kTimeMs:
      return fmt::format("a time of whole milliseconds such as 500ms or 2s, {}", range_of(knob));
    case Value::kHex64:
      return "a number of 64 bits such as 42 or 0x2a";
  }
  return "";
}

}  // namespace

Failure set_knobs(std::span<const KnobArgument> arguments, vnet_info_values& info) {
  for (const KnobArgument& argument : arguments) {
    const Knob& knob = *argument.knob;
    const std::optional<vnet_u64> value = read_value(knob, argument.text);
    if (!value)
      return Error{fmt::format("{}: '{}' is not {}", knob.keyword, argument.text, wanted(knob))};
    if (*value > type_max(*knob.attribute))
      return Error{
          fmt::format("{}: {} is out of range ({})", knob.keyword, argument.text, range_of(knob))};
    set_number(*knob.attribute, &info, *value);
  }
  return {};
}

std::string values_of(const Knob& knob) {
  switch (knob.value) {
    case Value::kOnOff:
      return "on|off";
    case Value::kEnum: {
      std::string names;
      for (const EnumEntry& entry : knob.attribute->enumeration->entries)
        names += fmt::format("{}{}", names.empty() ? "" : "|", entry.name);
      return names;
    }
    case Value::kTimeUs:
    case Value::kTimeMs:
      return "TIME";
    case Value::kHex64:
      return "SEED";
    case Value::kCount:
      break;
  }
  return "N";
}

std::string knob_text(const Knob& knob, vnet_u64 value) {
  switch (knob.value) {
    case Value::kOnOff:
      return value ? "on" : "off";
    case Value::kEnum: {
      const EnumEntry* const entry = find_entry(*knob.attribute->enumeration, value);
      return entry ? entry->name : fmt::format("{}", value);
    }
    case Value::kTimeUs:
      return time_text(value, TimeUnit::kUs);
    case Value::kTimeMs:
      return time_text(value, TimeUnit::kMs);
    case Value::kHex64:
      return seed_text(value);
    case Value::kCount:
      break;
  }
  return fmt::format("{}", value);
}

}  // namespace vnet::cli
