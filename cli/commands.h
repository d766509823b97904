// SPDX-License-Identifier: GPL-2.0-only
// The objects of the command line, and what their verbs run in.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/exit_codes.h"
#include "cli/grammar.h"
#include "cli/options.h"

namespace vnet::cli {

// `vnet OBJECT [VERB] ...`. To add one: its table in commands/NAME.cc, its declaration below, a
// line in commands.cc.
struct Object {
  std::string_view name;
  std::string_view help;  // one line
  // The first is the default. An object without verbs (`vnet top`) has a single one, its name
  // empty.
  std::span<const Verb> verbs;
};

extern const Object kApplyObject;
extern const Object kCaptureObject;
extern const Object kDiffObject;
extern const Object kDownObject;
extern const Object kExplainObject;
extern const Object kImpairObject;
extern const Object kFaultObject;
extern const Object kLinkObject;
extern const Object kMetricsObject;
extern const Object kMonitorObject;
extern const Object kQueueObject;
extern const Object kRegsObject;
extern const Object kReplayObject;
extern const Object kRunObject;
extern const Object kSaveObject;
extern const Object kSeedObject;
extern const Object kStatsObject;
extern const Object kTopObject;
extern const Object kUpObject;
extern const Object kVerifyObject;

// In the order of the help.
std::span<const Object* const> objects();

// What a command runs in.
class Context {
 public:
  Options options;
  std::string place = "vnet: ";  // in a batch "vnet: FILE:LINE: "

  // One line on stderr; returns the exit status that goes with it.
  int syntax(const Error& error) const;   // the command line cannot be read
  int refused(const Error& error) const;  // it can be read, but not be done
  // The exit status of what was tried with the device of this name.
  int done(const Failure& failure, const std::string& device) const;
};

// Runs one command line, which has no options any more; returns the exit status.
int run_command(Context& context, Words words);

// What of `vnet OBJECT VERB WORDS...` cannot be read, without running it. Both names are in full.
Failure check_command(std::string_view object, std::string_view verb, Words words);

}  // namespace vnet::cli
