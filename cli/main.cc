// SPDX-License-Identifier: GPL-2.0-only
// vnet: the command.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_down.h"
#include "cli/command_up.h"
#include "cli/exit_codes.h"
#include "cli/values.h"

namespace {

using namespace vnet::cli;

constexpr char kUsageText[] =
    "Usage: vnet COMMAND [OPTIONS]\n"
    "       vnet up (--snull | --pair A B) [--detach] [--mtu N] [--pad on|off] [--lockup N]\n"
    "               [--timeout TIME] [--ring N]\n"
    "       vnet down [NAME]\n"
    "       vnet --help, vnet COMMAND --help\n";

// The texts of `vnet up`; read into a request once all of them are known.
struct UpTexts {
  bool snull = false;
  bool detach = false;
  std::vector<std::string> pair;
  std::string mtu, pad, lockup, timeout, ring;
};

template <typename T>
bool read_value(const char* option, const std::string& text,
                std::optional<T> (*parse)(const std::string&), const char* wanted, T& value) {
  if (text.empty()) return false;
  const std::optional<T> parsed = parse(text);
  if (!parsed) throw CLI::ValidationError(option, fmt::format("'{}' is not {}", text, wanted));
  value = *parsed;
  return true;
}

UpRequest read_request(const UpTexts& texts) {
  if (texts.snull != texts.pair.empty())
    throw CLI::ValidationError(
        "up", texts.snull ? "--snull excludes --pair" : "needs --snull or --pair A B");
  UpRequest request;
  request.detach = texts.detach;
  auto& options = request.options;
  options.snull = texts.snull;
  if (texts.snull) {
    options.names = {"snull0", "snull1"};
  } else {
    options.names = {texts.pair[0], texts.pair[1]};
  }
  read_value("--mtu", texts.mtu, parse_number, "a number", options.mtu);
  vnet_info_values& info = options.infos[0];
  bool pad = false;
  if (read_value("--pad", texts.pad, parse_on_off, "'on' or 'off'", pad)) {
    info.pad = pad;
    info.has |= 1ull << VNET_INFO_PAD;
  }
  if (read_value("--lockup", texts.lockup, parse_number, "a number", info.lockup))
    info.has |= 1ull << VNET_INFO_LOCKUP;
  if (read_value("--timeout", texts.timeout, parse_time_ms, "a time such as 500ms or 2s",
                 info.timeout))
    info.has |= 1ull << VNET_INFO_TIMEOUT;
  if (read_value("--ring", texts.ring, parse_number, "a number", info.rx_ring))
    info.has |= 1ull << VNET_INFO_RX_RING;
  options.infos[1] = info;
  return request;
}

CLI::App* add_up(CLI::App& app, UpTexts& texts) {
  CLI::App* up = app.add_subcommand("up", "create a pair of devices and drive it");
  up->add_flag("--snull", texts.snull,
               "the pair snull0, snull1: each translates the third IPv4 octet of what it sends");
  up->add_option("--pair", texts.pair, "a plain pair of devices with these names")
      ->expected(2)
      ->type_name("A B");
  up->add_flag("--detach", texts.detach, "go on in the background once both devices exist");
  up->add_option("--mtu", texts.mtu, "MTU of both devices, 68 to 65521 (1500)")->type_name("N");
  up->add_option("--pad", texts.pad, "pad sent frames to 60 bytes (snull: on, pair: off)")
      ->type_name("on|off");
  up->add_option("--lockup", texts.lockup, "lose every N-th transmit interrupt (0: none)")
      ->type_name("N");
  up->add_option("--timeout", texts.timeout, "transmit watchdog, 10ms to 600s (1s)")
      ->type_name("TIME");
  up->add_option("--ring", texts.ring, "frames in each direction's ring, 64 to 32768 (256)")
      ->type_name("N");
  return up;
}

bool is_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands({}))
    if (command->check_name(name)) return true;
  return false;
}

int run(int argc, char** argv) {
  CLI::App app("vnet: virtual network devices", "vnet");
  UpTexts texts;
  std::string down_name;
  CLI::App* const up = add_up(app, texts);
  CLI::App* const down = app.add_subcommand("down", "end a running pair, or all of them");
  down->add_option("NAME", down_name, "the pair's first device, or either of its devices");

  const bool known = argc > 1 && (argv[1][0] == '-' || is_command(app, argv[1]));
  if (!known) {
    if (argc > 1) fmt::print(stderr, "vnet: unknown command '{}'\n", argv[1]);
    fmt::print(stderr, "{}", kUsageText);
    return kUsage;
  }
  try {
    app.parse(argc, argv);
    if (up->parsed()) return command_up(read_request(texts));
    if (down->parsed()) return command_down(down_name);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::Error& error) {
    fmt::print(stderr, "vnet: {}\n", error.what());
    return kSyntax;
  }
  fmt::print(stderr, "{}", kUsageText);
  return kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // out of memory, and the like
    fmt::print(stderr, "vnet: {}\n", error.what());
    return kRefused;
  }
}
