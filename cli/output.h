// SPDX-License-Identifier: GPL-2.0-only
// What commands print: JSON by the schema's tables, and text with iproute2's colors.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/transport.h"

namespace vnet::cli {

using Json = nlohmann::ordered_json;

// The object of `values`, the set's struct: what it has, in the schema's order. Keys are the
// attributes' names with '-' replaced by '_', enum values likewise; what is on or off is a boolean;
// a seed is a string "0x" and 16 hex digits, for 64 bits do not fit a double.
Json to_json(vnet_set set, const void* values);
template <typename Values>
Json to_json(const Values& values) {
  return to_json(SetOf<Values>::kSet, &values);
}

// In one line. A name that is no UTF-8 must not end the program: what is none is replaced.
std::string json_line(const Json& json);
// The same of text that is to be UTF-8.
std::string valid_utf8(std::string_view text);

// A record of several lines, as it is printed: with -oneline they are joined by backslashes, as ip
// does.
std::string record(std::string lines, const Options& options);

// One value on stdout, most often an array of objects: in one line, or indented with -pretty.
void print_json(const Json& json, const Options& options);

enum class Paint { kNone, kDevice, kMac, kUp, kDown };
// The text, colored as `ip` does where -color wants it.
std::string painted(Paint paint, std::string_view text, const Options& options);

std::string mac_text(const vnet_u8 (&mac)[6]);
// "0x000000000000002a"
std::string seed_text(vnet_u64 seed);

}  // namespace vnet::cli
