// SPDX-License-Identifier: GPL-2.0-only
#include "cli/schema.h"

#include <linux/netlink.h>

#include <cstring>

namespace vnet::cli {

const Attribute* attribute_at(vnet_set set, std::span<const vnet_u8> attributes, size_t offset) {
  const AttributeSet& table = attribute_set(set);
  for (size_t at = 0; at + NLA_HDRLEN <= attributes.size();) {
    nlattr header;
    std::memcpy(&header, &attributes[at], sizeof(header));
    const size_t id = header.nla_type & NLA_TYPE_MASK, end = at + header.nla_len;
    if (header.nla_len < NLA_HDRLEN || end > attributes.size()) return nullptr;
    if (offset >= at && offset < end) {
      if (id == 0 || id > table.attributes.size()) return nullptr;
      const Attribute& attribute = table.attributes[id - 1];
      const size_t inner = at + NLA_HDRLEN;
      if (offset < inner || attribute.form != Form::kNest) return &attribute;
      return attribute_at(attribute.nested, attributes.subspan(inner, end - inner), offset - inner);
    }
    at += NLA_ALIGN(size_t{header.nla_len});
  }
  return nullptr;
}

const Knob* knob_of(const Attribute& attribute) {
  for (const Knob& knob : knobs())
    if (knob.attribute == &attribute) return &knob;
  return nullptr;
}

const EnumEntry* find_entry(const EnumType& type, vnet_u64 value) {
  for (const EnumEntry& entry : type.entries)
    if (entry.value == value) return &entry;
  return nullptr;
}

vnet_u64 number_of(const Attribute& attribute, const void* values) {
  const auto* const at = static_cast<const vnet_u8*>(values) + attribute.offset;
  switch (attribute.size) {
    case sizeof(vnet_u8):
      return *at;
    case sizeof(vnet_u32): {
      vnet_u32 number;
      std::memcpy(&number, at, sizeof(number));
      return number;
    }
    default: {
      vnet_u64 number;
      std::memcpy(&number, at, sizeof(number));
      return number;
    }
  }
}

void set_number(const Attribute& attribute, void* values, vnet_u64 number) {
  auto* const at = static_cast<vnet_u8*>(values) + attribute.offset;
  const auto narrow = static_cast<vnet_u32>(number);
  if (attribute.size == sizeof(vnet_u8)) {
    *at = static_cast<vnet_u8>(number);
  } else if (attribute.size == sizeof(narrow)) {
    std::memcpy(at, &narrow, sizeof(narrow));
  } else {
    std::memcpy(at, &number, sizeof(number));
  }
  *static_cast<vnet_u64*>(values) |= 1ull << attribute.id;
}

}  // namespace vnet::cli
