// SPDX-License-Identifier: GPL-2.0-only
// `vnet diff`: where two logs first differ.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/log/verdict.h"

namespace vnet::cli {
namespace {

int run_diff(Context& context, const Arguments& arguments) {
  Result<Log> a = read_log(arguments.get("one"));
  if (!a) return context.refused(a.error());
  Result<Log> b = read_log(arguments.get("other"));
  if (!b) return context.refused(b.error());
  return print_verdict(context, *a, *b);
}

constexpr Parameter kParameters[] = {
    {.keyword = "one",
     .value = "FILE",
     .help = "a log",
     .kind = Parameter::kPositional,
     .required = true},
    {.keyword = "other",
     .value = "FILE",
     .help = "another one",
     .kind = Parameter::kPositional,
     .required = true},
};
constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "the first difference of each stream; exit status 0: none, 1: some, 2: trouble",
     .parameters = kParameters,
     .run = run_diff},
};

}  // namespace

const Object kDiffObject{"diff", "where two logs first differ", kVerbs};

}  // namespace vnet::cli
