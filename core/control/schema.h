// SPDX-License-Identifier: GPL-2.0-only
// The tables that the codec walks; schema_gen.cc has them, made from spec/vnet.yaml.
#pragma once

#include <vnet/control_gen.h>

#include "core/base/types.h"

namespace vnet {

// How struct vnet_<set>_values holds an attribute.
enum class Kind : u8 {
  kNumber,      // an integer of min_length bytes
  kFlag,        // vnet_u8, 1
  kString,      // char[max_length + 1], NUL-terminated
  kStringView,  // vnet_bytes
  kFixed,       // vnet_u8[min_length]
  kBytes,       // vnet_bytes
  kNest,        // the struct of the set `nested`
};

inline constexpr u32 kNoLimit = 0xffffffff;

// Attribute ID stands at [ID - 1]. The texts are static, as extack wants them.
struct Attribute {
  Kind kind;
  vnet_set nested;             // of a nest
  u32 offset;                  // of the member
  u32 count_offset;            // of the vnet_u32 beside it, if it may stand several times
  u32 count_max;               // 0: it stands once
  u32 min_length, max_length;  // of the payload in bytes; of a string without its NUL
  u64 min, max;                // of a number
  const char* range_error;     // null: no number is out of range
  const char* form_error;      // wrong length, or nested where it is not
  const char* count_error;     // it stands too often
};

// Which attributes of a set may stand in a place, as bits, and what is said of the others.
struct Takes {
  u64 attributes;
  const char* error;
};

struct AttributeSet {
  const Attribute* attributes;
  u32 count;
  u32 size;  // of the struct
  const char* unknown_error;
  Takes nested;  // where the set is a nest
};

constexpr u64 bit(u32 id) {
  return 1ull << id;
}

// A command as a request for one, or for all (a dump).
struct Request {
  bool exists;
  Takes takes;
};

struct Command {
  vnet_set set;
  Request one, dump;
};

const AttributeSet& attribute_set(vnet_set set);
const Command& command_schema(u32 command);  // VNET_CMD_*

}  // namespace vnet
