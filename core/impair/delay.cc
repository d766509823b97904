// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/delay.h"

#include "core/impair/delay_tables_gen.h"

namespace vnet {
namespace {

template <u32 kCount>
constexpr DelayTable whole(const s16 (&values)[kCount]) {
  return {values, kCount};
}

}  // namespace

DelayTable delay_table(u32 distribution) {
  switch (distribution) {
    case VNET_DISTRIBUTION_NORMAL:
      return whole(kNormalDelays);
    case VNET_DISTRIBUTION_PARETO:
      return whole(kParetoDelays);
    case VNET_DISTRIBUTION_PARETONORMAL:
      return whole(kParetoNormalDelays);
    default:
      return {};
  }
}

}  // namespace vnet
