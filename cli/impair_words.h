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
    {.keyword = "distribution",
     .value = "uniform|normal|pareto|paretonormal|table [FILE]",
     .help = "how the delay varies; a table is a file as of tc",
     .binds = "table"},
    {"jitter-reorder", "on|off", "whether a frame with less jitter may overtake"},
    {.keyword = "loss",
     .value = "P|random|gemodel|state|burst|pattern [P] [P] [P] [P] [P]",
     .help = "frames are lost: P each by itself; gemodel p r 1-h 1-k; state p13 p31 p32 p23 p14; "
             "burst rate P mean N; pattern N,N,...",
     .binds = "burst rate"},
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
    {"match", "EXPR", "only frames that this takes are impaired: 'udp port 53', as of tcpdump"},
    {.keyword = "trace",
     .value = "FILE|mahimahi [FILE]",
     .help = "rate, delay and loss change with time, as the file says",
     .binds = "mahimahi"},
    {"loop", "", "with trace: it begins anew at the time of its last row"},
    {"sync", "GROUP", "with trace: one clock for all traces that say so"},
};

// What was read. `values` points into the rest.
struct Impairment {
  vnet_impair_values values{};
  std::vector<vnet_u64> pattern;
  std::vector<vnet_bpf_insn> match;
  std::vector<short> table;
  std::vector<vnet_trace_row> trace;  // on a way of its own
};

// Reads what of these was said, and the files that it names. The error names the word.
Failure read_impairment(const Arguments& arguments, Impairment& impairment);

// The words that make it so again: "delay 20ms 3ms distribution normal loss 1%"; empty: nothing.
std::string impairment_text(const vnet_impair_values& values);

}  // namespace vnet::cli
