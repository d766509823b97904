// SPDX-License-Identifier: GPL-2.0-only
// Reading a document's values: the first thing that is wrong is kept, with its place, and what
// follows reads on.
#pragma once

#include <vnet/types.h>

#include <span>
#include <string>
#include <string_view>

#include "cli/scenario/document.h"
#include "user/result.h"

namespace vnet::cli {

class DocumentReader {
 public:
  explicit DocumentReader(std::string file) : file_(std::move(file)) {}

  void fail(Place place, std::string_view text);
  // `text` has the wrong word between apostrophes: its column is named, where it can be.
  void fail_word(const Node& value, std::string_view text);
  const user::Failure& failure() const { return failure_; }

  std::string text(const Node& value, std::string_view what);
  bool yes_no(const Node& value, std::string_view what);
  vnet_u64 number(const Node& value, std::string_view what);
  vnet_u64 time_ns(const Node& value, std::string_view what);  // with a unit
  // A list of texts, or one text.
  std::vector<std::string> texts(const Node& value, std::string_view what);
  // As a shell would split it.
  std::vector<std::string> words(const Node& value, std::string_view what);
  // One of these words, or the error names the nearest.
  size_t one_of(const Node& value, std::string_view what, std::span<const std::string_view> all);

 private:
  std::string file_;
  user::Failure failure_;
};

// A map whose keys are all known.
class MapReader {
 public:
  MapReader(DocumentReader& reader, const Node& value, std::string_view what,
            std::span<const std::string_view> keys);

  const Node* find(std::string_view key) const { return value_.find(key); }
  // The same; an error if it is not there.
  const Node* need(std::string_view key) const;

 private:
  DocumentReader& reader_;
  const Node& value_;
  std::string what_;
};

}  // namespace vnet::cli
