// SPDX-License-Identifier: GPL-2.0-only
// The links of a scenario file.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <net/if.h>

#include <algorithm>

#include "cli/scenario/read_parts.h"
#include "cli/schema_gen.h"
#include "cli/words.h"

namespace vnet::cli {
namespace {

constexpr std::string_view kEnds[] = {"a", "b"};
constexpr std::string_view kOwnKeys[] = {"a",  "b",     "mode",      "seed",   "mtu",   "mac",
                                         "up", "probe", "addresses", "impair", "faults"};

bool is_seed(const Knob& knob) {
  return std::string_view(knob.keyword) == "seed";
}

// A knob of `vnet link add`; the seed is the link's own key.
bool is_key(const Knob& knob) {
  return knob.when != When::kSet && !is_seed(knob);
}

std::vector<std::string_view> link_keys() {
  std::vector<std::string_view> keys(std::begin(kOwnKeys), std::end(kOwnKeys));
  for (const Knob& knob : knobs())
    if (is_key(knob)) keys.push_back(knob.keyword);
  return keys;
}

bool is_address(const std::string& text) {
  const std::string address = text.substr(0, text.find('/'));
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, address.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, address.c_str(), bytes) == 1;
}

bool has_ipv4(const ScenarioEnd& end) {
  return std::any_of(end.addresses.begin(), end.addresses.end(), [](const std::string& address) {
    return address.find(':') == std::string::npos;
  });
}

}  // namespace

EndName ScenarioReader::read_end_name(const Node& value) {
  const std::string said = reader_.text(value, "a device");
  const size_t slash = said.find('/');
  EndName name;
  if (slash != std::string::npos) name.netns = said.substr(0, slash);
  name.device = slash == std::string::npos ? said : said.substr(slash + 1);
  if (name.device.empty() || name.device.size() >= IFNAMSIZ ||
      name.device.find_first_of("/ \t\n:%") != std::string::npos)
    reader_.fail_word(value, fmt::format("'{}' is not a valid device name", name.device));
  if (use_ == FileUse::kState) return name;
  if (name.netns.empty()) {
    reader_.fail_word(value,
                      fmt::format("'{}' is in no namespace: write NAMESPACE/{}", said, said));
    return name;
  }
  Node netns = value;
  netns.text = name.netns;
  (void)read_netns(netns);
  return name;
}

void ScenarioReader::read_link(const Node& value) {
  const std::vector<std::string_view> keys = link_keys();
  const MapReader map(reader_, value, "a link", keys);
  ScenarioLink link;
  link.place = value.place;
  for (size_t end = 0; end < 2; end++)
    if (const Node* const name = map.need(kEnds[end])) link.ends[end].name = read_end_name(*name);
  if (const Node* const mode = map.find("mode")) {
    static constexpr std::string_view kModes[] = {"auto", "kernel", "user"};
    (void)reader_.one_of(*mode, "mode", kModes);
    link.mode = mode->text;
  }
  if (const Node* const seed = map.find("seed")) link.seed = reader_.number(*seed, "seed");
  if (const Node* const up = map.find("up")) link.up = reader_.yes_no(*up, "up");
  if (const Node* const probe = map.find("probe")) {
    link.probe_ns = reader_.time_ns(*probe, "probe");
    if (*link.probe_ns < 1000000) reader_.fail(probe->place, "probe: less than 1ms");
  }
  if (const Node* const addresses = map.find("addresses")) read_addresses(*addresses, link);
  if (const Node* const probe = map.find("probe"); probe && use_ == FileUse::kRun)
    if (!has_ipv4(link.ends[0]) || !has_ipv4(link.ends[1]))
      reader_.fail(probe->place, "probe: needs an IPv4 address at both ends");
  read_knobs(map, link);
  if (reader_.failure()) return;
  check_link(link);
  if (const Node* const impair = map.find("impair")) read_link_impair(*impair, link);
  if (const Node* const faults = map.find("faults")) read_link_faults(*faults, link);
  scenario_.links.push_back(std::move(link));
}

