# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# Super-frames of UDP, sent, forwarded and cut up: each datagram arrives once and unchanged, and
# counts as itself. And frames of unusual make: in fragments only, shared with another device.
source "$VNET_TESTS/vm/cases/lib/case.sh"

count=1000 size=1200
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# From a to IP in NS, in super-frames of 10.
datagrams() { # NS IP [SIZE]
  local receiver size=${3:-$size}
  traffic_next_port
  traffic_start "$1" udp_gso receive "$traffic_port" "$size" $count >"$dir/said" 2>&1
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$dir/said" ready || return 1
  traffic_in a udp_gso send "$2" "$traffic_port" "$size" 10 $count || return 1
  traffic_finish "$receiver" 30
  local status=$?
  cat "$dir/said"
  return "$status"
}
counted() { # NS DEVICE COUNTER NS IP [SIZE]: each datagram is a frame there
  vnet_grew "$1" "$2" "$3" $count datagrams "${@:4}"
}
# What tcpdump on DEVICE sees meanwhile: whether there are datagrams of more than one frame.
saw_super_frames() { [[ $traffic_captured =~ UDP,\ length\ ([2-9]...|1[0-9]...)[^0-9] ]]; }
crosses() { # whole|cut NS DEVICE NS IP
  traffic_capture "$2" "$3" 10 datagrams "$4" "$5" || return 1
  if saw_super_frames; then echo "$3: whole"; else echo "$3: cut"; fi | tee "$dir/how"
  [[ $(<"$dir/how") == "$3: $1" ]]
}

segmentation() {
  check "a super-frame crosses" crosses whole b v1 b 10.0.0.2
  check "and counts as its segments" counted a v0 tx_frames b 10.0.0.2
  traffic_in a ethtool -K v0 tx-udp-segmentation off
  check "without USO the stack cuts it up" crosses cut b v1 b 10.0.0.2
  check "into as many frames" counted a v0 tx_frames b 10.0.0.2
  traffic_in a ethtool -K v0 tx-udp-segmentation on
  traffic_in a ethtool -K v0 tx off >/dev/null
  # Until Linux 6.10 udp_send_skb() refuses this of any device.
  if [[ $KRELEASE == 6.1.* ]]; then
    refused "without checksum offload" "*Input/output error" \
      traffic_in a udp_gso send 10.0.0.2 7777 $size 10 10
  else
    check "without checksum offload as well" counted a v0 tx_frames b 10.0.0.2
  fi
  traffic_in a ethtool -K v0 tx on >/dev/null
  check "datagrams that fill a frame" counted a v0 tx_frames b 10.0.0.2 1472
  check "all frames are accounted for" vnet_conserved a v0 b v1
}

# a:v0 - v1:b:w0 - w1:c, b is a router.
router() {
  ip netns add c && traffic_no_ipv6 c && rawlink w0 netns b peer w1 netns c &&
    ip -n b addr add 10.0.1.2/24 dev w0 && ip -n c addr add 10.0.1.3/24 dev w1 &&
    ip -n b link set w0 up && ip -n c link set w1 up && traffic_link_up c w1 &&
    ip -n a route add 10.0.1.0/24 via 10.0.0.2 && ip -n c route add 10.0.0.0/24 via 10.0.1.2 &&
    traffic_in b bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' &&
    traffic_ping_both a c 10.0.0.1 10.0.1.3 -i 0.02 && no_probes b c
}
routed() { vnet_conserved a v0 b v1 && vnet_conserved b w0 c w1; }
forwarded() { # FEATURE: with it v1 makes super-frames of what came cut, and w0 sends them
  traffic_in b ethtool -K v1 "$1" on
  check "$1: merged" crosses whole c w1 c 10.0.1.3
  check "$1: counted as datagrams" counted b w0 tx_frames c 10.0.1.3
  traffic_in b ethtool -K w0 tx-udp-segmentation off tx-gso-list off
  check "$1: cut up again" crosses cut c w1 c 10.0.1.3
  check "$1: the same number" counted b w0 tx_frames c 10.0.1.3
  traffic_in b ethtool -K w0 tx-udp-segmentation on tx-gso-list on
  traffic_in b ethtool -K v1 "$1" off
  check "all frames are accounted for" routed
}
forwarding() {
  require "a router" router
  traffic_in a ethtool -K v0 tx-udp-segmentation off
  check "nothing is merged unless asked for" crosses cut c w1 c 10.0.1.3
  forwarded rx-gro-list
  forwarded rx-udp-gro-forwarding
  traffic_in a ethtool -K v0 tx-udp-segmentation on
  check "a super-frame through the router" crosses whole c w1 c 10.0.1.3
  check "the way out takes 6000 bytes at a time" ip -n b link set w0 gso_max_size 6000
  check "cut up before it" crosses cut c w1 c 10.0.1.3
  check "counted as datagrams" counted b w0 tx_frames c 10.0.1.3
  check "TCP" traffic_file_once a c 10.0.1.3 2000000
  check "and back" traffic_file_once c a 10.0.0.1 2000000
  check "all frames are accounted for" routed
}

