// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/trace_upload.h"

#include <vnet/control_gen.h>
#include <vnet/host.h>

#include "core/base/memory.h"
#include "core/params.h"

namespace vnet {

int TraceUpload::add(u64 id, u32 count, u32 at, const void* rows, u32 length, Refusal& why) {
  if (!length || length % sizeof(vnet_trace_row) != 0)
    why = {"trace (trace-rows): whole rows of 32 bytes", VNET_A_IMPAIR_TRACE_ROWS};
  else if (!count || count > VNET_TRACE_MAX)
    why = {"trace (trace-count): 1 to 1048576 rows", VNET_A_IMPAIR_TRACE_COUNT};
  else if (at && (id != id_ || count != count_))
    why = {"trace (trace-upload): another one has begun meanwhile", VNET_A_IMPAIR_TRACE_UPLOAD};
  else if (at && at != at_)
    why = {"trace (trace-at): rows come in order", VNET_A_IMPAIR_TRACE_AT};
  else if (length / sizeof(vnet_trace_row) > count - at)
    why = {"trace (trace-rows): more rows than trace-count says", VNET_A_IMPAIR_TRACE_ROWS,
           VNET_A_IMPAIR_TRACE_COUNT};
  if (why) return kInvalid;
  if (!at) {
    clear();
    rows_ = static_cast<vnet_trace_row*>(vnet_host_alloc(sizeof(vnet_trace_row) * count));
    if (!rows_) return kNoMemory;
    id_ = id;
    count_ = count;
  }
  __builtin_memcpy(rows_ + at, rows, length);
  at_ = at + length / static_cast<u32>(sizeof(vnet_trace_row));
  return 0;
}

void TraceUpload::clear() {
  free_if_any(rows_);
  rows_ = nullptr;
  id_ = 0;
  count_ = at_ = 0;
}

}  // namespace vnet
