// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/document.h"

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <stdexcept>

namespace vnet::cli {
namespace {

// Far more than anybody writes by hand; aliases of aliases could be more than there is memory.
constexpr size_t kMostValues = 100000;
// One in the other; an alias of what it stands in would have no end.
constexpr size_t kMostLevels = 32;

// Lines, to see how a text was written.
class Copier {
 public:
  explicit Copier(const std::string& text) {
    for (size_t at = 0; at <= text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      lines_.push_back(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
  }

  Node copy(const YAML::Node& node, size_t level = 1) {
    if (++count_ > kMostValues)
      throw YAML::Exception(node.Mark(), fmt::format("more than {} values", kMostValues));
    if (level > kMostLevels)
      throw YAML::Exception(node.Mark(), fmt::format("more than {} levels", kMostLevels));
    Node value;
    value.place = {size_t(node.Mark().line) + 1, size_t(node.Mark().column) + 1};
    if (node.IsScalar()) {
      value.kind = Node::kText;
      value.text = node.Scalar();
      skip_quote(value);
    } else if (node.IsSequence()) {
      value.kind = Node::kList;
      for (const YAML::Node& item : node) value.items.push_back(copy(item, level + 1));
    } else if (node.IsMap()) {
      value.kind = Node::kMap;
      for (const auto& entry : node) {
        value.items.push_back(copy(entry.first, level + 1));
        value.items.push_back(copy(entry.second, level + 1));
      }
    }
    return value;
  }

 private:
  // Columns are of what stands between the quotes.
  void skip_quote(Node& value) {
    if (value.place.line > lines_.size()) return;
    const std::string_view line = lines_[value.place.line - 1];
    size_t at = std::min(value.place.column - 1, line.size());
    if (at < line.size() && (line[at] == '"' || line[at] == '\'')) at++;
    value.text_is_as_written = line.substr(at).starts_with(value.text);
    if (value.text_is_as_written) value.place.column = at + 1;
  }

  std::vector<std::string_view> lines_;
  size_t count_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (size_t i = 0; kind == kMap && i + 1 < items.size(); i += 2)
    if (items[i].text == key) return &items[i + 1];
  return nullptr;
}

user::Error error_at(std::string_view file, Place place, std::string_view text) {
  return user::Error{fmt::format("{}:{}:{}: {}", file, place.line, place.column, text)};
}

user::Result<Node> parse_document(const std::string& file, const std::string& text) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return error_at(file, {1, 1}, "it is empty");
    if (documents.size() > 1) {
      const YAML::Mark mark = documents[1].Mark();
      return error_at(file, {size_t(mark.line) + 1, size_t(mark.column) + 1},
                      "a second document begins here");
    }
    return Copier(text).copy(documents[0]);
  } catch (const YAML::Exception& error) {
    return error_at(file, {size_t(error.mark.line) + 1, size_t(error.mark.column) + 1}, error.msg);
  }
}

}  // namespace vnet::cli
