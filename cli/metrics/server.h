// SPDX-License-Identifier: GPL-2.0-only
// Metrics over HTTP: GET /metrics, nothing else, no authentication. One thread; a client that is
// slow waits by itself, and one that says nothing is let go.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "user/result.h"

struct MHD_Daemon;
struct MHD_Connection;

namespace vnet::cli {

// "ADDR:PORT", "[ADDR]:PORT", or "PORT" alone: then 127.0.0.1. Other machines get in only if an
// address that they reach is given.
struct ListenAddress {
  std::string host = "127.0.0.1";
  unsigned short port = 0;  // 0: any that is free

  static user::Result<ListenAddress> parse(const std::string& text);
};

struct Microhttpd;

class MetricsServer {
 public:
  // What a scrape gets.
  using Scrape = std::function<user::Result<std::string>()>;

  static user::Result<std::unique_ptr<MetricsServer>> open(const ListenAddress& address,
                                                           Scrape scrape);

  // "http://127.0.0.1:9100/metrics"
  std::string url() const;
  // For poll().
  int fd() const;
  int patience_ms() const;
  // Serves what can be served without waiting.
  void serve();

 private:
  struct Stop {
    const Microhttpd* http;
    void operator()(MHD_Daemon* daemon) const;
  };

  MetricsServer(const Microhttpd& http, ListenAddress address, Scrape scrape)
      : http_(http),
        address_(std::move(address)),
        scrape_(std::move(scrape)),
        daemon_(nullptr, Stop{&http}) {}

  int answer(MHD_Connection* connection, std::string_view path, std::string_view method);

  const Microhttpd& http_;
  ListenAddress address_;
  Scrape scrape_;
  std::unique_ptr<MHD_Daemon, Stop> daemon_;
};

}  // namespace vnet::cli
