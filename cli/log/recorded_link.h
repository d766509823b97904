// SPDX-License-Identifier: GPL-2.0-only
// A link that is recorded, and what decides on it, as its host says. The log goes on calling a
// device by the name that it had at first, whatever it is called meanwhile.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/transport.h"

namespace vnet::cli {

// A link's two devices; a name is empty where it cannot be seen.
struct LinkNames {
  std::array<std::string, 2> names;
  std::array<vnet_u32, 2> indexes{};

  void turn() {
    std::swap(names[0], names[1]);
    std::swap(indexes[0], indexes[1]);
  }
};

struct RecordedQueue {
  vnet_u32 run = 0, loss_state = 0, since_early = 0;
  vnet_u64 frames = 0, after = 0;
  std::optional<vnet_u64> told;  // the sequence that comes next
};

struct RecordedWire {
  std::string words;
  vnet_u64 seed = 0;
  vnet_u32 place = 0;
  std::vector<RecordedQueue> queues;
};

struct RecordedLink {
  std::shared_ptr<Transport> host;
  LinkNames now;
  bool turned = false;                 // against the order in which the host lists its ends
  std::array<std::string, 2> devices;  // as the log calls them
  std::array<RecordedWire, 2> wires;   // by direction, seen from the first device

  // None: it is no end of this link.
  std::optional<size_t> end_of(std::string_view device) const;
  // What it is called now, if `found`, as `other` lists it, is this link. Names do not say so: that
  // is what may have changed. Two ends in two namespaces may have the same index.
  std::optional<LinkNames> names_in(const Transport& other, LinkNames found) const;
  // False: it cannot be asked any more.
  bool ask(vnet_u32 direction, RecordedWire& wire) const;
  Json wire_json(vnet_u32 direction) const;
};

// The links of a host. One that ends meanwhile has none.
std::vector<LinkNames> links_of(Transport& host);

}  // namespace vnet::cli
