// SPDX-License-Identifier: GPL-2.0-only
// vnet: the command.
#include <fmt/core.h>
#include <vnet/version.h>

#include <exception>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/netns.h"
#include "cli/standard_files.h"

namespace {

using namespace vnet::cli;

int run(int argc, char** argv) {
  std::vector<std::string> words(argv + (argc > 0), argv + argc);
  if (!words.empty() && words[0] == kCompleteWord)
    return run_completion(Words(std::span(words).subspan(1)));
  Context context;
  if (Failure failure = take_options(words, context.options)) return context.syntax(*failure);
  const Options& options = context.options;
  if (options.version) {
    fmt::print("vnet {}\n", VNET_VERSION);
    return kOk;
  }
  if (!options.netns.empty())
    if (Failure failure = enter_netns(options.netns)) return context.refused(*failure);
  if (options.batch.empty()) return run_command(context, Words(words));
  if (words.empty()) return run_batch(options);
  return context.syntax(Error{fmt::format("-batch takes no command: '{}'", words[0])});
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_files();
  try {
    const int status = run(argc, argv);
    const Failure failure = flush_stdout();
    if (!failure) return status;
    fmt::print(stderr, "vnet: {}\n", failure->text);
    return status == kOk ? kRefused : status;
  } catch (const std::exception& error) {  // out of memory, and the like
    fmt::print(stderr, "vnet: {}\n", error.what());
    return kRefused;
  }
}
