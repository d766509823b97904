#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet explain ... log` where the log has several runs, and where a file that the settings name is gone.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/user/log.sh
. "$here/log.sh"

explained() { "$VNET" explain v0 frame "$1" log "$work/$2.jsonl"; }

must "runs: a pair comes up" plain_pair "$one" "$two"
check "runs: addresses" plain_pair_addresses "$one" $a "$two" $b
check "runs: losses" "$VNET" impair set v0 loss 5%
check "runs: the first" "$VNET" seed set v0 42
check "runs: recorded" begin two
check "runs: frames of the first" flow 100
check "runs: the second" "$VNET" seed set v0 43
check "runs: fewer frames" flow 5
check "runs: ends" log_end
check "runs: a frame that only the first has had" says "frame 41: lost; sent" explained 41 two
check "runs: by its seed" says "seed 0x000000000000002a" explained 41 two
check "runs: with its line" says 'log: {"time"' explained 41 two
check "runs: a frame that both have had is of the last" says "seed 0x000000000000002b" explained 3 two
check "runs: one that none is known to have had" says "a prediction" explained 1000 two
check "runs: what a run before had is not known" says "whether a run before had so many" explained 1000 two
check "runs: with one run there is no such doubt" "$VNET" seed set v0 42
check "runs: recorded again" begin one
check "runs: frames" flow 50
check "runs: ends again" log_end
undoubted() { ! says "whether a run before" explained 1000 one; }
check "runs: none before" undoubted

printf '0 - 1ms -\n1s\n' >"$work/trace.csv"
echo "-8192 0 8192" >"$work/table.dist"
check "files: a trace and a table" "$VNET" impair set v0 loss 5% delay 1ms 10us distribution table "$work/table.dist" \
  trace "$work/trace.csv" loop match udp
check "files: a run" "$VNET" seed set v0 42
check "files: recorded" begin files
check "files: frames" flow 100
check "files: ends" log_end
check "files: both are there" says "frame 41: lost" explained 41 files
rm "$work/trace.csv" "$work/table.dist"
check "files: both are gone" says "frame 41: lost" explained 41 files
check "files: the trace is said to be left out" says "what the trace says" explained 41 files
check "files: so is the table" says "by a table that is not here" explained 41 files
check "files: and the expression" says "only of a frame that 'udp' takes" explained 41 files

check "runs: it ends" driver_down
