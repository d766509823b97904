// SPDX-License-Identifier: GPL-2.0-only
// The kernel's one C++ translation unit: two C++ objects that share a template break `ld -r` of a
// module, because __patchable_function_entries and __mcount_loc point into discarded COMDATs. User
// space compiles the files one by one.
#include "core/boundary.cc"
#include "core/control/codec.cc"
#include "core/control/decode.cc"
#include "core/control/device_values.cc"
#include "core/control/encode.cc"
#include "core/control/schema_gen.cc"
#include "core/device.cc"
#include "core/mac_filter.cc"
#include "core/moderation.cc"
#include "core/params.cc"
#include "core/queue.cc"
#include "core/rss.cc"
#include "core/translate.cc"
#include "core/vlan_filter.cc"
