// SPDX-License-Identifier: GPL-2.0-only
// What stands before (flags also behind) the object on the command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "user/result.h"

namespace vnet::cli {

using user::Error;
using user::Failure;
using user::Result;

// Which hosts are asked: both, or the one that --kernel or --user forces.
enum class HostChoice { kAny, kKernel, kUser };
enum class ColorChoice { kNever, kAuto, kAlways };

struct Options {
  bool json = false;
  bool pretty = false;
  bool statistics = false;
  bool details = false;
  bool brief = false;
  bool oneline = false;
  bool timestamp = false;
  bool force = false;
  bool version = false;
  bool help = false;
  ColorChoice color = ColorChoice::kNever;
  HostChoice host = HostChoice::kAny;
  std::string netns;  // a name of /run/netns, or a path
  std::string batch;  // a file, or "-"
};

// One option, for help and completion.
struct OptionWord {
  std::string_view name;   // without dashes; one or two stand before it
  std::string_view least;  // its shortest form, as in iproute2
  std::string_view value;  // what follows, or nothing
  std::string_view help;
};
std::span<const OptionWord> option_words();

// Takes the options out of `words`: all those before the object; behind it the flags that nothing
// else can be, so that `vnet monitor -t -j` is read, too. What is left begins with the object.
Failure take_options(std::vector<std::string>& words, Options& options);

}  // namespace vnet::cli
