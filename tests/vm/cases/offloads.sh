# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# What a plain pair takes over from the stack: VLAN tags beside the frame, and tunnels' segmentation.
source "$VNET_TESTS/vm/cases/lib/case.sh"

vlan_on() { # NS DEVICE IP PROTOCOL
  ip -n "$1" link add link "$2" name tagged type vlan proto "$4" id 7 &&
    ip -n "$1" addr add "$3/24" dev tagged && ip -n "$1" link set tagged up
}
vlan_pair() {
  vlan_on a v0 10.7.0.1 "$1" && vlan_on b v1 10.7.0.2 "$1" && traffic_link_up a tagged
}
vlan_off() { ip -n a link del tagged && ip -n b link del tagged; }

offload() { # NS DEVICE txvlan|rxvlan on|off PROTOCOL
  local feature=$3
  [[ $5 == 802.1Q ]] || feature=${3:0:2}-vlan-stag-hw-$([[ $3 == tx* ]] && echo insert || echo parse)
  traffic_in "$1" ethtool -K "$2" "$feature" "$4"
}

# Every combination of a sender that inserts and a receiver that strips, or leaves it to the stack.
vlans() { # PROTOCOL
  local protocol=$1 insert strip
  check "$protocol on both ends" vlan_pair "$protocol"
  for insert in on off; do
    for strip in on off; do
      check "insert $insert, strip $strip" set_offloads "$insert" "$strip" "$protocol"
      check "ping" traffic_ping_both a b 10.7.0.1 10.7.0.2 -i 0.02
      check "TCP file" traffic_file_once a b 10.7.0.2 300000
    done
  done
  # v1 neither inserts nor strips now: tcpdump sees the tag in the frame.
  check "capture" traffic_capture b v1 2 traffic_ping a 10.7.0.2 -c 1
  contains "the tag is in the frame" "$traffic_captured" "vlan 7,"
  check "as before" set_offloads on on "$protocol"
  check "the tagged devices go" vlan_off
}
set_offloads() {
  local ns_device
  for ns_device in "a v0" "b v1"; do
    # shellcheck disable=SC2086 # two words
    offload $ns_device txvlan "$1" "$3" && offload $ns_device rxvlan "$2" "$3" || return 1
  done
}

vxlan_on() { # NS DEVICE LOCAL REMOTE IP
  ip -n "$1" link add vx type vxlan id 9 local "$3" remote "$4" dstport 4789 dev "$2" udpcsum &&
    ip -n "$1" addr add "$5/24" dev vx && ip -n "$1" link set vx up
}
tunnel() {
  check "a tunnel" vxlan_on a v0 10.0.0.1 10.0.0.2 10.9.0.1
  check "its other end" vxlan_on b v1 10.0.0.2 10.0.0.1 10.9.0.2
  local before after
  before=$(vnet_counter a v0 tx_frames)
  check "TCP file through the tunnel" traffic_file a b 10.9.0.1 10.9.0.2 3000000
  after=$(vnet_counter a v0 tx_frames)
  # 3 MB are over 2,000 wire frames each way, data one way and acknowledgements the other.
  check "super-frames count as wire frames ($((after - before)))" test $((after - before)) -gt 2000
  traffic_offload_off a v0
  traffic_offload_off b v1
  check "the same, segmented by the stack" traffic_file a b 10.9.0.1 10.9.0.2 500000
  check "no checksum is wrong" traffic_checksums b v1 50 traffic_file_once a b 10.9.0.2 300000
  traffic_offload_on a v0
  traffic_offload_on b v1
}

modprobe 8021q
modprobe vxlan
load
require "a pair" plain_pair
vlans 802.1Q
vlans 802.1ad
tunnel
check "all frames are accounted for" vnet_conserved a v0 b v1
check "unload" rmmod vnet
finish
