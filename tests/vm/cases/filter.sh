# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# The MAC filter: what is not for a port is dropped and counted, by reason, and nothing else is.
source "$VNET_TESTS/vm/cases/lib/case.sh"

type=88b5                 # IEEE 802 local experimental
to() { echo "${1//:/}02000000000a$type:60"; } # a frame to that MAC, as send_raw wants it
send() { traffic_in a send_raw v0 "$@"; }
counts() { vnet_grew b v1 "$@"; } # NAME BY COMMAND...

foreign=02:00:00:00:00:99 joined=01:00:5e:01:02:03

unicast() {
  check "foreign unicast is dropped" counts rx_drop_unicast_filter 3 send "$(to $foreign)x3"
  check "own unicast is delivered" counts rx_frames 1 send "$(to "$own")"
  check "broadcast is delivered" counts rx_frames 1 send "$(to ff:ff:ff:ff:ff:ff)"
  ip -n a neigh replace 10.0.0.2 lladdr $foreign dev v0
  check "a wrong neighbour's echoes are dropped" counts rx_drop_unicast_filter 2 \
    not traffic_in a ping -n -q -c 2 -i 0.1 -W 1 10.0.0.2
  ip -n a neigh del 10.0.0.2 dev v0
  check "ping again" traffic_ping a 10.0.0.2 -c 2

  ip -n b link set v1 address 02:00:00:00:00:99
  check "the MAC changed: no longer foreign" counts rx_frames 1 send "$(to $foreign)"
  check "the MAC changed: the old one is" counts rx_drop_unicast_filter 1 send "$(to "$own")"
  ip -n b link set v1 address "$own"
}

promiscuous() {
  ip -n b link set v1 promisc on
  check "foreign unicast, promiscuous" counts rx_frames 2 send "$(to $foreign)x2"
  ip -n b link set v1 promisc off
  check "foreign unicast, no longer promiscuous" counts rx_drop_unicast_filter 1 send "$(to $foreign)"
  check "tcpdump makes it promiscuous" traffic_capture b v1 1 send "$(to $foreign)"
  contains "and sees it" "$traffic_captured" "> $foreign"
}

multicast() {
  check "multicast is dropped" counts rx_drop_multicast_filter 2 send "$(to $joined)x2"
  check "join" ip -n b maddr add $joined dev v1
  check "joined multicast is delivered" counts rx_multicast 2 send "$(to $joined)x2"
  check "other multicast is not" counts rx_drop_multicast_filter 1 send "$(to 01:00:5e:01:02:04)"
  check "leave" ip -n b maddr del $joined dev v1
  check "multicast is dropped after leaving" counts rx_drop_multicast_filter 1 send "$(to $joined)"
  ip -n b link set v1 allmulticast on
  check "multicast, allmulti" counts rx_multicast 1 send "$(to $joined)"
  check "foreign unicast, allmulti" counts rx_drop_unicast_filter 1 send "$(to $foreign)"
  ip -n b link set v1 allmulticast off
  check "multicast, no longer allmulti" counts rx_drop_multicast_filter 1 send "$(to $joined)"
}

macvlan() {
  modprobe macvlan
  ip -n b link add link v1 name mv0 type macvlan mode bridge
  ip -n b addr add 10.0.1.2/24 dev mv0
  ip -n b link set mv0 up
  ip -n a addr add 10.0.1.1/24 dev v0
  check "ping to a macvlan" traffic_ping a 10.0.1.2 -c 2
  check "foreign unicast beside it" counts rx_drop_unicast_filter 1 send "$(to $foreign)"
  ip -n b link del mv0
}

many() { # FIRST-BYTE COUNT: that many addresses
  local i
  for ((i = 0; i < $2; i++)); do
    printf '%s:00:5e:00:01:%02x\n' "$1" "$i"
  done
}
unicasts() { # add|del COUNT
  many 02 "$2" | sed "s/.*/fdb $1 & dev v1 self/" | bridge -n b -batch -
}
# ip's batch mode executes only the first maddr of many.
multicasts() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  many 01 "$2" | traffic_in b bash -c 'while read -r mac; do
    ip maddr "$0" "$mac" dev v1 || exit 1; done' "$1"
}
send_many() { # FIRST-BYTE COUNT
  # shellcheck disable=SC2046 # words are meant
  send $(many "$@" | sed "s/://g; s/\$/02000000000a$type:60/")
}

# The table holds 128: the rest makes the port let in more, never less.
overflow() {
  check "120 unicast addresses" unicasts add 120
  check "all of them are delivered" counts rx_frames 120 send_many 02 120
  check "no other" counts rx_drop_unicast_filter 1 send "$(to $foreign)"
  unicasts del 120
  check "130 unicast addresses" unicasts add 130
  check "all 130 are delivered" counts rx_frames 130 send_many 02 130
  unicasts del 130
  check "none of them any more" counts rx_drop_unicast_filter 130 send_many 02 130
  check "130 multicast addresses" multicasts add 130
  check "all of them are delivered" counts rx_multicast 130 send_many 01 130
  check "unicast is filtered all the same" counts rx_drop_unicast_filter 1 send "$(to $foreign)"
  multicasts del 130
  check "none of them any more" counts rx_drop_multicast_filter 130 send_many 01 130
}

load
require "a pair" plain_pair
own=$(traffic_in b cat /sys/class/net/v1/address)
unicast
promiscuous
multicast
macvlan
overflow
check "all frames are accounted for" vnet_conserved a v0 b v1
finish
