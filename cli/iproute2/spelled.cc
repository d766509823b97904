// SPDX-License-Identifier: GPL-2.0-only
#include "cli/iproute2/spelled.h"

#include "cli/values.h"

namespace {

std::optional<vnet_u64> value_of(word_value kind, const std::string& text) {
  using namespace vnet::cli;
  switch (kind) {
    case WORD_ON_OFF:
      return parse_on_off(text);
    case WORD_COUNT:
      return parse_count(text);
    case WORD_TIME_US:
      return parse_time(text, TimeUnit::kUs);
    case WORD_TIME_MS:
      return parse_time(text, TimeUnit::kMs);
    case WORD_HEX64:
      return parse_hex64(text);
    case WORD_ENUM:
      break;
  }
  return {};
}

}  // namespace

int spelled_value(word_value kind, const char* text, __u64* value) {
  const std::optional<vnet_u64> found = value_of(kind, text);
  if (found) *value = *found;
  return found.has_value();
}
