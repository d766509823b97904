// SPDX-License-Identifier: GPL-2.0-only
// The struct of an attribute set to attributes, by the tables of schema.h.
#pragma once

#include "core/control/schema.h"

namespace vnet {

class Encoder {
 public:
  Encoder(void* out, u32 size) : out_(static_cast<u8*>(out)), size_(size) {}

  // False: it did not fit.
  bool encode(const AttributeSet& set, const void* values);
  u32 length() const { return length_; }

 private:
  bool put(const Attribute& attribute, u32 id, const u8* values);
  bool put_nest(const AttributeSet& set, u32 id, const u8* values);
  bool put_string(u32 id, const void* text, u32 length);
  bool put_bytes(u32 id, const void* bytes, u32 length);
  u8* begin(u32 type, u32 payload);

  u8* const out_;
  const u32 size_;
  u32 length_ = 0;
};

}  // namespace vnet
