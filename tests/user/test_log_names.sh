#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Logs and captures of devices with names that JSON has to quote, and of devices that are renamed meanwhile.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/user/log.sh
. "$here/log.sh"

quoted='q"\x'

must "names: a pair comes up" plain_pair "$one" "$two"
check "names: addresses" plain_pair_addresses "$one" $a "$two" $b
check "names: a wire that loses frames" "$VNET" impair set v0 loss 50%

# ---- a name that JSON has to quote

rename() { # rename NS FROM TO
  ip -n "$1" link set "$2" down && ip -n "$1" link set "$2" name "$3" && ip -n "$1" link set "$3" up &&
    traffic_wait "$traffic_deadline" "$VNET" link show "$3" >"$work/shown"
}
frames_to() { traffic_in "$one" ping -n -q -I "$1" -c 20 -i 0.01 -W 1 $b >"$work/pinged"; true; }
check "quoted: the name" rename "$one" v0 "$quoted"
check "quoted: its address again" ip -n "$one" address replace $a/24 dev "$quoted"
check "quoted: recorded" log_begin "$one" "$work/quoted.jsonl" "$quoted"
check "quoted: frames" frames_to "$quoted"
check "quoted: ends" log_end
quoted_losses() {
  (($(jq -r --arg name "$quoted" 'select(.what == "lost" and .device == $name) | .frame' "$work/quoted.jsonl" | wc -l) > 0))
}
check "quoted: each line is JSON, and has the name" quoted_losses
check "quoted: the log is read" says "equal:" "$VNET" diff "$work/quoted.jsonl" "$work/quoted.jsonl"
check "quoted: the name from before" rename "$one" "$quoted" v0

check "names: it ends" driver_down
