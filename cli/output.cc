// SPDX-License-Identifier: GPL-2.0-only
#include "cli/output.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cli/schema.h"

namespace vnet::cli {
namespace {

constexpr int kIndent = 4;  // as `ip -p` has it

Json enum_json(const EnumType& type, vnet_u64 value) {
  if (!type.flags) {
    const EnumEntry* const entry = find_entry(type, value);
    return entry ? Json(entry->json) : Json(value);
  }
  Json set = Json::array();
  for (const EnumEntry& entry : type.entries)
    if (value & entry.value) set.push_back(entry.json);
  return set;
}

Json number_json(const Attribute& attribute, const void* values) {
  const vnet_u64 number = number_of(attribute, values);
  switch (attribute.show) {
    case Show::kOnOff:
      return number != 0;
    case Show::kEnum:
      return enum_json(*attribute.enumeration, number);
    case Show::kHex64:
      return seed_text(number);
    default:
      break;
  }
  if (attribute.is_signed) return static_cast<int>(number);
  return number;
}

// A name that is no UTF-8 must not end the program: what is none is replaced.
Json text_json(const char* text, size_t length) {
  return std::string(text, length);
}

template <typename Number>
Json array_json(const vnet_u8* bytes, size_t length) {
  Json numbers = Json::array();
  for (size_t at = 0; at + sizeof(Number) <= length; at += sizeof(Number)) {
    Number number;
    std::memcpy(&number, bytes + at, sizeof(number));
    numbers.push_back(number);
  }
  return numbers;
}

Json bytes_json(const Attribute& attribute, const vnet_u8* bytes, size_t length) {
  if (attribute.show == Show::kU32Array) return array_json<vnet_u32>(bytes, length);
  if (attribute.show == Show::kU64Array) return array_json<vnet_u64>(bytes, length);
  std::string hex;
  for (size_t i = 0; i < length; i++)
    hex += fmt::format("{}{:02x}", i > 0 && attribute.show == Show::kMac ? ":" : "", bytes[i]);
  return hex;
}

Json attribute_json(const Attribute& attribute, const void* values) {
  const auto* const at = static_cast<const vnet_u8*>(values) + attribute.offset;
  const auto* const text = reinterpret_cast<const char*>(at);
  const auto view = [&] {
    vnet_bytes bytes;
    std::memcpy(&bytes, at, sizeof(bytes));
    return bytes;
  };
  switch (attribute.form) {
    case Form::kNumber:
      return number_json(attribute, values);
    case Form::kFlag:
      return true;
    case Form::kText:
      return text_json(text, strnlen(text, attribute.size));
    case Form::kString:
      return text_json(static_cast<const char*>(view().data), view().len);
    case Form::kFixed:
      return bytes_json(attribute, at, attribute.size);
    case Form::kBytes:
      return bytes_json(attribute, static_cast<const vnet_u8*>(view().data), view().len);
    case Form::kNest:
      break;
  }
  if (attribute.count_max == 0) return to_json(attribute.nested, at);
  Json array = Json::array();
  vnet_u32 count;
  std::memcpy(&count, static_cast<const vnet_u8*>(values) + attribute.count_offset, sizeof(count));
  for (vnet_u32 i = 0; i < count; i++)
    array.push_back(to_json(attribute.nested, at + i * attribute.size));
  return array;
}

const char* code_of(Paint paint, bool dark) {
  // iproute2's lib/color.c, for light and for dark backgrounds.
  switch (paint) {
    case Paint::kDevice:
      return dark ? "\033[1;36m" : "\033[36m";
    case Paint::kMac:
      return dark ? "\033[1;33m" : "\033[33m";
    case Paint::kUp:
      return dark ? "\033[1;32m" : "\033[32m";
    case Paint::kDown:
      return dark ? "\033[1;31m" : "\033[31m";
    case Paint::kNone:
      break;
  }
  return "";
}

// COLORFGBG is "foreground;background" in the 16 colors; 0 to 6 and 8 are dark.
bool dark_background() {
  const char* const colors = std::getenv("COLORFGBG");
  const char* const background = colors ? std::strrchr(colors, ';') : nullptr;
  if (!background || background[1] == '\0' || background[2] != '\0') return false;
  return (background[1] >= '0' && background[1] <= '6') || background[1] == '8';
}

}  // namespace

Json to_json(vnet_set set, const void* values) {
  Json object = Json::object();
  for (const Attribute& attribute : attribute_set(set).attributes)
    if (has_attribute(values, attribute.id))
      object[attribute.json] = attribute_json(attribute, values);
  return object;
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string valid_utf8(std::string_view text) {
  return Json::parse(json_line(text)).get<std::string>();
}

std::string record(std::string lines, const Options& options) {
  if (options.oneline && !lines.empty()) std::replace(lines.begin(), lines.end() - 1, '\n', '\\');
  return lines;
}

void print_json(const Json& json, const Options& options) {
  const std::string text =
      json.dump(options.pretty ? kIndent : -1, ' ', false, Json::error_handler_t::replace);
  fmt::print("{}\n", text);
}

std::string painted(Paint paint, std::string_view text, const Options& options) {
  const bool wanted = options.color == ColorChoice::kAlways ||
                      (options.color == ColorChoice::kAuto && isatty(STDOUT_FILENO));
  if (!wanted || paint == Paint::kNone) return std::string(text);
  return fmt::format("{}{}\033[0m", code_of(paint, dark_background()), text);
}

std::string mac_text(const vnet_u8 (&mac)[6]) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3],
                     mac[4], mac[5]);
}

std::string seed_text(vnet_u64 seed) {
  return fmt::format("{:#018x}", seed);
}

}  // namespace vnet::cli
