// SPDX-License-Identifier: GPL-2.0-only
// include/vnet/control.h: requests, replies and attribute sets by themselves.
#include <vnet/control.h>

#include "core/control/decode.h"
#include "core/control/encode.h"
#include "core/params.h"

namespace {

constexpr char kNoCommand[] = "vnet has no such command";
constexpr char kNoDump[] = "this command is of one device or link: it has no dump";

constexpr vnet::Takes kAll{~0ull, nullptr};

}  // namespace

extern "C" {

int vnet_core_request_decode(vnet_u32 command, int dump, const void* attributes, vnet_u32 length,
                             void* values, vnet_control_error* error) {
  const bool known = command >= 1 && command <= VNET_CMD_MAX;
  // Events are messages, too, but nobody can ask for one.
  if (!known || !vnet::command_schema(command).one.exists) {
    *error = {kNoCommand, 0};
    return vnet::kNotSupported;
  }
  const vnet::Command& asked = vnet::command_schema(command);
  const vnet::Request& request = dump ? asked.dump : asked.one;
  if (!request.exists) {
    *error = {kNoDump, 0};
    return vnet::kNotSupported;
  }
  vnet::Decoder decoder(vnet::Decoder::Rules::kRequest, request.takes);
  const int status = decoder.decode(asked.set, attributes, length, values);
  *error = decoder.error();
  return status;
}

int vnet_core_set_decode(vnet_set set, const void* attributes, vnet_u32 length, void* values,
                         vnet_control_error* error) {
  vnet::Decoder decoder(vnet::Decoder::Rules::kRequest, kAll);
  const int status = decoder.decode(set, attributes, length, values);
  *error = decoder.error();
  return status;
}

int vnet_core_reply_decode(vnet_set set, const void* attributes, vnet_u32 length, void* values) {
  vnet::Decoder decoder(vnet::Decoder::Rules::kReply, kAll);
  return decoder.decode(set, attributes, length, values);
}

int vnet_core_encode(vnet_set set, const void* values, void* out, vnet_u32 size) {
  vnet::Encoder encoder(out, size);
  if (!encoder.encode(vnet::attribute_set(set), values)) return vnet::kMessageSize;
  return static_cast<int>(encoder.length());
}

}  // extern "C"
