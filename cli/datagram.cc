// SPDX-License-Identifier: GPL-2.0-only
#include "cli/datagram.h"

#include <sys/socket.h>

#include <algorithm>

namespace vnet::cli {
namespace {

// The kernel fills a dump's datagrams as far as the reader's buffer goes, up to this.
constexpr size_t kUsual = 32768;

// With MSG_TRUNC the length is the datagram's own, however small the buffer.
ssize_t receive_some(int socket, void* buffer, size_t size, int flags) {
  ssize_t n;
  do {
    n = recv(socket, buffer, size, flags | MSG_TRUNC);
  } while (n < 0 && errno == EINTR);
  return n;
}

}  // namespace

user::Failure Datagram::receive(int socket, int flags) {
  size_ = 0;
  const ssize_t length = receive_some(socket, nullptr, 0, flags | MSG_PEEK);
  if (length < 0) return user::Error{std::strerror(errno), errno};
  const size_t needed = std::max(static_cast<size_t>(length), kUsual);
  if (words_.size() * sizeof(vnet_u32) < needed) words_.resize(needed / sizeof(vnet_u32) + 1);
  const ssize_t n = receive_some(socket, words_.data(), words_.size() * sizeof(vnet_u32), flags);
  if (n < 0) return user::Error{std::strerror(errno), errno};
  if (n == 0) return user::Error{std::strerror(ECONNRESET), ECONNRESET};
  size_ = static_cast<size_t>(n);
  return {};
}

}  // namespace vnet::cli
