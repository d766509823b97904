// SPDX-License-Identifier: GPL-2.0-only
// The parts of a report that are the same in each.
#pragma once

#include <string_view>

namespace vnet::cli {

extern const std::string_view kReportStyle, kReportScript, kReportNotes;

}  // namespace vnet::cli
