// SPDX-License-Identifier: GPL-2.0-only
#include "core/control/encode.h"

#include "core/control/attribute.h"

namespace vnet {
namespace {

u32 text_length(const u8* text, u32 most) {
  u32 length = 0;
  while (length < most && text[length]) length++;
  return length;
}

}  // namespace

// The payload's place, its padding zero; null: it does not fit.
u8* Encoder::begin(u32 type, u32 payload) {
  if (payload > kAttributeMax - kAttributeHeader) return nullptr;
  const u32 length = kAttributeHeader + payload;
  if (attribute_aligned(length) > size_ - length_) return nullptr;
  u8* const at = out_ + length_;
  store(at, static_cast<u16>(length));
  store(at + 2, static_cast<u16>(type));
  for (u32 i = length; i < attribute_aligned(length); i++) at[i] = 0;
  length_ += attribute_aligned(length);
  return at + kAttributeHeader;
}

bool Encoder::put_bytes(u32 id, const void* bytes, u32 length) {
  u8* const at = begin(id, length);
  if (at && length) __builtin_memcpy(at, bytes, length);
  return at;
}

bool Encoder::put_string(u32 id, const void* text, u32 length) {
  if (length == kNoLimit) return false;
  u8* const at = begin(id, length + 1);
  if (!at) return false;
  if (length) __builtin_memcpy(at, text, length);
  at[length] = 0;
  return true;
}

bool Encoder::put_nest(const AttributeSet& set, u32 id, const u8* values) {
  const u32 start = length_;
  if (!begin(id | kNested, 0) || !encode(set, values)) return false;
  if (length_ - start > kAttributeMax) return false;
  store(out_ + start, static_cast<u16>(length_ - start));
  return true;
}

bool Encoder::put(const Attribute& attribute, u32 id, const u8* values) {
  const u8* const member = values + attribute.offset;
  switch (attribute.kind) {
    case Kind::kNumber:
    case Kind::kFixed:
      return put_bytes(id, member, attribute.min_length);
    case Kind::kFlag:
      return put_bytes(id, member, 0);
    case Kind::kString:
      return put_string(id, member, text_length(member, attribute.max_length));
    case Kind::kStringView: {
      const vnet_bytes text = load<vnet_bytes>(member);
      return put_string(id, text.data, text.len);
    }
    case Kind::kBytes: {
      const vnet_bytes bytes = load<vnet_bytes>(member);
      return put_bytes(id, bytes.data, bytes.len);
    }
    case Kind::kNest:
      break;
  }
  const AttributeSet& nested = attribute_set(attribute.nested);
  const u32 count = attribute.count_max ? load<u32>(values + attribute.count_offset) : 1;
  if (attribute.count_max && count > attribute.count_max) return false;
  for (u32 i = 0; i < count; i++)
    if (!put_nest(nested, id, member + i * nested.size)) return false;
  return true;
}

bool Encoder::encode(const AttributeSet& set, const void* values) {
  const u8* const bytes = static_cast<const u8*>(values);
  const u64 has = load<u64>(bytes);
  for (u32 id = 1; id <= set.count; id++)
    if (has & bit(id) && !put(set.attributes[id - 1], id, bytes)) return false;
  return true;
}

}  // namespace vnet
