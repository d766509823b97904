# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bpf_redirect_peer(), as container networks use it: what comes in at a device of namespace a is received at
# v1 in namespace b, v0's peer, without having crossed the pair.
source "$VNET_TESTS/vm/cases/lib/case.sh"

echos_in_b() { # ICMP echo requests that b's stack has had
  traffic_in b cat /proc/net/snmp | awk '/^Icmp:/ && !names { for (i = 1; i <= NF; i++) if ($i == "InEchos") n = i
    names = 1; next } /^Icmp:/ { print $n }'
}
redirected() {
  local echos packets frames
  echos=$(echos_in_b)
  packets=$(vnet_statistic b v1 rx_packets)
  frames=$(vnet_counter b v1 rx_frames)
  traffic_in c ping -q -n -c 5 -i 0.05 -W 1 10.0.0.2 >/dev/null # its answers go to a
  echo "$(($(echos_in_b) - echos)) requests in b, $(($(vnet_statistic b v1 rx_packets) - packets)) packets"
  (($(echos_in_b) == echos + 5)) || return 1
  (($(vnet_statistic b v1 rx_packets) - packets >= 5)) || return 1
  (($(vnet_counter b v1 rx_frames) - frames < 5))
}

load
require "a pair" plain_pair
ip netns add c
traffic_no_ipv6 c
require "a pair that leads to it" rawlink x0 netns c peer x1 netns a
# The address of v1: what x1 takes in is then v1's, too.
mac=$(traffic_in b cat /sys/class/net/v1/address)
ip -n a link set x1 address "$mac"
ip -n c addr add 10.0.0.3/24 dev x0
ip -n c neigh add 10.0.0.2 lladdr "$mac" dev x0
ip -n c link set x0 up
ip -n a link set x1 up
traffic_link_up c x0
mkdir -p /tmp/bpf
mount -t bpf none /tmp/bpf
modprobe -a sch_ingress cls_bpf
require "the program" redirect_peer "$(traffic_in a cat /sys/class/net/v0/ifindex)" /tmp/bpf/redirect
require "at x1's ingress" traffic_in a tc qdisc add dev x1 clsact
require "its filter" traffic_in a tc filter add dev x1 ingress bpf da object-pinned /tmp/bpf/redirect
check "frames are received at the peer, past the rings" redirected
check "the pair itself still works" traffic_ping_both a b 10.0.0.1 10.0.0.2 -i 0.02
ip -n b link set v1 down
check "the peer is down: nothing breaks" not traffic_in c ping -q -n -c 2 -i 0.05 -W 1 10.0.0.2
ip -n a link del v0
check "the pair is gone: nothing breaks" not traffic_in c ping -q -n -c 2 -i 0.05 -W 1 10.0.0.2
umount /tmp/bpf
ip -n c link del x0
check "unload" rmmod vnet
finish
