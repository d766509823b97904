// SPDX-License-Identifier: GPL-2.0-only
// The input as the attributes of every command's request, for one and for all, of every attribute
// set by itself and of every reply. What is refused says why and where; what is taken comes out of
// the encoder as bytes that decode and encode to the same again.
#include <vnet/control.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

#include "core/control/schema.h"

namespace {

using vnet::u32;
using vnet::u64;
using vnet::u8;
using Bytes = std::vector<u8>;
using Decode = std::function<int(const Bytes&, void* values)>;

constexpr int kMessageSize = -90;  // EMSGSIZE

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Memory of just the set's size, so that the sanitizer sees who writes beyond.
std::unique_ptr<u64[]> values_of(vnet_set set) {
  const u32 size = vnet::attribute_set(set).size;
  require(size % sizeof(u64) == 0, "a struct of values is a number of 64-bit words");
  return std::unique_ptr<u64[]>(new u64[size / sizeof(u64)]);
}

Bytes encoded(vnet_set set, const void* values, size_t decoded_from) {
  // An empty string is 4 bytes without its NUL and 8 with it and its padding.
  Bytes out(2 * decoded_from + 4);
  const int length = vnet_core_encode(set, values, out.data(), static_cast<u32>(out.size()));
  require(length >= 0, "what was decoded can be encoded");
  out.resize(static_cast<size_t>(length));
  Bytes exact(out.size());
  require(vnet_core_encode(set, values, exact.data(), static_cast<u32>(length)) == length,
          "it fits exactly");
  if (length)
    require(
        vnet_core_encode(set, values, exact.data(), static_cast<u32>(length) - 1) == kMessageSize,
        "in one byte less it does not fit");
  return out;
}

void check(vnet_set set, const Bytes& input, const Decode& decode) {
  const auto first = values_of(set), second = values_of(set);
  if (decode(input, first.get())) return;
  const Bytes once = encoded(set, first.get(), input.size());
  require(decode(once, second.get()) == 0, "what was encoded can be decoded");
  require(encoded(set, second.get(), once.size()) == once, "it is encoded to the same");
}

// The decoder's status; a refusal has a text and a place in the message.
int explained(int status, const vnet_control_error& error, const Bytes& input) {
  require((status != 0) == (error.text != nullptr), "a refusal, and nothing else, says why");
  require(error.offset <= input.size(), "the place of an error is in the message");
  return status;
}

void check_request(u32 command, bool dump, const Bytes& input) {
  check(vnet::command_schema(command).set, input, [&](const Bytes& bytes, void* values) {
    vnet_control_error error{};
    const int status = vnet_core_request_decode(command, dump, bytes.data(),
                                                static_cast<u32>(bytes.size()), values, &error);
    return explained(status, error, bytes);
  });
}

void check_set(vnet_set set, const Bytes& input) {
  check(set, input, [&](const Bytes& bytes, void* values) {
    vnet_control_error error{};
    const int status =
        vnet_core_set_decode(set, bytes.data(), static_cast<u32>(bytes.size()), values, &error);
    if (!status)
      require(
          vnet_core_reply_decode(set, bytes.data(), static_cast<u32>(bytes.size()), values) == 0,
          "what is right in a request is right in a reply");
    return explained(status, error, bytes);
  });
  check(set, input, [&](const Bytes& bytes, void* values) {
    return vnet_core_reply_decode(set, bytes.data(), static_cast<u32>(bytes.size()), values);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
  const Bytes input(data, data + size);
  for (u32 command = 1; command <= VNET_CMD_MAX; command++)
    for (const bool dump : {false, true}) check_request(command, dump, input);
  for (u32 set = 0; set < VNET_SET_COUNT; set++) check_set(static_cast<vnet_set>(set), input);
  return 0;
}
