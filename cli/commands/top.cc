// SPDX-License-Identifier: GPL-2.0-only
// `vnet top`: rates of all devices, live on a terminal, as a table elsewhere.
#include <fmt/core.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "cli/commands.h"
#include "cli/output_file.h"
#include "cli/stop_signals.h"
#include "cli/top/columns.h"
#include "cli/top/rates.h"
#include "cli/top/screen.h"
#include "cli/top/view.h"
#include "cli/values.h"
#include "user/clock.h"

namespace vnet::cli {
namespace {

constexpr vnet_u64 kLeastIntervalMs = 100;
constexpr vnet_u64 kMostIntervalMs = 60000;

struct TopRequest {
  vnet_u64 interval_ms = 1000;
  std::optional<vnet_u64> count;  // tables or screens
};

vnet_u64 now_ms() {
  return user::monotonic_ns() / 1000000;
}
int until(vnet_u64 due_ms) {
  const vnet_u64 now = now_ms();
  return due_ms > now ? static_cast<int>(due_ms - now) : 0;
}

// ---- no terminal

std::string table_text(const std::vector<DeviceRates>& rates, bool details) {
  std::string text = table_header(kLeastTableWidth) + '\n';
  for (const DeviceRates& device : rates) {
    text += table_row(device.device->name, device.total, kLeastTableWidth) + '\n';
    if (!details) continue;
    for (std::size_t i = 0; i < device.queues.size(); ++i)
      text += table_row(fmt::format("  queue {}", i), device.queues[i], kLeastTableWidth) + '\n';
    for (const auto& [kind, total] : device.device->total.drops) {
      const auto rate = device.total.drop.find(kind);
      text += drop_row(kind, rate == device.total.drop.end() ? 0 : rate->second, total) + '\n';
    }
  }
  return text;
}

// False: it is time to end.
bool wait(StopSignals& signals, vnet_u64 due_ms) {
  pollfd wanted[] = {{signals.fd(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
  while (poll(wanted, std::size(wanted), until(due_ms)) < 0)
    if (errno != EINTR) return false;
  return !wanted[0].revents && !(wanted[1].revents & POLLERR);
}

Failure print_tables(const TopRequest& request, const Options& options) {
  Result<StopSignals> signals = StopSignals::open();
  if (!signals) return signals.error();
  Result<OutputFile> out = OutputFile::open("-");
  if (!out) return out.error();
  Result<Sample> before = take_sample(options.host);
  if (!before) return before.error();
  vnet_u64 due = now_ms();
  const vnet_u64 count = request.count.value_or(1);
  for (vnet_u64 i = 0; i < count; ++i) {
    due += request.interval_ms;
    if (!wait(*signals, due)) return {};
    Result<Sample> after = take_sample(options.host);
    if (!after) return after.error();
    std::string text = i > 0 ? "\n" : "";
    text += table_text(rates_between(*before, *after), options.details);
    if (Failure failure = out->write(text)) {
      if (failure->code == EPIPE) return {};
      return failure;
    }
    before = std::move(after);
  }
  return {};
}

// ---- a terminal

class LiveTop {
 public:
  LiveTop(const TopRequest& request, const Options& options, StopSignals signals,
          std::unique_ptr<Screen> screen)
      : options_(options),
        signals_(std::move(signals)),
        screen_(std::move(screen)),
        view_(static_cast<double>(request.interval_ms) / 1000),
        left_(request.count) {}

  Failure run() {
    while (!view_.ended() && !stopped_ && left_ != 0u) {
      if (now_ms() >= due_ms_)
        if (Failure failure = sample()) return failure;
      screen_->show(view_.render(screen_->width(), screen_->height()));
      wait();
      for (int key; (key = screen_->key()) >= 0;) view_.press(key);
    }
    return {};
  }

 private:
  Failure sample() {
    Result<Sample> sample = take_sample(options_.host);
    if (!sample) return sample.error();
    view_.update(std::move(*sample));
    if (left_ && sampled_ms_) --*left_;  // the first has no rates yet
    sampled_ms_ = now_ms();
    return {};
  }

  void wait() {
    due_ms_ = sampled_ms_ + static_cast<vnet_u64>(view_.interval_s() * 1000);
    pollfd wanted[] = {{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
    // A change of the terminal's size interrupts it.
    if (poll(wanted, std::size(wanted), until(due_ms_)) <= 0) return;
    stopped_ = wanted[1].revents || (wanted[0].revents & (POLLERR | POLLHUP));
  }

  const Options& options_;
  StopSignals signals_;
  std::unique_ptr<Screen> screen_;
  TopView view_;
  std::optional<vnet_u64> left_;
  vnet_u64 sampled_ms_ = 0, due_ms_ = 0;
  bool stopped_ = false;
};

Failure show_live(const TopRequest& request, const Options& options) {
  Result<StopSignals> signals = StopSignals::open();
  if (!signals) return signals.error();
  Result<std::unique_ptr<Screen>> screen = Screen::open();
  if (!screen) return screen.error();
  LiveTop top(request, options, std::move(*signals), std::move(*screen));
  return top.run();
}

Result<TopRequest> read_request(const Arguments& arguments) {
  TopRequest request;
  if (const std::string& text = arguments.get("--interval"); !text.empty()) {
    const auto interval = parse_time(text, TimeUnit::kMs);
    if (!interval || *interval < kLeastIntervalMs || *interval > kMostIntervalMs)
      return Error{fmt::format("--interval '{}' is not a time from 100ms to 60s", text)};
    request.interval_ms = *interval;
  }
  if (const std::string& text = arguments.get("--count"); !text.empty()) {
    request.count = parse_number(text);
    if (!request.count || *request.count == 0)
      return Error{fmt::format("--count '{}' is not a number from 1 on", text)};
  }
  return request;
}

int run_top(Context& context, const Arguments& arguments) {
  Result<TopRequest> request = read_request(arguments);
  if (!request) return context.syntax(request.error());
  if (context.options.json)
    return context.syntax(Error{"top shows rates and has no JSON: vnet -j stats has the counters"});
  const bool live = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
  const Failure failure =
      live ? show_live(*request, context.options) : print_tables(*request, context.options);
  return failure ? context.refused(*failure) : kOk;
}

constexpr Parameter kParameters[] = {
    {.keyword = "--interval", .value = "TIME", .help = "between two samples, 100ms to 60s (1s)"},
    {.keyword = "--count",
     .value = "N",
     .help = "ends after N intervals; without a terminal, after one"},
};
constexpr Verb kVerbs[] = {
    {.name = "",
     .help = "rates of devices and queues, live on a terminal ('?' says the keys), else a table",
     .parameters = kParameters,
     .run = run_top},
};

}  // namespace

const Object kTopObject{"top", "rates as they are now", kVerbs};

}  // namespace vnet::cli
