// SPDX-License-Identifier: GPL-2.0-only
// What a pair is set to, when it is made and later: the parameters of both ends, and what crosses
// the link.
#pragma once

#include <vnet/control.h>

#include <array>
#include <optional>

#include "user/frame_pool.h"
#include "user/port.h"
#include "user/result.h"

namespace vnet::user {

struct Settings {
  std::array<vnet_params, 2> params;
  bool csum_wire = false;
};

// Of both ends, the first is params[0]'s. Null: nothing of this end.
using Infos = std::array<const vnet_info_values*, 2>;

// What is refused, and at which end's info the attribute stands.
struct InfoRefusal {
  Error error;
  size_t end;
  vnet_u32 attribute;  // VNET_INFO_*
};

// Changes `settings` by what the infos name: ranges have been checked (vnet_core_set_decode()),
// here it is what this driver cannot do and where both ends contradict each other. Refused:
// `settings` means nothing.
std::optional<InfoRefusal> change(Settings& settings, const Infos& infos);

Settings settings_of(const Port& first, const Port& second);

// Makes it so, all of it. A failure, of memory or a TAP's, leaves everything as it was.
Failure apply(const Settings& settings, Port& first, Port& second, FramePool& pool);

// How many frames can be held at once: both rings full, and a batch being sent.
size_t pool_frames(const Settings& settings);

// From the system's randomness.
vnet_u64 drawn_seed();

}  // namespace vnet::user
