// SPDX-License-Identifier: GPL-2.0-only
// `vnet explain`: what befell a frame, and by which stream.
#include <fmt/core.h>

#include "cli/log/explanation.h"
#include "cli/show.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u32 kLongest = 65535 + 18;  // the largest MTU, with its header and a VLAN tag

constexpr Parameter kParameters[] = {
    {"dev", "DEV", "the device", Parameter::kPositional, true},
    {"frame", "N", "the frame's number in its run, from 1", Parameter::kKeyword, true},
    {"direction", "tx|rx", "what the device sends (the default), or what it receives"},
    {"queue", "Q", "of which queue; 0 is the default"},
    {"length", "BYTES", "how long it is on the wire: says which bits turn, and whether it is cut"},
    {"log", "FILE", "what a log says of it, too: also of what is past, of time and of faults"},
};

Result<Question> read_question(const Arguments& arguments) {
  Question question;
  question.device = arguments.get("dev");
  if (arguments.has("direction")) question.direction = arguments.get("direction");
  if (question.direction != "tx" && question.direction != "rx")
    return Error{fmt::format("direction: '{}' is neither tx nor rx", question.direction)};
  const std::optional<vnet_u64> frame = parse_number(arguments.get("frame"));
  if (!frame || !*frame)
    return Error{fmt::format("frame: '{}' is not a number from 1 on", arguments.get("frame"))};
  question.frame = *frame;
  if (arguments.has("length")) {
    const std::optional<vnet_u64> length = parse_number(arguments.get("length"));
    if (!length || !*length || *length > kLongest)
      return Error{fmt::format("length: '{}' is not a number from 1 to {}", arguments.get("length"),
                               kLongest)};
    question.length = static_cast<vnet_u32>(*length);
  }
  if (!arguments.has("queue")) return question;
  const std::optional<vnet_u64> queue = parse_number(arguments.get("queue"));
  if (!queue || *queue > 63)
    return Error{fmt::format("queue: '{}' is not a number from 0 to 63", arguments.get("queue"))};
  question.queue = static_cast<vnet_u32>(*queue);
  return question;
}

// Of the living device.
Result<Explanation> ask(const Question& question, const Options& options) {
  Result<std::unique_ptr<Transport>> host = open_host_of(question.device, options.host);
  if (!host) return host.error();
  vnet_impair_values which{};
  which.has =
      1ull << VNET_A_IMPAIR_IFNAME | 1ull << VNET_A_IMPAIR_DIRECTION | 1ull << VNET_A_IMPAIR_QUEUE;
  which.direction = question.direction == "tx" ? VNET_DIRECTION_TX : VNET_DIRECTION_RX;
  which.queue = question.queue;
  if (!set_name(which.ifname, question.device)) return no_such_device(question.device);
  Result<Explanation> explanation = Error{"no answer"};
  const Failure failure = (*host)->request(VNET_CMD_IMPAIR_GET, which, [&](const Reply& reply) {
    vnet_impair_values values;
    if (reply.decode(values)) explanation = explain(question, values);
  });
  if (failure) return Error{fmt::format("'{}': {}", question.device, failure->text)};
  return explanation;
}

int run_explain(Context& context, const Arguments& arguments) {
  const Result<Question> question = read_question(arguments);
  if (!question) return context.syntax(Error{"explain: " + question.error().text});
  Result<Explanation> explanation = Error{""};
  if (arguments.has("log")) {
    Result<Log> log = read_log(arguments.get("log"));
    if (!log) return context.refused(log.error());
    explanation = explain(*question, *log);
  } else {
    explanation = ask(*question, context.options);
  }
  if (!explanation) return context.refused(explanation.error());
  if (context.options.json) {
    print_json(Json::array({to_json(*explanation)}), context.options);
  } else {
    fmt::print("{}", to_text(*explanation));
  }
  return kOk;
}

constexpr Verb kVerbs[] = {
    {"", "each stream's draw for the frame, and what comes of it", kParameters, run_explain},
};

}  // namespace

const Object kExplainObject{"explain", "what befell a frame, and by which stream", kVerbs};

}  // namespace vnet::cli
