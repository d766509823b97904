// SPDX-License-Identifier: GPL-2.0-only
#include "cli/commands/ends.h"

#include <fmt/core.h>

#include "cli/knobs.h"

namespace vnet::cli {

Result<vnet_u32> read_u32(std::string_view what, const std::string& text) {
  const std::optional<vnet_u64> value = parse_count(text);
  if (!value) return Error{fmt::format("{}: '{}' is not a number", what, text)};
  if (*value > 0xffffffffu)
    return Error{fmt::format("{}: {} is out of range (0 to 4294967295)", what, text)};
  return static_cast<vnet_u32>(*value);
}

Failure read_end(const EndArguments& arguments, NewEnd& end) {
  end.name = arguments.get("name");
  end.netns = arguments.get("netns");
  if (arguments.has("mac")) {
    end.mac = parse_mac(arguments.get("mac"));
    if (!end.mac)
      return Error{fmt::format("mac: '{}' is not a hardware address such as 02:00:00:00:00:01",
                               arguments.get("mac"))};
  }
  if (arguments.has("mtu")) {
    Result<vnet_u32> mtu = read_u32("mtu", arguments.get("mtu"));
    if (!mtu) return mtu.error();
    end.mtu = *mtu;
  }
  return set_knobs(arguments.knobs, end.info);
}

}  // namespace vnet::cli
