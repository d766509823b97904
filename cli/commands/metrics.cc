// SPDX-License-Identifier: GPL-2.0-only
// `vnet metrics`: counters in Prometheus' text format, once or over HTTP.
#include <fmt/core.h>
#include <poll.h>

#include <cerrno>

#include "cli/commands.h"
#include "cli/metrics/exposition.h"
#include "cli/metrics/server.h"
#include "cli/output_file.h"
#include "cli/stop_signals.h"

namespace vnet::cli {
namespace {

Result<std::string> scrape(const Options& options) {
  Result<Sample> sample = take_sample(options.host);
  if (!sample) return sample.error();
  return exposition(*sample, options.netns);
}

Failure write_once(const std::string& file, const Options& options) {
  Result<std::string> text = scrape(options);
  if (!text) return text.error();
  if (file != "-") return replace_file(file, *text);
  Result<OutputFile> out = OutputFile::open(file);
  if (!out) return out.error();
  return out->write(*text);
}

Failure serve(const ListenAddress& address, const Options& options) {
  Result<StopSignals> signals = StopSignals::open();
  if (!signals) return signals.error();
  Result<std::unique_ptr<MetricsServer>> server =
      MetricsServer::open(address, [&] { return scrape(options); });
  if (!server) return server.error();
  fmt::print(stderr, "listening on {}\n", (*server)->url());
  for (;;) {
    pollfd wanted[] = {{signals->fd(), POLLIN, 0}, {(*server)->fd(), POLLIN, 0}};
    if (poll(wanted, std::size(wanted), (*server)->patience_ms()) < 0 && errno != EINTR)
      return user::errno_error("poll");
    if (wanted[0].revents && signals->came()) return {};
    (*server)->serve();
  }
}

int run_metrics(Context& context, const Arguments& arguments) {
  const bool listens = arguments.has("--listen");
  if (context.options.json)
    return context.syntax(Error{"metrics are Prometheus' text: vnet -j stats has the counters"});
  if (listens && arguments.has("-w")) return context.syntax(Error{"--listen excludes -w"});
  Failure failure;
  if (listens) {
    Result<ListenAddress> address = ListenAddress::parse(arguments.get("--listen"));
    if (!address) return context.syntax(address.error());
    failure = serve(*address, context.options);
  } else {
    failure = write_once(arguments.has("-w") ? arguments.get("-w") : "-", context.options);
  }
  return failure ? context.refused(*failure) : kOk;
}

constexpr Parameter kParameters[] = {
    {.keyword = "--listen",
     .value = "ADDR:PORT",
     .help = "serves /metrics over HTTP, without authentication; a PORT alone is on 127.0.0.1"},
    {.keyword = "-w|--write",
     .value = "FILE",
     .help = "replaces FILE at once, for node_exporter's textfile collector; - is stdout"},
};
constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "counters and gauges of all devices in Prometheus' text format",
     .parameters = kParameters,
     .run = run_metrics},
};

}  // namespace

const Object kMetricsObject{"metrics", "counters for Prometheus", kVerbs};

}  // namespace vnet::cli
