// SPDX-License-Identifier: GPL-2.0-only
#include "cli/logging.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>

namespace vnet::cli {
namespace {

constexpr char kPattern[] = "%Y-%m-%dT%H:%M:%S.%e %l: %v";

class TerminalSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit TerminalSink(int fd) : fd_(fd) { set_level(spdlog::level::warn); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    (void)!write(fd_, line.data(), line.size());
  }
  void flush_() override {}

  int fd_;
};

}  // namespace

void start_logging(int terminal) {
  auto logger =
      std::make_shared<spdlog::logger>("vnet", std::make_shared<spdlog::sinks::stderr_sink_st>());
  if (terminal >= 0) logger->sinks().push_back(std::make_shared<TerminalSink>(terminal));
  logger->set_pattern(kPattern);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void quiet_terminal() {
  auto& sinks = spdlog::default_logger()->sinks();
  if (sinks.size() > 1) sinks.pop_back();
}

}  // namespace vnet::cli
