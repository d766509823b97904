# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Plain pairs through rtnetlink: names, namespaces, attributes, and how they end.
source "$VNET_TESTS/vm/cases/lib/case.sh"

links() { ip -o link | sed -nE 's/^[0-9]+: ([^@:]+).*/\1/p' | xargs; }
nothing_but_lo() { [[ $(links) == lo ]]; }

names() {
  check "ip link add type vnet" ip link add type vnet
  equal "links" "$(links)" "lo vnet0 vnet1"
  check "ip link add v0 type vnet" ip link add v0 type vnet
  equal "links" "$(links)" "lo vnet0 vnet1 vnet2 v0"
  contains "v0 names its peer" "$(ip -o link show v0)" "v0@vnet2:"
  contains "and its peer v0" "$(ip -o link show vnet2)" "vnet2@v0:"
  contains "its kind" "$(ip -d -o link show v0)" " vnet "
  check "delete the first of one" ip link del vnet0
  check "delete the second of the other" ip link del vnet2
  check "both ends of both are gone" nothing_but_lo
  check "a name with %d" ip link add 'net%d' type vnet
  equal "links" "$(links)" "lo vnet0 net0"
  ip link del net0
  check "one pattern at both ends" rawlink 'v%d' peer 'v%d'
  equal "links" "$(links)" "lo v0 v1"
  ip link del v1
  check "no VETH_INFO_PEER at all" rawlink v0 omit-peer
  check "an empty VETH_INFO_PEER" rawlink v1
  equal "links" "$(links)" "lo vnet0 v0 vnet1 v1"
  ip link del v0
  ip link del v1
}

attributes() {
  check "everything said" rawlink v0 address 02:00:00:00:00:01 mtu 9000 txqueues 4 rxqueues 4 \
    peer v1 address 02:00:00:00:00:02 mtu 1400 index 77
  equal "address of v0" "$(</sys/class/net/v0/address)" 02:00:00:00:00:01
  equal "address of v1" "$(</sys/class/net/v1/address)" 02:00:00:00:00:02
  equal "MTU of v0" "$(</sys/class/net/v0/mtu)" 9000
  equal "MTU of v1" "$(</sys/class/net/v1/mtu)" 1400
  equal "index of v1" "$(</sys/class/net/v1/ifindex)" 77
  equal "queues of v0" "$(sioc v0 registers | sed -n 's/^queues //p')" 4
  equal "queues of v1, inherited" "$(sioc v1 registers | sed -n 's/^queues //p')" 4
  equal "MTU in the registers" "$(sioc v1 registers | sed -n 's/^mtu //p')" 1400
  ip link del v0
  check "one address said: the peer gets another" rawlink v0 address 02:00:00:00:00:01 omit-peer
  check "the addresses differ" not test "$(</sys/class/net/vnet0/address)" = 02:00:00:00:00:01
  ip link del v0
}

limits() {
  local mtu
  ip link add v0 type vnet
  for mtu in 68 65535 1500; do
    check "MTU $mtu" ip link set v0 mtu $mtu
  done
  for mtu in 0 67 65536 4294967295; do
    refused "MTU $mtu" "*" ip link set v0 mtu $mtu
  done
  equal "MTU afterwards" "$(</sys/class/net/v0/mtu)" 1500
  refused "multicast address" "*Cannot assign requested address*" ip link set v0 address 01:00:00:00:00:01
  refused "zero address" "*Cannot assign requested address*" ip link set v0 address 00:00:00:00:00:00
  check "name v2" ip link set v0 name v2
  contains "the peer follows" "$(ip -o link show vnet0)" "vnet0@v2:"
  refused "an end moved under a taken name" "*File exists*" ip link set v2 name vnet0
  ip link del v2
  check "64 queues" rawlink v0 txqueues 64 rxqueues 64
  check "they come up" ip link set v0 up
  ip link del v0
}

namespaces() {
  ip netns add a
  ip netns add b
  check "peer made in another namespace" rawlink v0 peer v1 netns b
  contains "v0 shows where" "$(ip -d -o link show v0)" "link-netns"
  contains "v1 shows where" "$(ip -n b -d -o link show v1)" "link-netns"
  equal "v0's iflink" "$(</sys/class/net/v0/iflink)" \
    "$(traffic_in b cat /sys/class/net/v1/ifindex)"
  check "move v0, too" ip link set v0 netns a
  check "v1 back here" ip -n b link set v1 netns 1
  contains "v1 names no device of here" "$(ip -o link show v1)" "v1@if"
  ip link set v1 netns b
  check "pair works after moves" pair_addresses
  check "ping" traffic_ping_both a b 10.0.0.1 10.0.0.2 -c 2
  check "delete v1 where it is" ip -n b link del v1
  check "v0 is gone, too" not traffic_in a test -e /sys/class/net/v0

  check "both ends elsewhere" rawlink v0 netns a peer v1 netns b
  check "the same name at both ends" rawlink same netns a peer same netns b
  check "delete namespace b" ip netns del b
  check "its peers in a end with it" traffic_wait 10 a_is_empty
  equal "links here" "$(links)" lo
  check "pair within a" rawlink v0 netns a peer v1 netns a
  check "delete namespace a" ip netns del a
  check "a pair across the end of a namespace" pair_across
}
a_is_empty() { [[ $(ip -n a -o link) != *@* ]]; }
pair_across() {
  ip netns add c && rawlink here peer there netns c && ip netns del c &&
    traffic_wait 10 not exists here
}

many_pairs() {
  local i
  for ((i = 0; i < 200; i++)); do echo "link add p$i type vnet"; done | ip -batch - || return 1
  (($(link_count) == 401)) || return 1
  # Either end takes the other with it.
  for ((i = 0; i < 200; i++)); do
    if ((i % 2)); then echo "link del p$i"; else echo "link del vnet$i"; fi
  done | ip -batch - || return 1
  nothing_but_lo
}

rounds() {
  local i
  for ((i = 0; i < 20; i++)); do
    rawlink v0 peer v1 && ip link set v0 up && ip link set v1 up && ip link del v1 || return 1
  done
  nothing_but_lo
}

load
names
attributes
limits
namespaces
check "200 pairs made and deleted" many_pairs
check "20 times made, opened and deleted" rounds
ip link add type vnet
ip netns add a && ip link set vnet1 netns a
check "unload deletes pairs, also across namespaces" rmmod vnet
check "nothing is left" nothing_but_lo
finish
