#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A plain pair with its ends in two namespaces.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
ns_new three three
a=10.9.0.1
b=10.9.0.2

large_frames() {
  ip -n "$one" link set left mtu 9000
  ip -n "$two" link set right mtu 9000
  traffic_ping_both "$one" "$two" $a $b -s 8900 -M "do"
}
mtu_limits() { # what the other end cannot take is dropped there, and counted
  ip -n "$one" link set left mtu 9000
  ip -n "$two" link set right mtu 1500
  ! traffic_in "$one" ping -n -c 3 -i 0.2 -W 1 -s 8000 -M "do" $b
  report && echo "left tx_drop_too_long $(counter left tx_drop_too_long)" &&
    (($(counter left tx_drop_too_long) >= 3))
}
move_to_three() {
  ip -n "$two" link set right netns "$three"
  ip -n "$three" addr add $b/24 dev right
  ip -n "$three" link set right up
  traffic_link_up "$three" right && traffic_ping_both "$one" "$three" $a $b
}
move_home() { # into the driver's own namespace, and out again
  ip -n "$three" link set right netns "$one"
  ip -n "$one" link set right netns "$two"
  ip -n "$two" addr add $b/24 dev right
  ip -n "$two" link set right up
  traffic_link_up "$two" right && traffic_ping_both "$one" "$two" $a $b
}
carrier_follows() {
  ip -n "$two" link set right down
  traffic_wait "$traffic_deadline" lost_carrier || return 1
  ip -n "$two" link set right up
  traffic_link_up "$one" left
}
lost_carrier() { [[ $(ip -n "$one" link show left) == *NO-CARRIER* ]]; }
new_mac() { # the filter follows the address
  ip -n "$two" link set right address 02:00:00:00:00:99
  ip -n "$one" neigh flush all
  traffic_ping "$one" $b
}
offloads() { # the other end of a TAP without offloads: complete checksums, no super-frames
  traffic_offload_off "$one" left
  traffic_offload_off "$two" right
  traffic_checksums "$two" right 100 traffic_file "$one" "$two" $a $b 300000
}
bridged() { # a bridge makes its port promiscuous: foreign unicast passes
  ip -n "$two" link add bridge type bridge || return 1
  ip -n "$two" addr flush dev right
  ip -n "$two" link set right master bridge
  ip -n "$two" addr add $b/24 dev bridge
  ip -n "$two" link set bridge up
  ip -n "$one" neigh flush all
  traffic_wait "$traffic_deadline" traffic_ping "$one" $b -c 1 && traffic_ping "$one" $b
}

must "pair: the devices come up" driver_up "$one" --pair left right
must "pair: one end moves before it is up" ip -n "$one" link set right netns "$two"
must "pair: addresses" plain_addresses "$one" left "$two" right
check "pair: ping both ways" traffic_ping_both "$one" "$two" $a $b
check "pair: IPv6 ping both ways" traffic_ping_both "$one" "$two" fd00:9::1 fd00:9::2
check "pair: UDP both ways" traffic_udp "$one" "$two" $a $b
check "pair: UDP over IPv6, fragmented" traffic_udp "$one" "$two" fd00:9::1 fd00:9::2 5 4000
check "pair: a flood of 10000 pings, none lost" traffic_flood "$one" "$two" $a $b 10000
check "pair: iperf3 both ways" traffic_iperf3 "$one" "$two" $a $b 5
check "pair: 100 MB over TCP, both ways" traffic_file "$one" "$two" $a $b 100000000
check "pair: 10 MB over IPv6" traffic_file "$one" "$two" fd00:9::1 fd00:9::2 10000000
check "pair: frames are conserved" conserved
check "pair: no write to a TAP failed" expect_counter right tap_write_invalid 0
check "pair: MTU 9000, ping -s 8900 -M do" large_frames
check "pair: too long for the receiver" mtu_limits
check "pair: the carrier follows the other end" carrier_follows
check "pair: a new MAC address" new_mac
check "pair: moved again while up" move_to_three
check "pair: moved home and away" move_home
check "pair: offloads off, checksums in the capture" offloads
check "pair: right in a bridge" bridged
check "pair: frames are conserved at last" conserved
check "pair: it ends" driver_down