// Of the link once; of a device for both ends, or `{a: ..., b: ...}`. The values are checked as
// those of `vnet link add` are.
void ScenarioReader::read_knobs(const MapReader& map, ScenarioLink& link) {
  const auto set = [&](size_t end, std::string_view keyword, const Node& value) {
    const std::string text = reader_.text(value, keyword);
    const Argv words{std::string(keyword), text};
    check_words(value, "link", "add", {"x", words[0], words[1], "peer", "y"});
    link.ends[end].knobs.insert(link.ends[end].knobs.end(), words.begin(), words.end());
  };
  const auto set_both = [&](std::string_view keyword, const Node& value, bool may_be_one) {
    if (value.kind == Node::kMap || !may_be_one) {
      const MapReader ends(reader_, value, keyword, kEnds);
      for (size_t end = 0; end < 2; end++)
        if (const Node* const own = ends.find(kEnds[end])) set(end, keyword, *own);
    } else {
      for (size_t end = 0; end < 2; end++) set(end, keyword, value);
    }
  };
  if (const Node* const mtu = map.find("mtu")) set_both("mtu", *mtu, true);
  if (const Node* const mac = map.find("mac")) set_both("mac", *mac, false);
  for (const Knob& knob : knobs()) {
    const Node* const value = is_key(knob) ? map.find(knob.keyword) : nullptr;
    if (!value) continue;
    if (knob.scope == Scope::kLink) {
      set(0, knob.keyword, *value);
    } else {
      set_both(knob.keyword, *value, true);
    }
  }
}

void ScenarioReader::read_addresses(const Node& value, ScenarioLink& link) {
  const MapReader ends(reader_, value, "addresses", kEnds);
  for (size_t end = 0; end < 2; end++) {
    const Node* const list = ends.find(kEnds[end]);
    if (!list) continue;
    link.said.addresses[end] = true;
    if (list->kind == Node::kList && list->items.empty()) continue;
    link.ends[end].addresses = reader_.texts(*list, "an address");
    for (size_t i = 0; i < link.ends[end].addresses.size(); i++) {
      const Node& at = list->kind == Node::kList ? list->items[i] : *list;
      if (const std::string& address = link.ends[end].addresses[i]; !is_address(address))
        reader_.fail_word(at, fmt::format("'{}' is not an address such as 10.0.0.1/24", address));
    }
  }
}

void ScenarioReader::read_link_impair(const Node& value, ScenarioLink& link) {
  static constexpr std::string_view kDirections[] = {"tx", "rx"};
  const auto take = [&](size_t direction, const Node& text) {
    link.said.impair[direction] = true;
    if (text.text == "none") return;
    Argv words{link.ends[0].name.device, "direction", std::string(kDirections[direction])};
    const Argv said = reader_.words(text, "impair");
    words.insert(words.end(), said.begin(), said.end());
    check_words(text, "impair", "set", words);
    link.impair[direction] = said;
  };
  if (value.kind == Node::kText) return take(0, value);
  const MapReader map(reader_, value, "impair", kDirections);
  for (size_t direction = 0; direction < 2; direction++)
    if (const Node* const text = map.find(kDirections[direction])) take(direction, *text);
}

void ScenarioReader::read_link_faults(const Node& value, ScenarioLink& link) {
  const MapReader map(reader_, value, "faults", kEnds);
  for (size_t end = 0; end < 2; end++) {
    const Node* const list = map.find(kEnds[end]);
    if (!list) continue;
    link.said.faults[end] = true;
    if (list->kind != Node::kList) reader_.fail(list->place, "the faults of an end must be a list");
    for (const Node& item : list->items) {
      const Argv said = reader_.words(item, "a fault");
      Argv words{link.ends[end].name.device};
      words.insert(words.end(), said.begin(), said.end());
      check_words(item, "fault", "add", words);
      link.faults[end].push_back(said);
    }
  }
}

// A user-space driver is found by its devices' names, whatever namespace they are in: a lab's
// differ. A state's were found as they are.
void ScenarioReader::check_link(const ScenarioLink& link) {
  const EndName &a = link.ends[0].name, &b = link.ends[1].name;
  const bool is_state = use_ == FileUse::kState;
  const auto same = [&](const EndName& one, const EndName& other) {
    return is_state ? one == other : one.device == other.device;
  };
  const auto twice = [&](const EndName& name) {
    reader_.fail(link.place,
                 is_state ? fmt::format("device '{}' stands twice", name.text())
                          : fmt::format("device '{}' stands twice: the names must differ, also in "
                                        "different namespaces",
                                        name.device));
  };
  if (same(a, b)) return twice(a);
  for (const ScenarioLink& other : scenario_.links)
    for (const ScenarioEnd& end : other.ends)
      if (same(end.name, a) || same(end.name, b)) return twice(end.name);
}

}  // namespace vnet::cli
