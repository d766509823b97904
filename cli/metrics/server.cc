// SPDX-License-Identifier: GPL-2.0-only
#include "cli/metrics/server.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <limits>
#include <optional>

#include "cli/metrics/microhttpd.h"

namespace vnet::cli {
namespace {

using user::errno_error;
using user::Error;
using user::Result;

constexpr unsigned kConnections = 64;
constexpr unsigned kIdleSeconds = 10;

constexpr char kTextFormat[] = "text/plain; version=0.0.4; charset=utf-8";
constexpr char kPlain[] = "text/plain; charset=utf-8";

union SocketAddress {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_in6 ipv6;
};

std::optional<SocketAddress> socket_address(const ListenAddress& address) {
  SocketAddress socket{};
  if (inet_pton(AF_INET, address.host.c_str(), &socket.ipv4.sin_addr) == 1) {
    socket.ipv4.sin_family = AF_INET;
    socket.ipv4.sin_port = htons(address.port);
    return socket;
  }
  socket = {};
  if (inet_pton(AF_INET6, address.host.c_str(), &socket.ipv6.sin6_addr) == 1) {
    socket.ipv6.sin6_family = AF_INET6;
    socket.ipv6.sin6_port = htons(address.port);
    return socket;
  }
  return {};
}

MHD_Result respond(const Microhttpd& http, MHD_Connection* connection, unsigned status,
                   const char* type, std::string_view body, const char* allow = nullptr) {
  // The library's pointer is to non-const bytes, which it copies.
  MHD_Response* const response = http.create_response_from_buffer(
      body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  http.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  if (allow) http.add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
  const MHD_Result queued = http.queue_response(connection, status, response);
  http.destroy_response(response);
  return queued;
}

}  // namespace

Result<ListenAddress> ListenAddress::parse(const std::string& text) {
  const Error error{fmt::format("'{}' is not ADDRESS:PORT, [ADDRESS]:PORT or PORT", text)};
  ListenAddress address;
  std::string port = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    address.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    const bool bracketed = address.host.starts_with('[') && address.host.ends_with(']');
    if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
    if (bracketed != (address.host.find(':') != std::string::npos)) return error;
  }
  const char* const end = port.data() + port.size();
  const auto [rest, failed] = std::from_chars(port.data(), end, address.port);
  if (failed != std::errc() || rest != end || !socket_address(address)) return error;
  return address;
}

void MetricsServer::Stop::operator()(MHD_Daemon* daemon) const {
  http->stop_daemon(daemon);
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::open(const ListenAddress& address,
                                                           Scrape scrape) {
  Result<const Microhttpd*> http = Microhttpd::load();
  if (!http) return http.error();
  std::unique_ptr<MetricsServer> server(new MetricsServer(**http, address, std::move(scrape)));
  SocketAddress socket = *socket_address(address);
  const bool ipv6 = socket.any.sa_family == AF_INET6;
  const MHD_AccessHandlerCallback handle = [](void* self, MHD_Connection* connection,
                                              const char* path, const char* method, const char*,
                                              const char*, size_t*, void**) {
    return static_cast<MHD_Result>(
        static_cast<MetricsServer*>(self)->answer(connection, path, method));
  };
  errno = 0;
  server->daemon_.reset((*http)->start_daemon(
      ipv6 ? MHD_USE_EPOLL | MHD_USE_IPv6 : MHD_USE_EPOLL, 0, nullptr, nullptr, handle,
      server.get(), MHD_OPTION_SOCK_ADDR, &socket.any, MHD_OPTION_CONNECTION_LIMIT, kConnections,
      MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_END));
  if (!server->daemon_) return errno_error(fmt::format("listen on {}", server->url()));
  if (const auto* info = (*http)->get_daemon_info(server->daemon_.get(), MHD_DAEMON_INFO_BIND_PORT))
    server->address_.port = info->port;
  return server;
}

std::string MetricsServer::url() const {
  const bool ipv6 = address_.host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}/metrics", ipv6 ? "[" : "", address_.host, ipv6 ? "]" : "",
                     address_.port);
}

int MetricsServer::fd() const {
  return http_.get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int MetricsServer::patience_ms() const {
  MHD_UNSIGNED_LONG_LONG ms = 0;
  if (http_.get_timeout(daemon_.get(), &ms) != MHD_YES) return -1;
  constexpr auto kMost = static_cast<MHD_UNSIGNED_LONG_LONG>(std::numeric_limits<int>::max());
  return static_cast<int>(ms < kMost ? ms : kMost);
}

void MetricsServer::serve() {
  http_.run(daemon_.get());
}

int MetricsServer::answer(MHD_Connection* connection, std::string_view path,
                          std::string_view method) {
  if (path != "/metrics")
    return respond(http_, connection, MHD_HTTP_NOT_FOUND, kPlain, "only /metrics is here\n");
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD)
    return respond(http_, connection, MHD_HTTP_METHOD_NOT_ALLOWED, kPlain, "GET or HEAD\n",
                   "GET, HEAD");
  Result<std::string> text = scrape_();
  if (!text)
    return respond(http_, connection, MHD_HTTP_INTERNAL_SERVER_ERROR, kPlain,
                   text.error().text + "\n");
  return respond(http_, connection, MHD_HTTP_OK, kTextFormat, *text);
}

}  // namespace vnet::cli
