// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/control_message.h"

#include <algorithm>

#include "cli/schema_gen.h"

namespace vnet::reference {

u32 Message::put(u32 type, const Payload& payload) {
  const u32 start = length();
  const auto size = static_cast<u32>(4 + payload.size());
  for (const u32 half : {size, type})
    for (const u32 shift : {0u, 8u}) bytes_.push_back(static_cast<u8>(half >> shift));
  bytes_.insert(bytes_.end(), payload.begin(), payload.end());
  bytes_.resize((bytes_.size() + 3) & ~size_t{3});
  return start;
}

std::vector<Named> all_attributes() {
  std::vector<Named> all;
  for (u32 set = 0; set < VNET_SET_COUNT; set++) {
    const auto which = static_cast<vnet_set>(set);
    for (u32 id = 1; id <= attribute_set(which).count; id++)
      all.push_back({which, id, cli::attribute_set(which).attributes[id - 1].name,
                     &attribute_set(which).attributes[id - 1]});
  }
  return all;
}

Payload number(u64 value, u32 width) {
  Payload payload(width);
  for (u32 i = 0; i < width; i++) payload[i] = static_cast<u8>(value >> (8 * i));
  return payload;
}

namespace {

u64 between(u64 low, u64 high, std::mt19937_64& random) {
  return std::uniform_int_distribution<u64>(low, high)(random);
}

Payload text(u32 length) {
  Payload payload(length, 'x');
  payload.push_back(0);
  return payload;
}

bool is_text(const Attribute& attribute) {
  return attribute.kind == Kind::kString || attribute.kind == Kind::kStringView;
}

}  // namespace

Payload smallest(const Attribute& attribute) {
  if (attribute.kind == Kind::kNumber) return number(attribute.min, attribute.min_length);
  return is_text(attribute) ? text(attribute.min_length) : Payload(attribute.min_length);
}

Payload random_payload(const Attribute& attribute, std::mt19937_64& random) {
  if (attribute.kind == Kind::kNest)
    return random_message(attribute.nested, attribute_set(attribute.nested).nested.attributes,
                          random)
        .bytes();
  if (attribute.kind == Kind::kNumber)
    return number(between(attribute.min, attribute.max, random), attribute.min_length);
  const u32 longest = std::min(attribute.max_length, attribute.min_length + 40);
  const u32 length = static_cast<u32>(between(attribute.min_length, longest, random));
  Payload payload(length);
  const u8 lowest = is_text(attribute) ? 1 : 0;
  for (u8& byte : payload) byte = static_cast<u8>(between(lowest, 255, random));
  if (is_text(attribute)) payload.push_back(0);
  return payload;
}

Message random_message(vnet_set set, u64 takes, std::mt19937_64& random) {
  Message message;
  for (u32 id = 1; id <= attribute_set(set).count; id++) {
    const Attribute& attribute = attribute_set(set).attributes[id - 1];
    if (!(takes & bit(id)) || between(0, 1, random)) continue;
    const u64 count = attribute.count_max ? between(1, attribute.count_max, random) : 1;
    const u32 flag = attribute.kind == Kind::kNest ? kNestedFlag : 0;
    for (u64 i = 0; i < count; i++) message.put(id | flag, random_payload(attribute, random));
  }
  return message;
}

AnyValues::AnyValues() {
  u32 size = 0;
  for (u32 set = 0; set < VNET_SET_COUNT; set++)
    size = std::max(size, attribute_set(static_cast<vnet_set>(set)).size);
  memory.resize(size / sizeof(u64) + 1, 0xa5a5a5a5a5a5a5a5);
}

}  // namespace vnet::reference
