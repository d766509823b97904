// SPDX-License-Identifier: GPL-2.0-only
// Control messages as a program writes them that does not use our encoder: valid, random, or wrong
// in one thing. What is valid is taken from the tables made from the schema.
#pragma once

#include <vnet/control.h>

#include <random>
#include <string>
#include <vector>

#include "core/control/schema.h"

namespace vnet::reference {

using Payload = std::vector<u8>;

inline constexpr u16 kNestedFlag = 0x8000;     // NLA_F_NESTED
inline constexpr u16 kByteOrderFlag = 0x4000;  // NLA_F_NET_BYTEORDER

// Attributes one behind the other, each padded to 4 bytes.
class Message {
 public:
  // Returns where its header begins.
  u32 put(u32 type, const Payload& payload);
  u32 put_nest(u32 type, const Message& inner) { return put(type | kNestedFlag, inner.bytes_); }
  const Payload& bytes() const { return bytes_; }
  u32 length() const { return static_cast<u32>(bytes_.size()); }

 private:
  Payload bytes_;
};

// Every attribute of every set, by number and with its name.
struct Named {
  vnet_set set;
  u32 id;
  std::string name;  // as in the schema
  const Attribute* schema;
};
std::vector<Named> all_attributes();

Payload number(u64 value, u32 width);
// The smallest payload that is right.
Payload smallest(const Attribute& attribute);
// Any that is right. A nest's holds what its set has, each attribute with even odds.
Payload random_payload(const Attribute& attribute, std::mt19937_64& random);
Message random_message(vnet_set set, u64 takes, std::mt19937_64& random);

// Memory for the values of any set.
struct AnyValues {
  AnyValues();
  void* get() { return memory.data(); }
  template <class T>
  const T& as() const {
    return *reinterpret_cast<const T*>(memory.data());
  }
  std::vector<u64> memory;
};

}  // namespace vnet::reference
