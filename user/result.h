// SPDX-License-Identifier: GPL-2.0-only
// Errors are values: what could not be done, in words that name the offending thing.
#pragma once

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace vnet::user {

struct Error {
  std::string text;
  int code = 0;  // errno, where there is one
};

// "WHAT: No such file or directory"
inline Error errno_error(const std::string& what, int code = errno) {
  return {what + ": " + std::strerror(code), code};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  explicit operator bool() const { return state_.index() == 0; }
  T& value() { return std::get<0>(state_); }
  T* operator->() { return &value(); }
  T& operator*() { return value(); }
  const T& value() const { return std::get<0>(state_); }
  const T& operator*() const { return value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Nothing, or what went wrong.
using Failure = std::optional<Error>;

}  // namespace vnet::user
