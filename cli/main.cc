// SPDX-License-Identifier: GPL-2.0-only
// vnet: the command.
#include <fmt/core.h>
#include <vnet/version.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <system_error>

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

int failed(const std::string& why) {
  fmt::print(stderr, "vnet: {}\n", why);
  return kRefused;
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
  } catch (const std::system_error& error) {  // of fmt::print, for one that is more than a buffer
    if (!std::ferror(stdout)) return failed(error.what());
    return error.code().value() == EPIPE ? kOk : failed("stdout: " + error.code().message());
  } catch (const std::exception& error) {  // out of memory, and the like
    return failed(error.what());
  }
}
