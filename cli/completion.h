// SPDX-License-Identifier: GPL-2.0-only
// What the shells' completions (packaging/completions/) ask the command.
#pragma once

#include "cli/words.h"

namespace vnet::cli {

// Not a command for people, so not in the help.
inline constexpr std::string_view kCompleteWord = "__complete";

// `vnet __complete WORD...`: prints what the last word, which may be empty, can become, a line
// each: the word, a TAB, its help. A line that begins with the TAB says what stands there where it
// cannot be listed ("\tFILE", "\tN") and, behind another TAB, its help. Prints nothing, too, behind
// words that are wrong. Returns the exit status.
int run_completion(Words words);

}  // namespace vnet::cli
