// SPDX-License-Identifier: GPL-2.0-only
// Walks over the schema's tables (schema_gen.h).
#pragma once

#include <span>
#include <string>

#include "cli/schema_gen.h"

namespace vnet::cli {

// The innermost attribute whose header is at `offset`, in bytes from the first of `attributes`,
// which are encoded for `set`; null if there is none.
const Attribute* attribute_at(vnet_set set, std::span<const vnet_u8> attributes, size_t offset);

// The knob that sets an attribute; null if none does.
const Knob* knob_of(const Attribute& attribute);

// The entry of a value; null if it has none.
const EnumEntry* find_entry(const EnumType& type, vnet_u64 value);

// An integer attribute of a set's struct.
vnet_u64 number_of(const Attribute& attribute, const void* values);
void set_number(const Attribute& attribute, void* values, vnet_u64 number);

// Whether the struct of a set, which begins with `has`, has an attribute.
inline bool has_attribute(const void* values, vnet_u16 id) {
  return *static_cast<const vnet_u64*>(values) >> id & 1;
}

}  // namespace vnet::cli
