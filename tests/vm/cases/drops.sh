# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# The multicast group `drops`: each dropped frame with its bytes and the reason, for who may see them.
source "$VNET_TESTS/vm/cases/lib/case.sh"

hear() { # NS
  heard=$(mktemp)
  traffic_start "$1" nlvnet listen drops 100000 1000 >"$heard"
  traffic_wait 10 traffic_file_says "$heard" listening
}
# What was heard; of long frames how many bytes came, which no pattern could count.
lines() {
  sed 1d "$heard" | awk '{
    for (i = 1; i <= NF; i++) if ($i ~ /^data=/ && length($i) > 405) $i = "bytes=" (length($i) - 5) / 2
    print }'
}
# told TEXT NS WANTED COUNT COMMAND...: COMMAND makes NS hear of COUNT drops that match WANTED.
told() {
  local text=$1 ns=$2 wanted=$3 count=$4
  shift 4
  hear "$ns"
  "$@" >/dev/null 2>&1
  enough() { (($(lines | grep -cE "$wanted") >= count)); }
  traffic_wait 5 enough
  sleep 0.1
  equal "$text: drops told" "$(lines | grep -cE "$wanted")" "$count"
  equal "$text: others" "$(lines | grep -cvE "$wanted")" 0
  traffic_stop "$traffic_pid"
}
stranger() { traffic_in a ping -q -c "$1" -i 0.02 -W 0.1 -s "${2:-56}" 10.0.0.9; }

load
require "a pair" plain_pair mtu 9000
traffic_in a ip neigh replace 10.0.0.9 lladdr 02:00:00:00:99:99 dev v0
told "a frame for another address" b \
  " ifname=v1 queue=0 direction=rx reason=unicast-filter length=98 data=020000009999[0-9a-f]{184}( |$)" 3 stranger 3
contains "with the bytes of ICMP" "$(tail -n 1 "$heard")" 08004500
told "its like in the sender's namespace" a nothing 0 stranger 1
told "a jumbo frame, whole" b " length=9014 bytes=9014" 2 stranger 2 8972
traffic_in a ip link set v0 mtu 20000
told "longer than the receiver takes, in the sender's namespace" a \
  " ifname=v0 queue=0 direction=tx reason=too-long length=15042 bytes=9216" 1 stranger 1 15000
traffic_in a ip link set v0 mtu 9000
# A tag beside the frame is where it would be on the wire.
tagged() {
  traffic_in a ip link add link v0 name v0.7 type vlan id 7
  traffic_in a ip addr add 10.7.0.1/24 dev v0.7
  traffic_in a ip link set v0.7 up
  traffic_in a ip neigh replace 10.7.0.9 lladdr 02:00:00:00:99:99 dev v0.7
  traffic_in a ping -q -c 1 -W 0.1 10.7.0.9
  traffic_in a ip link del v0.7
}
told "a tagged frame" b "reason=unicast-filter length=102 data=020000009999[0-9a-f]{12}810000070800" 1 tagged
ring() {
  # Nobody takes frames off the ring while the poll waits. If the stop comes too late for that, there is another try.
  traffic_in b nlvnet link-set device.ifname=v1 device.info.rx-ring=64 device.info.rx-usecs=100000
  traffic_in a send_raw v0 "${to//:/}02000000000188b5:100x50"
  ip -n b link set v1 down
}
to=$(traffic_in b cat /sys/class/net/v1/address)
hear b
ring >/dev/null
stopped() {
  grep -q "direction=rx reason=stopped" "$heard" && return
  ip -n b link set v1 up
  traffic_link_up b v1
  ring
  false
}
check "what was in a ring that a stop emptied" traffic_wait 20 stopped
traffic_stop "$traffic_pid"
ip -n b link set v1 up
traffic_in b nlvnet device-set ifname=v1 info.rx-usecs=0
traffic_link_up b v1
told "without listeners nothing is kept" b nothing 0 true
before=$(vnet_counter b v1 rx_drop_unicast_filter)
hear b
traffic_in a ping -q -f -c 2000 -W 0.1 10.0.0.9 >/dev/null
all_or_lost() {
  local told
  told=$(grep -c reason=unicast-filter "$heard")
  ((told == $(vnet_counter b v1 rx_drop_unicast_filter) - before)) || grep -q ENOBUFS "$heard"
}
check "a flood: all are told, or the listener knows that not" traffic_wait 10 all_or_lost
traffic_stop "$traffic_pid"

refused "listening as uid 65534" "EPERM: joining drops" traffic_in b "${as_nobody[@]}" nlvnet listen drops 1 1
refused "as root of a user namespace only" "EPERM: joining drops" \
  traffic_in b "${as_nobody[@]}" unshare -Ur nlvnet listen drops 1 1
check "in a network namespace of one's own" "${as_nobody[@]}" unshare -Urn nlvnet listen drops 1 0
check "events are for all" traffic_in b "${as_nobody[@]}" nlvnet listen events 1 0
check "all frames are accounted for" vnet_conserved a v0 b v1
check "unload" rmmod vnet
finish
