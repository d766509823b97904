// SPDX-License-Identifier: GPL-2.0-only
// The layer-4 checksum of a frame that is to be written to a TAP.
#pragma once

#include "user/frame_pool.h"

namespace vnet::user {

// A partial checksum is completed: from now on it has to be right by itself.
void complete_checksum(PoolFrame& frame);

// The receiver's stack is to take TCP's or UDP's checksum for verified, whatever it is. Nothing
// happens to a frame in which none is found, or that has a partial one, which is taken for good
// anyway.
void vouch_for_checksum(PoolFrame& frame);

}  // namespace vnet::user
