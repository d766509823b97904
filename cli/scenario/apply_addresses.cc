// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/apply_addresses.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <bit>

namespace vnet::cli {
namespace {

bool is_ipv6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// "/24", also of "/255.255.255.0".
std::string normal_length(int family, const std::string& length) {
  if (length.empty()) return family == AF_INET ? "/32" : "/128";
  in_addr mask;
  if (family != AF_INET || inet_pton(AF_INET, length.c_str() + 1, &mask) != 1) return length;
  return fmt::format("/{}", std::popcount(mask.s_addr));
}

// "10.0.0.1/24", as the kernel would tell it; what is none is refused by `ip`.
std::string normal_address(const std::string& text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string address = text.substr(0, slash), length = text.substr(slash);
  unsigned char bytes[sizeof(in6_addr)];
  char normal[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6})
    if (inet_pton(family, address.c_str(), bytes) == 1)
      return inet_ntop(family, bytes, normal, sizeof(normal)) + normal_length(family, length);
  return text;
}

}  // namespace

AddressChanges address_changes(const std::string& device, const std::vector<std::string>& said,
                               const std::vector<std::string>& is,
                               const std::vector<std::string>& link_local, bool goes_down) {
  std::vector<std::string> wanted;
  wanted.reserve(said.size());
  for (const std::string& address : said) wanted.push_back(normal_address(address));
  AddressChanges changes;
  // Backwards: the kernel deletes the later addresses of a network along with its first.
  for (auto address = is.rbegin(); address != is.rend(); ++address)
    if (!has(wanted, *address)) changes.gone.push_back({"addr", "del", *address, "dev", device});
  for (const std::string& address : wanted) {
    const bool is_there = has(is, address) || has(link_local, address);
    // It went with another, or, IPv6, as its device went down. Where it did not, as the system's
    // settings have it, "replace" changes nothing.
    const bool may_be_gone = is_ipv6(address) ? goes_down : !changes.gone.empty();
    if (is_there && !may_be_gone) continue;
    Argv words{"addr", is_there ? "replace" : "add", address, "dev", device};
    if (is_ipv6(address)) words.emplace_back("nodad");
    changes.come.push_back(std::move(words));
  }
  return changes;
}

}  // namespace vnet::cli
