// SPDX-License-Identifier: GPL-2.0-only
// A super-frame becomes the frames of the wire that it stands for, as Linux's stack would make
// them.
#pragma once

#include "user/frame_pool.h"

namespace vnet::user {

// A list, linked by next; the super-frame is given back. Null: no memory for it, or it is none of
// TCP or UDP over IP with a partial checksum, which all are that a stack sends; it is unchanged.
vnet_frame* cut_up(PoolFrame& frame);

}  // namespace vnet::user
