# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# The VLAN filter: off, every tag passes; on, those of the port's VLANs, and the rest is counted.
source "$VNET_TESTS/vm/cases/lib/case.sh"

counts() { vnet_grew b v1 "$@"; } # NAME BY COMMAND...
send() { traffic_in a send_raw v0 "$@"; }
# The tag is in the frame's bytes: of TYPE and TCI (hexadecimal), COUNT times.
tagged() { send "${own//:/}02000000000a${1}${2}88b5:64x${3:-1}"; }
# The tag is beside the frame: a VLAN device puts it there.
beside() { traffic_in a send_raw "$1" "${own//:/}02000000000a88b5:60x$2"; }
ethtool_b() { traffic_in b ethtool -K v1 "$@"; }
filters() { ethtool_b rx-vlan-filter "$1" rx-vlan-stag-filter "$1"; } # on|off
feature() { traffic_in b ethtool -k v1 | sed -n "s/^$1: //p"; }

vlan_on() { # NS DEVICE VID PROTOCOL IP
  ip -n "$1" link add link "$2" name "$2.$3" type vlan proto "$4" id "$3" &&
    ip -n "$1" addr add "$5/24" dev "$2.$3" && ip -n "$1" link set "$2.$3" up
}
vlans() {
  vlan_on a v0 5 802.1Q 10.5.0.1 && vlan_on b v1 5 802.1Q 10.5.0.2 &&
    vlan_on a v0 7 802.1ad 10.7.0.1 && vlan_on b v1 7 802.1ad 10.7.0.2 &&
    vlan_on a v0 6 802.1Q 10.6.0.1 && traffic_link_up a v0.5 && traffic_link_up a v0.7
}
ping_vlans() {
  traffic_ping_both a b 10.5.0.1 10.5.0.2 -i 0.02 && traffic_ping_both a b 10.7.0.1 10.7.0.2 -i 0.02
}

everything_passes() {
  check "members" ping_vlans
  check "others, in the frame" counts rx_frames 2 tagged 8100 0006 2
  check "service tags" counts rx_frames 2 tagged 88a8 0006 2
  check "others, beside the frame" counts rx_frames 2 beside v0.6 2
}
members_pass() {
  check "members" ping_vlans
  check "a file in a VLAN" traffic_file_once a b 10.5.0.2 1000000
  check "others are dropped, tagged in the frame" counts rx_drop_vlan_filter 3 tagged 8100 0006 3
  check "and beside it" counts rx_drop_vlan_filter 3 beside v0.6 3
  check "a service tag with the VID of a customer's" counts rx_drop_vlan_filter 1 tagged 88a8 0005
  check "a customer tag with the VID of a service's" counts rx_drop_vlan_filter 1 tagged 8100 0007
  check "VID 4095" counts rx_drop_vlan_filter 1 tagged 8100 0fff
  check "a member with a priority" counts rx_frames 1 tagged 8100 e005
  check "priority-tagged" counts rx_frames 1 tagged 8100 a000
  check "untagged" traffic_ping a 10.0.0.2 -i 0.02
}

changes() {
  check "a VLAN device opens its VID" vlan_on b v1 6 802.1Q 10.6.0.2
  check "it has traffic" traffic_ping a 10.6.0.2 -i 0.02
  check "a VLAN device deleted" ip -n b link del v1.6
  check "closes its VID" counts rx_drop_vlan_filter 2 beside v0.6 2
  check "down and up" down_and_up
  check "members" ping_vlans
}
down_and_up() { ip -n b link set v1 down && ip -n b link set v1 up && traffic_link_up b v1.5; }

promiscuous() {
  check "tcpdump sees every VLAN" traffic_capture b v1 2 tagged 8100 0006 2
  contains "with its tag" "$traffic_captured" "vlan 6,"
  check "and no longer" counts rx_drop_vlan_filter 2 tagged 8100 0006 2
  ip -n b link set v1 promisc on
  everything_passes
  ip -n b link set v1 promisc off
}

# 300 VIDs that have no device, and a line in the log for each: it takes the stack a while to tell
# them all, the first of them last.
bridge_vids() {
  ip -n b link add br0 type bridge vlan_filtering 1 && ip -n b link set v1 master br0 &&
    bridge -n b vlan add dev v1 vid 100-399 && ip -n b link set br0 up
}
slowly() { echo "func set_vid $1p" >/proc/dynamic_debug/control; } # +|-
toggle() { # ROUNDS
  local round
  slowly +
  traffic_start a ping -q -n -f 10.5.0.2 >/dev/null 2>&1
  vnet_flows b v1 || return 1
  for ((round = 0; round < $1; round++)); do
    filters on && filters off || return 1
  done
  slowly -
  traffic_stop "$traffic_pid" INT
  echo "$round rounds"
}
many() {
  check "a bridge's 300 VIDs" bridge_vids
  check "toggled under traffic, no frame of a member is refused" counts rx_drop_vlan_filter 0 toggle 3
  filters on
  check "a bridge's VID passes" counts rx_frames 1 tagged 8100 0064
  check "the next one does not" counts rx_drop_vlan_filter 1 tagged 8100 0190
  check "members" ping_vlans
  check "the bridge goes" ip -n b link del br0
  check "and takes its VIDs" counts rx_drop_vlan_filter 1 tagged 8100 0064
}

# A frame that XDP sends has its tag in its bytes, and no sk_buff: from v1 to v0, and redirected there
# to u0, which sends it to u1.
redirected() {
  rawlink u0 index 4202 netns a peer u1 netns b && ip -n a link set v0 promisc on &&
    ip -n a link set u0 up && ip -n b link set u1 up && traffic_link_up a u0 &&
    traffic_in b ethtool -K u1 rx-vlan-filter on &&
    traffic_in a ip link set dev v0 xdpdrv object /usr/share/vnet/xdp.o program to_right
}
through_xdp() { # TCI
  local to
  to=$(traffic_in b cat /sys/class/net/u1/address)
  traffic_in b send_raw v1 "${to//:/}02000000000a8100${1}88b5:64x2"
}
xdp() {
  require "a second pair, and a program" redirected
  check "another VLAN" vnet_grew b u1 rx_drop_vlan_filter 2 through_xdp 0006
  check "VID 0" vnet_grew b u1 rx_frames 2 through_xdp 0000
  check "these are accounted for" vnet_conserved a u0 b u1
}

modprobe 8021q
modprobe bridge
load
require "a pair" plain_pair
own=$(traffic_in b cat /sys/class/net/v1/address)
equal "the filter of customer tags" "$(feature rx-vlan-filter)" off
equal "the filter of service tags" "$(feature rx-vlan-stag-filter)" off
require "VLAN devices" vlans
no_probes a b
everything_passes
check "on" filters on
members_pass
changes
promiscuous
check "off" filters off
everything_passes
check "on, and no tag is taken out of a frame" ethtool_b rxvlan off rx-vlan-stag-hw-parse off \
  rx-vlan-filter on rx-vlan-stag-filter on
members_pass
check "as before" ethtool_b rxvlan on rx-vlan-stag-hw-parse on
many
check "all frames are accounted for" vnet_conserved a v0 b v1
xdp
check "unload with filters on" rmmod vnet
finish