# The ends' MTUs differ. A super-frame is not measured, as with veth (is_skb_forwardable()).
unequal() {
  ip -n a link set v0 mtu 9000
  check "long segments in super-frames" counted b v1 rx_frames b 10.0.0.2 4000
  check "are dropped as frames" vnet_grew a v0 tx_drop_too_long 5 \
    traffic_in a udp_gso send 10.0.0.2 7777 4000 1 5
  ip -n a link set v0 mtu 1500
}

# Of a frame without a linear part but its header: its bytes arrive.
fragments() {
  local to
  to=$(traffic_in b cat /sys/class/net/v1/address)
  ip -n a link set v0 mtu 9000 && ip -n b link set v1 mtu 9000
  check "frames in fragments" traffic_capture b v1 20 \
    traffic_in a send_raw frags:v0 "${to//:/}02000000000a88b5c0ffee:8000x20"
  contains "are whole" "$traffic_captured" "length 8000"
  contains "and unchanged" "$traffic_captured" "c0ff ee00"
  check "padded, tagged and in fragments" tagged_fragments "$to"
  check "all frames are accounted for" vnet_conserved a v0 b v1
  ip -n a link set v0 mtu 1500 && ip -n b link set v1 mtu 1500
}
tagged_fragments() { # MAC: the tag goes into the frame, as the receiver does not strip it
  ip -n a link add link v0 name v0.5 type vlan id 5 && ip -n a link set v0.5 up &&
    traffic_in b ethtool -K v1 rxvlan off &&
    traffic_capture b v1 20 traffic_in a send_raw frags:v0.5 "${1//:/}02000000000a88b5c0ffee:8000x20" &&
    traffic_in b ethtool -K v1 rxvlan on && ip -n a link del v0.5 || return 1
  [[ $traffic_captured == *"length 8004: vlan 5,"*"c0ff ee00"* ]]
}

# A copy of all that v0 sends goes to x0 as well, and shares its bytes.
mirror() {
  rawlink x0 netns a peer x1 netns b && ip -n a link set x0 up &&
    ip -n b link set x1 up promisc on && traffic_link_up a x0 &&
    traffic_in a tc qdisc add dev v0 clsact &&
    traffic_in a tc filter add dev v0 egress matchall action mirred egress mirror dev x0
}
clones() {
  require "a mirror" mirror
  check "super-frames arrive twice" vnet_grew a x0 tx_frames $count counted a v0 tx_frames b 10.0.0.2
  traffic_in b ethtool -K v1 rx-gro-list on
  check "with GRO" counted a v0 tx_frames b 10.0.0.2
  check "TCP" traffic_file_once a b 10.0.0.2 2000000
  check "all frames are accounted for" vnet_conserved a v0 b v1
  check "and the copies" vnet_conserved a x0 b x1
}

load
require "a pair" plain_pair
check "ping" traffic_ping a 10.0.0.2 -c 1
segmentation
unequal
forwarding
fragments
clones
check "unload" rmmod vnet
finish
