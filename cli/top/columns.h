// SPDX-License-Identifier: GPL-2.0-only
// The table of `vnet top`: one line for a device or a queue, plain ASCII.
#pragma once

#include <string>
#include <string_view>

#include "cli/top/rates.h"

namespace vnet::cli {

inline constexpr int kLeastTableWidth = 80;

// At most five characters: "0", "0.25", "999", "1.23k", "12.3M"; decimal prefixes.
std::string short_number(double value);

// "####......", `width` characters; what is not empty has at least one '#'.
std::string bar(double fraction, int width);

// The bar of the ring takes what `width` leaves. Below 80 columns the lines are 80 wide.
std::string table_header(int width);
std::string table_row(std::string_view name, const Rates& rates, int width);
// Rate and total of one kind of drop, below its device.
std::string drop_row(DropKind kind, double rate, vnet_u64 total);

}  // namespace vnet::cli
