// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/probe.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

#include "cli/scenario/netns_scope.h"

namespace vnet::cli {
namespace {

// As of ping: the header, then when it was sent.
struct Echo {
  icmphdr header{};
  vnet_u64 number = 0;
  RunTime sent_ns = 0;
};

// RFC 1071.
vnet_u16 checksum(const Echo& echo) {
  vnet_u16 words[sizeof(echo) / 2];
  std::memcpy(words, &echo, sizeof(echo));
  vnet_u32 sum = 0;
  for (const vnet_u16 word : words) sum += word;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<vnet_u16>(~sum);
}

// Which of the probes' replies are a link's.
vnet_u16 id_of(size_t link) {
  return htons(static_cast<vnet_u16>(0x7600 + link));
}

bool first_ipv4(const ScenarioEnd& end, in_addr& address) {
  for (const std::string& text : end.addresses)
    if (inet_pton(AF_INET, text.substr(0, text.find('/')).c_str(), &address) == 1) return true;
  return false;
}

}  // namespace

Result<std::unique_ptr<Probe>> Probe::start(const Scenario& scenario, const Lab& lab, size_t link,
                                            RunRecorder& recorder) {
  const auto& [a, b] = scenario.links[link].ends;
  std::unique_ptr<Probe> probe(new Probe(link, recorder));
  probe->to_.sin_family = AF_INET;
  sockaddr_in from = probe->to_;
  if (!first_ipv4(a, from.sin_addr) || !first_ipv4(b, probe->to_.sin_addr))
    return Error{fmt::format("{}: a probe needs an IPv4 address at both ends", a.name.text())};
  const Result<NetnsScope> scope = NetnsScope::enter(lab.real(a.name.netns));
  if (!scope) return scope.error();
  probe->socket_.reset(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP));
  if (!probe->socket_) return user::errno_error("probe");
  const std::string& device = a.name.device;
  if (setsockopt(probe->socket_.get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                 static_cast<socklen_t>(device.size())) != 0 ||
      bind(probe->socket_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0)
    return user::errno_error(fmt::format("probe at {}", a.name.text()));
  if (Failure failure = probe->timer_.start(*scenario.links[link].probe_ns)) return *failure;
  return probe;
}

void Probe::append_to(std::vector<pollfd>& wanted) const {
  wanted.push_back({timer_.fd(), POLLIN, 0});
  wanted.push_back({socket_.get(), POLLIN, 0});
}

void Probe::work() {
  receive();
  if (timer_.came()) send();
}

void Probe::send() {
  Echo echo;
  echo.header.type = ICMP_ECHO;
  echo.header.un.echo.id = id_of(link_);
  echo.number = recorder_.echo_sent(link_);
  echo.header.un.echo.sequence = htons(static_cast<vnet_u16>(echo.number));
  echo.sent_ns = recorder_.now_ns();
  echo.header.checksum = checksum(echo);
  // One that cannot be sent is one that is not answered.
  (void)sendto(socket_.get(), &echo, sizeof(echo), 0, reinterpret_cast<const sockaddr*>(&to_),
               sizeof(to_));
}

void Probe::receive() {
  char bytes[256];
  for (ssize_t n; (n = recv(socket_.get(), bytes, sizeof(bytes), 0)) > 0;) {
    const RunTime now = recorder_.now_ns();
    const size_t header = static_cast<size_t>(bytes[0] & 15) * 4;
    Echo echo;
    if (static_cast<size_t>(n) < header + sizeof(echo)) continue;
    std::memcpy(&echo, bytes + header, sizeof(echo));
    if (echo.header.type == ICMP_ECHOREPLY && echo.header.un.echo.id == id_of(link_) &&
        echo.sent_ns <= now)
      recorder_.echo_came(link_, echo.number, static_cast<vnet_u64>(now - echo.sent_ns));
  }
}

}  // namespace vnet::cli
