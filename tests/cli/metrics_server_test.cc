// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

#include "cli/metrics/server.h"
#include "user/fd.h"

namespace vnet::cli {
namespace {

using user::Error;
using user::UniqueFd;

std::string parsed(const std::string& text) {
  user::Result<ListenAddress> address = ListenAddress::parse(text);
  return address ? address->host + " " + std::to_string(address->port) : "refused";
}

TEST(ListenAddress, IsLoopbackUnlessSaidOtherwise) {
  EXPECT_EQ(parsed("9100"), "127.0.0.1 9100");
  EXPECT_EQ(parsed("0.0.0.0:80"), "0.0.0.0 80");
  EXPECT_EQ(parsed("[::1]:0"), "::1 0");
  for (const char* wrong : {"", ":", ":80", "localhost:80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536",
                            "::1:80", "[1.2.3.4]:80", "[::1]", "80x", "-1"})
    EXPECT_EQ(parsed(wrong), "refused") << wrong;
}

class MetricsServerTest : public testing::Test {
 protected:
  void SetUp() override {
    user::Result<std::unique_ptr<MetricsServer>> opened = MetricsServer::open({}, [this] {
      ++scrapes_;
      return answer_;
    });
    ASSERT_TRUE(opened) << opened.error().text;
    server_ = std::move(*opened);
    const std::string url = server_->url();
    port_ = static_cast<unsigned short>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

  UniqueFd connect() const {
    UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
    return client;
  }

  // Serves until the client has the whole answer, which ends with the connection.
  std::string get(const std::string& request) {
    const UniqueFd client = connect();
    EXPECT_EQ(send(client.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    for (int turns = 0; turns < 1000; ++turns) {
      pollfd wanted[] = {{server_->fd(), POLLIN, 0}, {client.get(), POLLIN, 0}};
      EXPECT_GT(poll(wanted, 2, 5000), 0);
      if (wanted[0].revents) server_->serve();
      if (!wanted[1].revents) continue;
      char buffer[4096];
      const ssize_t n = recv(client.get(), buffer, sizeof(buffer), 0);
      if (n <= 0) break;
      answer.append(buffer, static_cast<std::size_t>(n));
    }
    return answer;
  }
  std::string get_path(const std::string& path, const std::string& method = "GET") {
    return get(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  std::unique_ptr<MetricsServer> server_;
  unsigned short port_ = 0;
  int scrapes_ = 0;
  user::Result<std::string> answer_ = std::string("vnet_up 1\n");
};

TEST_F(MetricsServerTest, Metrics_AreTextOfVersion004) {
  const std::string answer = get_path("/metrics");
  EXPECT_NE(answer.find("HTTP/1.1 200"), std::string::npos) << answer;
  EXPECT_NE(answer.find("text/plain; version=0.0.4"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nvnet_up 1\n")) << answer;
  get_path("/metrics");
  EXPECT_EQ(scrapes_, 2);
}

TEST_F(MetricsServerTest, OtherPathsAndMethods_AreRefused) {
  EXPECT_NE(get_path("/").find("HTTP/1.1 404"), std::string::npos);
  EXPECT_NE(get_path("/metrics/x").find("HTTP/1.1 404"), std::string::npos);
  EXPECT_NE(get_path("/metrics", "PUT").find("HTTP/1.1 405"), std::string::npos);
  EXPECT_EQ(get("nonsense\r\n\r\n").find(" 200 "), std::string::npos);
  EXPECT_EQ(scrapes_, 0);
}

TEST_F(MetricsServerTest, FailedScrape_Is500AndSaysWhy) {
  answer_ = Error{"no host"};
  const std::string answer = get_path("/metrics");
  EXPECT_NE(answer.find("HTTP/1.1 500"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("no host\n")) << answer;
}

TEST_F(MetricsServerTest, SlowClients_HinderNobody) {
  std::vector<UniqueFd> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(connect());
    EXPECT_EQ(send(slow.back().get(), "GET /met", 8, 0), 8);
  }
  EXPECT_NE(get_path("/metrics").find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(MetricsServerTest, TakenPort_IsSaid) {
  ListenAddress address;
  address.port = port_;
  user::Result<std::unique_ptr<MetricsServer>> second =
      MetricsServer::open(address, [] { return std::string(); });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("Address already in use"), std::string::npos)
      << second.error().text;
}

}  // namespace
}  // namespace vnet::cli
