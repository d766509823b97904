// SPDX-License-Identifier: GPL-2.0-only
// `vnet seed`: what a link's chance is drawn from.
#include <fmt/core.h>

#include "cli/show.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr Parameter kShowParameters[] = {
    {"dev", "DEV", "either end of the link", Parameter::kPositional, true},
};
constexpr Parameter kSetParameters[] = {
    {"dev", "DEV", "either end of the link", Parameter::kPositional, true},
    {"seed", "SEED", "a number of 64 bits such as 42 or 0x2a; without it one is drawn",
     Parameter::kPositional},
};

int ask_and_print(Context& context, vnet_u8 command, const std::string& name,
                  vnet_seed_values which) {
  which.has |= 1ull << VNET_A_SEED_IFNAME;
  if (!set_name(which.ifname, name)) return context.refused(no_such_device(name));
  Json array = Json::array();
  std::string text;
  const auto ask = [&](Transport& host) {
    return host.request(command, which, [&](const Reply& reply) {
      vnet_seed_values seed;
      if (!reply.decode(seed)) return;
      array.push_back(with_host(to_json(seed), host.host(), context.options));
      text += fmt::format("{}: seed {}\n", painted(Paint::kDevice, seed.ifname, context.options),
                          seed_text(seed.seed));
    });
  };
  if (Failure failure = ask_hosts(name, context.options, ask)) return context.refused(*failure);
  if (context.options.json) {
    print_json(array, context.options);
  } else {
    fmt::print("{}", text);
  }
  return kOk;
}

int show(Context& context, const Arguments& arguments) {
  return ask_and_print(context, VNET_CMD_SEED_GET, arguments.get("dev"), {});
}

int set(Context& context, const Arguments& arguments) {
  vnet_seed_values which{};
  if (arguments.has("seed")) {
    const std::optional<vnet_u64> seed = parse_hex64(arguments.get("seed"));
    if (!seed)
      return context.syntax(Error{fmt::format(
          "seed set: '{}' is not a number of 64 bits such as 42 or 0x2a", arguments.get("seed"))});
    which.has = 1ull << VNET_A_SEED_SEED;
    which.seed = *seed;
  }
  return ask_and_print(context, VNET_CMD_SEED_SET, arguments.get("dev"), which);
}

constexpr Verb kVerbs[] = {
    {"show|list|lst", "shows the seed of a link", kShowParameters, show},
    {"set", "gives the link another seed, and shows it", kSetParameters, set},
};

}  // namespace

const Object kSeedObject{"seed", "what a link's chance is drawn from", kVerbs};

}  // namespace vnet::cli
