// SPDX-License-Identifier: GPL-2.0-only
#include "cli/schema_words.h"

#include <vnet/control.h>

#include "cli/schema_gen.h"

namespace vnet::cli {
namespace {

const EnumType& enumeration_of(vnet_set set, vnet_u16 attribute) {
  return *attribute_set(set).attributes[attribute - 1].enumeration;
}

std::string word(const EnumType& type, vnet_u64 value) {
  for (const EnumEntry& entry : type.entries)
    if (entry.value == value) return entry.json;
  return std::to_string(value);
}

const EnumType& directions() {
  return enumeration_of(VNET_SET_DROP, VNET_A_DROP_DIRECTION);
}
const EnumType& reasons() {
  return enumeration_of(VNET_SET_DROP, VNET_A_DROP_REASON);
}

}  // namespace

vnet_u32 direction_count() {
  return static_cast<vnet_u32>(directions().entries.size());
}
vnet_u32 drop_reason_count() {
  return static_cast<vnet_u32>(reasons().entries.size());
}

std::string direction_word(vnet_u32 direction) {
  return word(directions(), direction);
}
std::string drop_reason_word(vnet_u32 reason) {
  return word(reasons(), reason);
}
std::string fault_word(vnet_u32 what) {
  return word(enumeration_of(VNET_SET_FAULT, VNET_A_FAULT_WHAT), what);
}
std::string event_word(vnet_u32 type) {
  return word(enumeration_of(VNET_SET_EVENT, VNET_A_EVENT_TYPE), type);
}

}  // namespace vnet::cli
