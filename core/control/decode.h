// SPDX-License-Identifier: GPL-2.0-only
// Attributes to the struct of their set, by the tables of schema.h.
#pragma once

#include <vnet/control.h>

#include "core/control/schema.h"

namespace vnet {

class Decoder {
 public:
  enum class Rules {
    kRequest,  // whatever is not as the schema says is an error
    kReply,    // what is unknown is left out, and any number is right: a newer vnet may say more
  };

  // `takes`: of the outermost attributes.
  Decoder(Rules rules, const Takes& takes) : strict_(rules == Rules::kRequest), takes_(takes) {}

  // 0, or kInvalid: then error() says why.
  int decode(vnet_set set, const void* attributes, u32 length, void* values);
  const vnet_control_error& error() const { return error_; }

 private:
  int decode_set(const AttributeSet& set, const Takes& takes, const u8* at, u32 length, u8* values);
  int decode_one(const AttributeSet& set, const Takes& takes, const u8* at, u32 length, u8* values);
  int take(const Attribute& attribute, u32 id, const u8* at, u32 length, u8* values);
  int take_payload(const Attribute& attribute, const u8* at, u32 length, u8* member);
  int take_number(const Attribute& attribute, const u8* at, u8* member);
  int take_string(const Attribute& attribute, const u8* at, u32 length, u8* member);
  int fail(const u8* at, const char* text);

  const bool strict_;
  const Takes takes_;
  const u8* start_ = nullptr;
  vnet_control_error error_{};
};

}  // namespace vnet
