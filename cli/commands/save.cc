// SPDX-License-Identifier: GPL-2.0-only
// `vnet save` and `vnet apply`: the state of all links as a file, and back.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/output_file.h"
#include "cli/scenario/apply.h"
#include "cli/scenario/read.h"

namespace vnet::cli {
namespace {

constexpr Parameter kSaveParameters[] = {
    {"-w|--write", "FILE", "writes it there instead of to stdout"},
};
constexpr Parameter kApplyParameters[] = {
    {"file", "FILE", "what `vnet save` wrote; docs/scenarios.md has its form",
     Parameter::kPositional, true},
    {"--dry-run", "", "prints the commands that do the same, and does nothing"},
};

int save(Context& context, const Arguments& arguments) {
  const Result<State> state = collect_state();
  if (!state) return context.refused(state.error());
  const std::string text = state_text(*state);
  const std::string& file = arguments.get("-w");
  if (file.empty() || file == "-") {
    fmt::print("{}", text);
    return kOk;
  }
  const Failure failure = replace_file(file, text);
  return failure ? context.refused(*failure) : kOk;
}

int apply(Context& context, const Arguments& arguments) {
  const Result<Scenario> wanted = read_scenario(arguments.get("file"), FileUse::kState);
  if (!wanted)
    return wanted.error().code ? context.refused(wanted.error()) : context.syntax(wanted.error());
  const Result<State> present = collect_state();
  if (!present) return context.refused(present.error());
  const Result<std::vector<StateChange>> changes = changes_to(*wanted, *present);
  if (!changes) return context.refused(changes.error());
  for (const StateChange& change : *changes) {
    fmt::print("{}\n", change.line());
    if (arguments.has("--dry-run")) continue;
    if (Failure failure = do_change(change)) return context.refused(*failure);
  }
  if ((*changes).empty()) fmt::print("nothing to change\n");
  return kOk;
}

constexpr Verb kSaveVerbs[] = {
    {"", "prints the state of all links, for apply", kSaveParameters, save},
};
constexpr Verb kApplyVerbs[] = {
    {"", "brings the links to the state of a file; what is so already is left alone",
     kApplyParameters, apply},
};

}  // namespace

const Object kSaveObject{"save", "the state of all links as a file", kSaveVerbs};
const Object kApplyObject{"apply", "brings links to the state of a file", kApplyVerbs};

}  // namespace vnet::cli
