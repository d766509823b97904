# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Super-frames that an XDP program redirects: what the way out takes is one valid frame, and what it
# does not is refused and counted.
source "$VNET_TESTS/vm/cases/lib/case.sh"

object=/usr/share/vnet/xdp.o
attach() { traffic_in b ip -force link set dev "$1" xdpdrv object $object program "$2"; }
errors() { vnet_counter b v1 xdp_errors; }
bad_sums() { # TCP segments that c refused for their checksum
  traffic_in c awk '/^Tcp: [0-9]/ { print $NF }' /proc/net/snmp
}

# a:v0 - v1:b:w0 - w1:c, the programs on v1 and w0. The way out takes longer frames than the way in.
relay() {
  local ns
  for ns in a b c; do ip netns add $ns && traffic_no_ipv6 $ns || return 1; done
  rawlink v0 netns a peer v1 index 4201 netns b && rawlink w0 index 4202 netns b peer w1 netns c &&
    ip -n a addr add 10.0.0.1/24 dev v0 && ip -n c addr add 10.0.0.3/24 dev w1 &&
    ip -n b link set w0 mtu 3400 && ip -n c link set w1 mtu 3400 || return 1
  ip -n a link set v0 up
  ip -n b link set v1 up promisc on
  ip -n b link set w0 up promisc on
  ip -n c link set w1 up
  traffic_link_up a v0 && traffic_link_up c w1 && attach v1 to_right_frags && attach w0 to_left_frags
}
conserved() { vnet_conserved a v0 b v1 && vnet_conserved b w0 c w1; }

# Two segments in one frame, which the way out takes.
small() {
  local sums refused
  sums=$(bad_sums) refused=$(errors)
  traffic_file_once a c 10.0.0.3 2800 || return 1
  echo "$(($(bad_sums) - sums)) wrong checksums, $(($(errors) - refused)) refused"
  (($(bad_sums) == sums && $(errors) == refused))
}
# Ten segments in one frame are refused; TCP repeats them one by one.
large() {
  local sums refused
  sums=$(bad_sums) refused=$(errors)
  traffic_file_once a c 10.0.0.3 60000 || return 1
  echo "$(($(bad_sums) - sums)) wrong checksums, $(($(errors) - refused)) refused"
  (($(bad_sums) == sums && $(errors) > refused))
}

# Datagrams would be merged: refused, though the way out would take them.
datagrams() { # SEGMENTS
  traffic_in a udp_gso send 10.0.0.3 7777 600 "$1" 4
}

load
require "two pairs" relay
check "ping" traffic_ping_both a c 10.0.0.1 10.0.0.3 -i 0.02
no_probes a c
check "a super-frame of two segments" small
check "super-frames that are too long" large
check "two datagrams in one frame are refused" vnet_grew b v1 xdp_errors 2 datagrams 2
check "and one by one redirected" vnet_grew b w0 xdp_xmit 4 datagrams 1
check "all frames are accounted for" conserved
traffic_in a ethtool -K v0 tso off
segmented=$(errors)
check "segmented by the sender" traffic_file_once a c 10.0.0.3 1000000
equal "frames refused" "$(errors)" "$segmented"
check "all frames are accounted for" conserved
check "unload" rmmod vnet
finish
