// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vnet/impair.h>

// All off, where nothing is.
inline vnet_impairment knobs_in_force(const vnet_device* device) {
  vnet_impairment config;
  if (!vnet_core_impair_get(device, &config)) config = {};
  return config;
}
