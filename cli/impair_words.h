// SPDX-License-Identifier: GPL-2.0-only
// Impairments as they are written: tc-netem's words and units.
#pragma once

#include <string>
#include <vector>

#include "cli/grammar.h"

namespace vnet::cli {

// The parameters of `vnet impair set`, beside the device and the direction.
inline constexpr Parameter kImpairWords[] = {
    {"delay|latency", "TIME [JITTER]", "how long a frame takes, and by how much that varies"},
    {"distribution", "uniform|normal|pareto|paretonormal", "how the delay varies"},
    {"jitter-reorder", "on|off", "whether a frame with less jitter may overtake"},
    {"loss", "P|random|gemodel|state|burst|pattern [P] [P] [P] [P] [P]",
     "frames are lost: P each by itself; gemodel p r 1-h 1-k; state p13 p31 p32 p23 p14; burst P "
     "mean N; pattern N,N,..."},
    {"mean", "N", "with loss burst: frames in a burst on average"},
    {"duplicate", "P", "frames come twice"},
    {"corrupt", "P", "bits of a frame turn"},
    {"bits", "N", "with corrupt: how many bits, 1 to 32"},
    {"truncate", "P", "frames longer than `to` are cut"},
    {"to", "BYTES", "with truncate: what stays of them, 14 to 65535 bytes"},
    {"reorder", "P", "frames go without the delay, and so overtake"},
    {"gap", "N", "with reorder: at most one of so many frames"},
    {"rate", "RATE", "how fast the wire is"},
    {"burst", "BYTES", "with rate: what may follow at once after a rest"},
    {"overhead", "BYTES", "with rate: what each frame takes besides its own bytes"},
    {"limit", "N", "how many frames may be on the wire and before it"},
    {"limit-bytes", "BYTES", "how many bytes may be"},
    {"gso", "cut|keep", "whether super-frames are cut up where that makes a difference"},
};

// What was read; the pattern is what `values` points to.
struct Impairment {
  vnet_impair_values values{};
  std::vector<vnet_u64> pattern;
};

// Reads what of these was said. The error names the word.
Failure read_impairment(const Arguments& arguments, Impairment& impairment);

// The words that make it so again: "delay 20ms 3ms distribution normal loss 1%"; empty: nothing.
std::string impairment_text(const vnet_impair_values& values);

}  // namespace vnet::cli
