// SPDX-License-Identifier: GPL-2.0-only
// `vnet capture`: delivered and dropped frames of a device, as pcapng.
#include "cli/capture/capture.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/hosts.h"
#include "cli/values.h"

namespace vnet::cli {
namespace {

constexpr vnet_u32 kMostSnaplen = 1u << 20;  // more than the largest super-frame

// Or what is wrong with the words.
Result<CaptureRequest> read_request(const Arguments& arguments) {
  CaptureRequest request;
  request.device = arguments.get("dev");
  request.with_drops = arguments.has("--with-drops");
  request.file = arguments.has("-w") ? arguments.get("-w") : "-";
  if (request.file == "-" && isatty(STDOUT_FILENO))
    return Error{"pcapng is nothing for a terminal: -w FILE, or a pipe to tshark -r -"};
  if (arguments.has("--count")) {
    request.count = parse_number(arguments.get("--count"));
    if (!request.count || *request.count == 0)
      return Error{fmt::format("--count '{}' is not a number from 1 on", arguments.get("--count"))};
  }
  if (arguments.has("--snaplen")) {
    const auto snaplen = parse_number(arguments.get("--snaplen"));
    if (!snaplen || *snaplen == 0 || *snaplen > kMostSnaplen)
      return Error{fmt::format("--snaplen '{}' is not a number from 1 to {}",
                               arguments.get("--snaplen"), kMostSnaplen)};
    request.snaplen = static_cast<vnet_u32>(*snaplen);
  }
  return request;
}

void report(const CaptureRequest& request, const CaptureCounts& counts) {
  fmt::print(stderr, "{}: {} frames delivered", request.device, counts.delivered);
  if (request.with_drops) fmt::print(stderr, ", {} dropped by vnet", counts.dropped);
  if (counts.missed) fmt::print(stderr, ", {} missed by this capture", counts.missed);
  if (counts.missed_drops)
    fmt::print(stderr, ", at least {} dropped frames missed", counts.missed_drops);
  fmt::print(stderr, "\n");
}

int run_capture(Context& context, const Arguments& arguments) {
  Result<CaptureRequest> request = read_request(arguments);
  if (!request) return context.syntax(request.error());
  if (context.options.json)
    return context.syntax(Error{"a capture is pcapng and has no JSON: tshark -T json reads it"});
  Result<std::unique_ptr<Transport>> host = open_host_of(request->device, context.options.host);
  if (!host) return context.refused(host.error());
  Result<std::unique_ptr<Capture>> capture = Capture::open(*request, std::move(*host));
  if (!capture) return context.refused(capture.error());
  const Failure failure = (*capture)->run();
  report(*request, (*capture)->counts());
  return failure ? context.refused(*failure) : kOk;
}

constexpr Parameter kParameters[] = {
    {.keyword = "dev",
     .value = "DEV",
     .help = "the device",
     .kind = Parameter::kPositional,
     .required = true},
    {.keyword = "--with-drops",
     .value = "",
     .help = "also the frames that vnet drops, each with its reason as a comment"},
    {.keyword = "-w|--write", .value = "FILE", .help = "where to; - is stdout, the default"},
    {.keyword = "--count", .value = "N", .help = "ends after N frames"},
    {.keyword = "--snaplen", .value = "N", .help = "at most N bytes of each frame (262144)"},
};
constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "pcapng until SIGINT or SIGTERM; dropped frames have a comment 'dropped: REASON'",
     .parameters = kParameters,
     .run = run_capture},
};

}  // namespace

const Object kCaptureObject{"capture", "delivered and dropped frames as pcapng", kVerbs};

}  // namespace vnet::cli
