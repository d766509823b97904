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

# ---- a device that is renamed while it is recorded and captured

capture_begin() {
  traffic_start "$two" "$VNET" capture v1 --with-drops -w "$work/drops.pcapng" 2>"$work/drops.err"
  capture=$traffic_pid
  traffic_wait "$traffic_deadline" test -s "$work/drops.pcapng"
}
capture_end() {
  kill -INT "$capture" && traffic_finish "$capture" "$traffic_deadline"
}
check "renamed: all frames are lost" "$VNET" impair set v0 loss 100%
check "renamed: recorded" log_begin "$one" "$work/renamed.jsonl" v0
check "renamed: captured" capture_begin
check "renamed: an address" ip -n "$one" address replace $a/24 dev v0
check "renamed: static neighbours" ip -n "$one" neighbour replace $b lladdr 02:00:00:00:00:99 dev v0 nud permanent
check "renamed: frames" frames_to v0
check "renamed: another name" rename "$one" v0 w9
check "renamed: its address again" ip -n "$one" address replace $a/24 dev w9
check "renamed: its neighbour again" ip -n "$one" neighbour replace $b lladdr 02:00:00:00:00:99 dev w9 nud permanent
check "renamed: the other end, too" rename "$two" v1 w8
check "renamed: more frames" frames_to w9
check "renamed: other settings" "$VNET" impair set w9 loss 100% duplicate 1%
check "renamed: ends" log_end
check "renamed: the capture ends" capture_end
all_captured() { # a drop for each line of a lost frame
  local lost dropped
  lost=$(log_frames "$work/renamed.jsonl" lost | wc -l)
  dropped=$(tshark -n -r "$work/drops.pcapng" -Y 'frame.comment contains "dropped"' -T fields -e frame.number | wc -l)
  echo "$lost lost, $dropped captured"
  ((lost >= 40 && dropped >= lost))
}
check "renamed: each lost frame is in the capture" all_captured
all_lost() {
  local frames lost
  lost=$(log_frames "$work/renamed.jsonl" lost | wc -l)
  frames=$(jq -s '.[-1].wires[0].queues[0].frames - .[0].links[0].wires[0].queues[0].frames' "$work/renamed.jsonl")
  echo "$frames frames, $lost lost"
  ((frames >= 40 && lost == frames))
}
check "renamed: each frame is there, and how many there were" all_lost
line_of() { [[ $(jq -c "select(.what == \"$1\") | $2" "$work/renamed.jsonl") == "$3" ]]; }
check "renamed: it is said" line_of renamed '[.device, .name]' '["v0","w9"]
["v1","w8"]'
check "renamed: the settings, by the name that the log knows" line_of settings '[.device, .words]' '["v0","loss 100% duplicate 1%"]'
check "renamed: the log is read" says "equal:" "$VNET" diff "$work/renamed.jsonl" "$work/renamed.jsonl"
check "renamed: no loss any more" "$VNET" impair del w9
check "renamed: the names from before" rename "$one" w9 v0
check "renamed: at both ends" rename "$two" w8 v1

check "names: it ends" driver_down
