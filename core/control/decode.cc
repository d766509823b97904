// SPDX-License-Identifier: GPL-2.0-only
#include "core/control/decode.h"

#include "core/control/attribute.h"
#include "core/params.h"

namespace vnet {
namespace {

constexpr char kCutOff[] = "attributes: the length of one is below 4 or beyond the message's end";
constexpr char kTrailing[] = "attributes: up to 3 bytes stand behind the last one";
constexpr char kNetworkOrder[] = "attributes: values are in the machine's byte order only";

bool has_nul(const u8* bytes, u32 length) {
  for (u32 i = 0; i < length; i++)
    if (!bytes[i]) return true;
  return false;
}

// A struct ifinfomsg and attributes may be marked as a nest; the marker says nothing of a nest.
bool may_be_nested(Kind kind) {
  return kind == Kind::kNest || kind == Kind::kBytes;
}

}  // namespace

int Decoder::fail(const u8* at, const char* text) {
  error_ = {text, static_cast<u32>(at - start_)};
  return kInvalid;
}

int Decoder::decode(vnet_set set, const void* attributes, u32 length, void* values) {
  start_ = static_cast<const u8*>(attributes);
  return decode_set(attribute_set(set), takes_, start_, length, static_cast<u8*>(values));
}

// The last attribute may stand without its padding, as for the kernel's nla_next().
int Decoder::decode_set(const AttributeSet& set, const Takes& takes, const u8* at, u32 length,
                        u8* values) {
  __builtin_memset(values, 0, set.size);
  while (length >= kAttributeHeader) {
    const u32 taken = load<u16>(at);
    if (taken < kAttributeHeader || taken > length) return fail(at, kCutOff);
    if (const int error = decode_one(set, takes, at, taken, values)) return error;
    const u32 aligned = attribute_aligned(taken);
    const u32 step = aligned < length ? aligned : length;
    at += step;
    length -= step;
  }
  return length ? fail(at, kTrailing) : 0;
}

// `length` is the attribute's own: header and payload.
int Decoder::decode_one(const AttributeSet& set, const Takes& takes, const u8* at, u32 length,
                        u8* values) {
  const u32 type = load<u16>(at + 2);
  const u32 id = type & kTypeMask;
  if (id == 0 || id > set.count) return strict_ ? fail(at, set.unknown_error) : 0;
  const Attribute& attribute = set.attributes[id - 1];
  if (strict_) {
    if (!(takes.attributes & bit(id))) return fail(at, takes.error);
    if (type & kByteOrder) return fail(at, kNetworkOrder);
    if (type & kNested && !may_be_nested(attribute.kind)) return fail(at, attribute.form_error);
  }
  return take(attribute, id, at, length, values);
}

// Of two where one may stand a reply's last one counts, as with netlink's clients.
int Decoder::take(const Attribute& attribute, u32 id, const u8* at, u32 length, u8* values) {
  const u64 has = load<u64>(values);
  u8* member = values + attribute.offset;
  if (attribute.count_max) {
    u8* const count = values + attribute.count_offset;
    const u32 number = load<u32>(count);
    if (number == attribute.count_max) return strict_ ? fail(at, attribute.count_error) : 0;
    member += number * attribute_set(attribute.nested).size;
    store(count, number + 1);
  } else if (strict_ && has & bit(id)) {
    return fail(at, attribute.count_error);
  }
  store(values, has | bit(id));
  return take_payload(attribute, at, length, member);
}

int Decoder::take_payload(const Attribute& attribute, const u8* at, u32 length, u8* member) {
  const u8* const payload = at + kAttributeHeader;
  const u32 size = length - kAttributeHeader;
  if (attribute.kind == Kind::kNest) {
    const AttributeSet& nested = attribute_set(attribute.nested);
    return decode_set(nested, nested.nested, payload, size, member);
  }
  if (attribute.kind == Kind::kString || attribute.kind == Kind::kStringView)
    return take_string(attribute, at, size, member);
  if (size < attribute.min_length || size > attribute.max_length)
    return fail(at, attribute.form_error);
  if (attribute.kind == Kind::kNumber) return take_number(attribute, at, member);
  if (attribute.kind == Kind::kFlag)
    *member = 1;
  else if (attribute.kind == Kind::kFixed)
    __builtin_memcpy(member, payload, size);
  else
    store(member, vnet_bytes{payload, size});
  return 0;
}

int Decoder::take_number(const Attribute& attribute, const u8* at, u8* member) {
  const u8* const payload = at + kAttributeHeader;
  const u64 value = attribute.min_length == 1   ? *payload
                    : attribute.min_length == 4 ? load<u32>(payload)
                                                : load<u64>(payload);
  if (strict_ && (value < attribute.min || value > attribute.max))
    return fail(at, attribute.range_error);
  __builtin_memcpy(member, payload, attribute.min_length);
  return 0;
}

// With or without the NUL at its end, and none before.
int Decoder::take_string(const Attribute& attribute, const u8* at, u32 length, u8* member) {
  const u8* const payload = at + kAttributeHeader;
  if (length && !payload[length - 1]) length--;
  if (length < attribute.min_length || length > attribute.max_length || has_nul(payload, length))
    return fail(at, attribute.form_error);
  if (attribute.kind == Kind::kStringView) {
    store(member, vnet_bytes{payload, length});
    return 0;
  }
  __builtin_memcpy(member, payload, length);
  member[length] = 0;
  return 0;
}

}  // namespace vnet
